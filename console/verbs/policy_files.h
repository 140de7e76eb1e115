/* Policy and signers, of this host or of files that are not installed yet. */
#pragma once

#include "policy/base/error.h"
#include "policy/base/list.h"
#include "policy/base/name.h"
#include "policy/rules/policy.h"
#include "policy/rules/signers.h"

struct policy_files {
    struct bg_policy policy;
    struct bg_signers signers;
    bool has_policy, has_signers; /* any were read: without signers nothing can be said about keys */
};

/* No paths: this host's. Else each path is a policy file, a signers file (its name begins with "signers"), or
 * a folder laid out as /etc/breakglass. 0, or -errno with a sentence. */
int policy_files_load(struct policy_files *f, const struct bg_list *paths, struct bg_sentence *err);
void policy_files_free(struct policy_files *f);
/* Prints each behind the indent; gives how many are errors. */
size_t policy_files_problems(const char *indent, const struct bg_problems *problems);
void policy_files_digest(const char *what, const unsigned char digest[BG_DIGEST_BYTES]);
