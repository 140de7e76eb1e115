/* SPDX-License-Identifier: ISC */
/* Policy files to one policy: each file's lines are kept, and read together once the last one is there. */
#include "policy/rules/load.h"

#include "policy/rules/draft.h"
#include "policy/rules/files.h"
#include "policy/rules/parse.h"

#include <errno.h>

/* --- from texts --- */

static int have_draft(struct bg_policy *policy)
{
    if (!policy->draft)
        policy->draft = bg_policy_draft_new();
    if (policy->draft)
        return 0;
    policy->broken = true;
    return -ENOMEM;
}

int bg_policy_add(struct bg_policy *policy, const char *file, const char *text, size_t len)
{
    int r = have_draft(policy);

    if (r >= 0)
        r = bg_policy_draft_add(policy->draft, file, text, len);
    if (r < 0)
        policy->broken = true;
    return r;
}

int bg_policy_settle(struct bg_policy *policy)
{
    int r = have_draft(policy);

    if (r < 0)
        return r;
    (void)crypto_hash_sha256_final(&policy->draft->hash, policy->digest);
    r = bg_policy_parse(policy, policy->draft);
    bg_policy_draft_free(policy->draft);
    policy->draft = NULL;
    if (r < 0)
        policy->broken = true;
    return r;
}

/* --- from files --- */

static int add(void *policy, const char *file, const char *text, size_t len)
{
    return bg_policy_add(policy, file, text, len);
}

int bg_policy_load(struct bg_policy *policy, const struct bg_root *root)
{
    struct bg_rule_files files = {
        .main = "policy.conf",
        .folder = "policy.d",
        .needed = true,
        .add = add,
        .rules = policy,
        .problems = &policy->problems,
        .changed = &policy->changed,
    };
    int r, s;

    bg_policy_begin(policy);
    r = bg_rule_files_read(&files, root);
    /* A part that is missing may be the one that forbids. */
    if (r < 0 || policy->problems.errors > 0)
        policy->broken = true;
    s = bg_policy_settle(policy);
    return r < 0 ? r : s;
}
