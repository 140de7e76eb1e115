/* Every grant of this host, what state it was last seen in, and when time will change that. What time does to
 * a grant is told to the journal and marked in the store here. */
#pragma once

#include "broker/base/broker.h"
#include "policy/decide/decide.h"

struct entry {
    char person[BG_PERSON_SIZE];
    char id[BG_ID_SIZE];
    bool archived;
    int64_t requested;   /* the request's time; 0: the request was not seen yet */
    enum bg_state state; /* as last seen; BG_STATE_REFUSED at first */
    bool judged;
    bool opened;   /* the mark was seen */
    bool expiring; /* grant.expiring was told */
    int64_t next;  /* when it must be judged again; INT64_MAX: never */
};

int lifecycle_new(struct lifecycle **ret, struct broker *b);
void lifecycle_free(struct lifecycle *s);
/* Finds all grants in the store and judges each. At start, and when policy, signers or the clock changed. */
void lifecycle_all(struct lifecycle *s);
/* Judges one grant again. */
void lifecycle_one(struct lifecycle *s, const char *person, const char *id);
/* Judges those that are due, and looks for grants that somebody else put into the store. Every few seconds.
 */
void lifecycle_tick(struct lifecycle *s);
/* An event is in the journal: a login counts for the grant that it used. */
void lifecycle_logged(struct lifecycle *s, const struct bg_event *event);

/* Something about the grant changed that is not a matter of decide: who is in. Wakes the watchers. */
void lifecycle_tell(const struct lifecycle *s, const char *person, const char *id);

/* The entries, newest request first; with the archived ones when `archived`. Valid until the next call of
 * this part. */
int lifecycle_list(struct lifecycle *s, bool archived, const struct entry **entries, size_t *n);

/* When a grant ended (0: it has not), and when its review is due (0: none is wanted, or it was done; then
 * reviewed is "ok" or "flag", else ""). */
int64_t lifecycle_ended(const struct bg_grant *grant, const struct bg_answer *answer);
int64_t lifecycle_review(const struct broker *b, const struct bg_grant *grant, const struct bg_answer *answer,
                         int64_t now, const char **reviewed);
