/* What is allowed in a policy and yet not wise, as warnings: quorums that nobody can meet, roads that one
 * person can block, accounts that are root by another name. */
#pragma once

#include "policy/rules/policy.h"
#include "policy/rules/signers.h"

/* Adds warnings to the problems of a policy that is read. Not for the gate: it takes milliseconds in a large
 * policy. -ENOMEM only. */
int bg_policy_check(struct bg_policy *policy);

/* What only shows with the signers at hand, at `now`: people in a quorum without a key that signs (or without
 * a FIDO key where RequireVerified=yes asks for one), lines that the people with keys cannot meet, names that
 * nobody enrolled. Adds warnings to `problems`, which may be those of the policy. -ENOMEM only. */
int bg_policy_check_signers(const struct bg_policy *policy, const struct bg_signers *signers, int64_t now,
                            struct bg_problems *problems);
