/* Internal to policy.c and policy-read.c: the lines of all files, kept until all are there, so that a group
 * may stand in a later file than the role that names it. */
#pragma once

#include "policy/rules/policy.h"

#include <sodium.h>

struct bg_policy_draft {
    struct bg_draft_line {
        const char *file, *section, *name, *key, *value, *bad; /* as struct bg_conf_line */
        unsigned line, header;
        char *texts; /* what the strings are in */
    } * v;
    size_t n;
    crypto_hash_sha256_state hash;
};
void bg_policy_draft_free(struct bg_policy_draft *draft); /* also frees draft */
/* Reads policy->draft into the policy. -ENOMEM only. */
int bg_policy_read(struct bg_policy *policy);
