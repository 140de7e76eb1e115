/* Which keys in an account's authorized_keys files the gate will refuse. */
#pragma once

#include "policy/base/list.h"
#include "policy/rules/policy.h"
#include "policy/rules/signers.h"

#include <stdint.h>

/* Adds a sentence for each key in the files that sshd reads for `account` (`effective`: gate_sshd_effective's
 * text) that names nobody, or a person who needs a grant from now on. -ENOMEM only; files that cannot be read
 * get a sentence. */
int gate_keys_refused(const char *effective, const char *account, const struct bg_signers *signers,
                      const struct bg_policy *policy, const char *host, int64_t now,
                      struct bg_list *sentences);
