/* Until when a session may live: the union of its person's open grants, as the policy says it today. */
#pragma once

#include "broker/base/broker.h"
#include "policy/record/spool.h"

struct entitlement {
    bool covered;
    int64_t until;          /* covered: until when; INT64_MAX without an end */
    char grant[BG_ID_SIZE]; /* the one that reaches furthest */
    struct bg_sentence why; /* not covered: why it ends */
};

/* A policy that does not parse, and a signers file that is not there, end nothing: then the session lives
 * until the end that the gate gave it, unless its grant was closed. `last`: the ID of the grant that covered
 * it until now, whose end is the reason given. */
void entitlement_of_session(struct entitlement *e, const struct broker *b, const struct bg_session *session,
                            const char *last, int64_t now);
