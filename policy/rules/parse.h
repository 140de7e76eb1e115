/* Internal to load.c: what the lines of policy files mean. */
#pragma once

#include "policy/rules/draft.h"
#include "policy/rules/policy.h"

/* Reads the lines into the policy. What is wrong becomes a problem, and disables one role or all. -ENOMEM
 * only. */
int bg_policy_parse(struct bg_policy *policy, const struct bg_policy_draft *draft);
