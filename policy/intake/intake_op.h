/* Internal to this folder: one statement on its way in. */
#pragma once

#include "policy/intake/intake.h"

struct intake_op {
    const struct bg_intake *in;
    struct bg_outcome *out;
    struct bg_signed *s;   /* the statement; the grant's below once it has been added there */
    const char *actor;     /* who it is by, once the signature says so; else NULL */
    struct bg_grant grant; /* what it is about; empty where that is not here */
    bool fallback;         /* it went to /run */
};

/* Parses the statement and verifies its signature; refuses what is malformed or does not count here. */
int intake_begin(struct intake_op *t, const struct bg_intake *in, struct bg_outcome *outcome,
                 const char *text, size_t len, const unsigned char *sig, size_t sig_len);
void intake_end(struct intake_op *t); /* frees what is in it, also after a refusal */

/* Refuses: the sentence, the event statement.rejected; gives r back. */
int intake_refuse(struct intake_op *t, int r, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Not refused: sets what was done and the sentence. */
void intake_done(struct intake_op *t, enum bg_taken taken, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Events about t->grant's request, by t->actor. `why` may be NULL. */
void intake_event(struct intake_op *t, enum bg_event_id id, const char *why);
void intake_event_open(struct intake_op *t, const struct bg_answer *answer);

/* decide about t->grant now. */
int intake_decide(struct intake_op *t, struct bg_answer *answer);
/* Leaves the marks that follow from an answer about t->grant as it is stored. */
void intake_note(struct intake_op *t, const struct bg_answer *answer);
/* Whether the statement is dated further ahead than clocks may differ; then it is refused. */
int intake_check_future(struct intake_op *t);
/* Stores t->s (which is in t->grant); refuses where neither disk takes it. */
int intake_store(struct intake_op *t);

/* "request", "approval", "close", "review" */
const char *intake_noun(const struct intake_op *t);

/* "K7Q4-M2XP-9D3F" of the request concerned. */
const char *intake_id(struct intake_op *t, char shown[BG_ID_SHOWN_SIZE]);

/* What is particular to a kind, once it is verified. */
int intake_request(struct intake_op *t);
int intake_response(struct intake_op *t);

/* Judges the responses that waited in early/ for that request, and drops from there those that need not wait
 * any longer. */
void intake_waiting(const struct bg_intake *in, const unsigned char request[BG_DIGEST_BYTES]);
