/* Taking in a statement: everything that is checked before it is stored, in one place for the broker and
 * root. */
#pragma once

#include "policy/admission/site.h"
#include "policy/record/event.h"

enum bg_taken {
    BG_TAKEN_REFUSED = 0,
    BG_TAKEN_NEW,     /* stored */
    BG_TAKEN_KNOWN,   /* was here already */
    BG_TAKEN_WAITING, /* stored for a request that this host has not seen */
};

struct bg_intake {
    const struct bg_site *site;
    struct bg_clock clock;
    /* Called for every event this causes (statement.rejected, request.created, grant.approved, grant.open,
     * …). */
    void (*event)(const struct bg_event *event, void *arg);
    void *arg;
};

struct bg_outcome {
    enum bg_taken taken;
    enum bg_kind kind;
    char id[BG_ID_SIZE];         /* of the request concerned; "" where it is not known */
    char person[BG_PERSON_SIZE]; /* the request's person; "" likewise */
    enum bg_state state;         /* of the grant afterwards */
    struct bg_sentence sentence; /* what was done, or why not, and what comes next */
};

/* Takes one statement in: parses, verifies, checks sense (who may say it, size, number, replay, the same
 * person and ID with another digest), stores, marks. Always fills *outcome. 0 when taken (NEW, KNOWN,
 * WAITING), else a negative errno.
 *
 * Future-dated requests, approvals and reviews are refused; a close is taken whatever its date, and also when
 * only its mark or only its statement could be kept. Requests that only a repaired policy or an unlock would
 * allow are kept. Events: request.created, grant.approved, request.denied, grant.revoked, request.given-back,
 * grant.given-back, review.done, statement.rejected; and grant.open or drill.done when this statement made it
 * so. What opens later by the clock alone (state early) is for the caller to watch. */
int bg_intake_one(const struct bg_intake *in, const char *text, size_t len, const unsigned char *sig,
                  size_t sig_len, struct bg_outcome *outcome);

/* Takes what waits in early/ for requests that are here: at start, since a broker may have been killed
 * between storing a request and looking there. 0 or -errno. */
int bg_intake_waiting(const struct bg_intake *in);
