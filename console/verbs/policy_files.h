/* Policy and signers, of this host or of files that are not installed yet. */
#pragma once

#include "policy/base/error.h"
#include "policy/base/list.h"
#include "policy/rules/policy.h"
#include "policy/rules/signers.h"

/* No paths: this host's. Else each path is a policy file, a signers file (its name begins with "signers"), or
 * a folder laid out as /etc/breakglass. has_signers says whether any signers were read: without them nothing
 * can be said about keys. 0, or -errno with a sentence. */
int policy_files_load(const struct bg_list *paths, struct bg_policy *policy, struct bg_signers *signers,
                      bool *has_signers, struct bg_sentence *err);
