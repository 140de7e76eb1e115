/* Taking in a statement: everything that is checked before it is stored, in one place for the broker and root. */
#pragma once

#include "event.h"
#include "hostkey.h"
#include "policy.h"
#include "signers.h"
#include "store.h"

enum bg_taken {
    BG_TAKEN_REFUSED = 0,
    BG_TAKEN_NEW,     /* stored */
    BG_TAKEN_KNOWN,   /* was here already */
    BG_TAKEN_WAITING, /* stored for a request that this host has not seen */
};

struct bg_intake {
    const struct bg_policy *policy;
    const struct bg_signers *signers;
    const struct bg_store *store;
    const struct bg_host *host;
    int64_t now;
    /* Called for every event this causes (statement.rejected, request.created, grant.approved, grant.open, …). */
    void (*event)(const struct bg_event *event, void *arg);
    void *arg;
};

struct bg_outcome {
    enum bg_taken taken;
    enum bg_kind kind;
    char id[BG_ID_SIZE];      /* of the request concerned; "" where it is not known */
    char person[65];          /* the request's person; "" likewise */
    enum bg_state state;      /* of the grant afterwards */
    struct bg_error sentence; /* what was done, or why not, and what comes next */
};

/* Takes one statement in: parses, verifies, checks sense (who may say it, size, number, replay, the same person and ID with
 * another digest), stores, marks. Always fills *outcome. 0 when taken (NEW, KNOWN, WAITING), else a negative errno. */
int bg_intake_one(const struct bg_intake *in, const char *text, size_t len, const unsigned char *sig, size_t sig_len,
                  struct bg_outcome *outcome);
