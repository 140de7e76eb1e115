/* Internal to load.c and parse.c: the lines of all policy files, kept until all are there, so that a group
 * may stand in a later file than the role that names it. */
#pragma once

#include <sodium.h>
#include <stddef.h>

struct bg_policy_draft {
    struct bg_draft_line {
        const char *file, *section, *name, *key, *value, *bad; /* as struct bg_conf_line */
        unsigned line, header;
        char *texts; /* what the strings are in */
    } * v;
    size_t n;
    crypto_hash_sha256_state hash; /* of the files: for each its name and its bytes, both length-prefixed */
};

/* An empty one, to be freed; NULL without memory. */
struct bg_policy_draft *bg_policy_draft_new(void);
void bg_policy_draft_free(struct bg_policy_draft *draft); /* also frees draft */
/* Adds the lines of one file. -ENOMEM only. */
int bg_policy_draft_add(struct bg_policy_draft *draft, const char *file, const char *text, size_t len);
