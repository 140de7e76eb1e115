/* This host as one value: everything that a decision about a grant is made from, loaded once. */
#pragma once

#include "policy/base/error.h"
#include "policy/base/file.h"
#include "policy/decide/decide.h"
#include "policy/decide/host.h"
#include "policy/rules/policy.h"
#include "policy/rules/signers.h"
#include "policy/store/store.h"

#include <stdbool.h>
#include <stdint.h>

struct bg_site {
    struct bg_root root; /* borrowed: the caller keeps it open */
    struct bg_store store;
    struct bg_host host;
    bool has_host;
    struct bg_sentence host_error; /* why not */
    struct bg_policy policy;       /* its problems say what is wrong with it */
    struct bg_signers signers;     /* likewise */
    bool locked;
    char boot[BG_BOOT_SIZE]; /* which boot this is: read once, for it needs a file; "" where it cannot be */
};

/* Reads host, lock, policy and signers. What is missing or wrong is in the value itself, and opens nothing.
 * quick: without the digest of signers (2/3 of the time that they take), which the gate needs for nothing.
 * -ENOMEM only; the value can be freed then, too. */
int bg_site_load(struct bg_site *site, const struct bg_root *root, bool quick);
void bg_site_free(struct bg_site *site);

/* Whether etc/breakglass/locked is there; "cannot tell" is yes. */
bool bg_site_is_locked(const struct bg_root *root);

/* A question about this host; person and account are left to the caller. */
struct bg_question bg_site_question(const struct bg_site *site, int64_t now);
/* This host's clocks; wall: the wall clock as it was read. While the boot's id cannot be read each call tries
 * again, and nothing is known to be of this boot. */
void bg_site_clock(struct bg_clock *clock, const struct bg_site *site, int64_t wall);
/* bg_store_decide by this host's clocks; the question's `now` is the wall clock. policy: the site's, or
 * another. */
int bg_site_decide(struct bg_answer *answer, const struct bg_site *site, const struct bg_policy *policy,
                   const struct bg_grant *grant, const struct bg_question *question);
/* Whether nothing opens here for anybody: no host, locked, or a broken policy. The answer then says which. */
bool bg_site_opens_nothing(const struct bg_site *site, struct bg_answer *answer);
