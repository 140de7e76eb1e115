/* The store: statements as files, the union of var/lib/breakglass and run/breakglass/store. */
#pragma once

#include "policy/decide/decide.h"
#include "policy/base/error.h"
#include "policy/base/file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BG_LIVE_MAX 32       /* live requests a person */
#define BG_RESPONSES_MAX 128 /* statements kept of one request */
#define BG_EARLY_MAX 64      /* approvals and closes kept of one signer for requests not seen here yet */

struct bg_store {
    struct bg_root root; /* borrowed fd: the caller keeps the root open */
};

/* --- reading; all of these work with read-only and full disks --- */

/* Loads one grant (union of both places), from archive/ if it is not live (grant->archived). -ENOENT where
 * there is none. Files that are not safe, too large or do not parse are left out: they can only take away.
 * What could be the close or the mark that shut it and cannot be read counts as closed. A folder may hold
 * statements without a request. */
int bg_store_load(const struct bg_store *store, const char *person, const char *id, struct bg_grant *grant);
/* Adds an approval, close or review, which is the grant's from then on. 0 or -ENOMEM. */
int bg_store_respond(struct bg_grant *grant, struct bg_signed *s);

struct bg_grants {
    struct bg_grant *v;
    size_t n;
};
/* All grants of one person, newest request first; at most BG_LIVE_MAX * 2 are read. archived: those from
 * archive/ too. */
int bg_store_load_person(const struct bg_store *store, const char *person, bool archived,
                         struct bg_grants *grants);
void bg_grants_free(struct bg_grants *grants);
/* Calls `each` with (person, id) for every grant folder of everybody; the broker's and lists' use, never the
 * gate's. */
int bg_store_each(const struct bg_store *store, bool archived,
                  int (*each)(const char *person, const char *id, bool is_archived, void *arg), void *arg);
/* Finds whose grant an ID (or a prefix of it) is: 0, -ENOENT, or -ENOTUNIQ. */
int bg_store_find(const struct bg_store *store, const char *id_or_prefix, char person[BG_PERSON_SIZE],
                  char id[BG_ID_SIZE]);

/* Whether the person of this request (whose ID is `id`) has no other one for the same role here, live or
 * archived: 1 or 0. -errno where it cannot be told, as -E2BIG: of who has over a hundred others it is not
 * looked for. */
int bg_store_is_first_use(const struct bg_store *store, const struct bg_signed *request, const char *id);

/* --- deciding about what is stored --- */

/* At which time a grant is judged. In the boot in which this host noted it open: that time and what has
 * passed since boot, whatever was done to the clock, or the wall clock where that is more than clock_skew
 * ahead of it (a paused machine). Else the wall clock. */
int64_t bg_store_now(const struct bg_grant *grant, int64_t clock_skew, const struct bg_clock *clock);
/* bg_decide with that time as the question's `now`. Everything that decides about a stored grant calls this.
 * A mark `opened` that cannot be true (of a time to come) counts as none. */
int bg_store_decide(struct bg_answer *answer, const struct bg_policy *policy,
                    const struct bg_signers *signers, const struct bg_grant *grant,
                    const struct bg_question *question, const struct bg_clock *clock);

enum bg_noted {
    BG_NOTED_NOTHING,
    BG_NOTED_OPENED, /* this host saw it open for the first time */
    BG_NOTED_AGAIN,  /* likewise, as far as can be told: the mark that was there could not be used */
    BG_NOTED_EXPIRED,
};
/* What the event host.clock says then. */
#define BG_NOTED_AGAIN_WHY                                                                                   \
    "the mark of when this grant opened is missing or unreadable; its minutes count from now"
/* Leaves the mark that an answer about the stored grant wants, there and in `grant`: `opened` of one that is
 * open, never of a drill nor while the host is locked; `expired` where time alone ended it: the time counted
 * since it opened, never a clock that was set, a policy or signers that changed. A mark that cannot be
 * written changes no answer. */
enum bg_noted bg_store_note(const struct bg_store *store, struct bg_grant *grant,
                            const struct bg_answer *answer, const struct bg_policy *policy,
                            const struct bg_signers *signers, bool locked, const struct bg_clock *clock);

/* --- writing; root only. Each writes to var, or to run where var is full or read-only (*fallback, may be
 * NULL, says so) --- */

/* Adds a statement with its armoured signature: KIND.DIGEST first the .sig, then the text, so that a text is
 * never without its signature. person: the request's. Already there: -EEXIST, nothing changed. */
int bg_store_put(const struct bg_store *store, const char *person, const char *id, const struct bg_signed *s,
                 bool *fallback);
/* Statements about requests not seen here yet: early/SIGNER/KIND.DIGEST; at most BG_EARLY_MAX a signer
 * (-EDQUOT). */
int bg_store_put_early(const struct bg_store *store, const char *signer, const struct bg_signed *s);
/* Loads and gives over those for that request digest (NULL: all); they are removed from early/ only by
 * bg_store_drop_early. */
int bg_store_load_early(const struct bg_store *store, const unsigned char request[BG_DIGEST_BYTES],
                        struct bg_signed ***said, size_t *n);
int bg_store_drop_early(const struct bg_store *store, const struct bg_signed *s);
/* Marks. closed and expired go to /var and /run, and either alone counts; expired keeps the earliest time. 0
 * when at least one was written. opened goes to /var, or to /run where /var does not take it; it replaces
 * what is there. */
int bg_store_mark_closed(const struct bg_store *store, const char *person, const char *id);
int bg_store_mark_expired(const struct bg_store *store, const char *person, const char *id, int64_t time);
int bg_store_mark_opened(const struct bg_store *store, const char *person, const char *id,
                         const struct bg_clock *at);
/* Moves an ended grant to archive/: reviewed, or to make room. Reviews are still taken there. */
int bg_store_archive(const struct bg_store *store, const char *person, const char *id);
/* Moves what fell back to /run home to /var, as far as it goes. Gives how many files moved, or -errno. */
int bg_store_migrate(const struct bg_store *store);
