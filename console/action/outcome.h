/* What hosts make of a statement that is sent to them. */
#pragma once

#include "console/client/values.h"
#include "policy/base/error.h"

enum outcome {
    OUTCOME_PENDING,
    OUTCOME_TAKEN,
    OUTCOME_KNOWN, /* it had it already */
    OUTCOME_REFUSED,
    OUTCOME_UNREACHABLE,
};

/* Of an answer to Put or Close, where r and sentence are as in call_answer: the first refusal, else the last
 * row. *text: the host's sentence; it lives as long as the answer. */
enum outcome outcome_of(int r, const struct reply *reply, const char *sentence, const char **text);
/* "refused: ", "unreachable: " or "", before its sentence. */
const char *outcome_word(enum outcome outcome);

struct outcomes {
    size_t asked, taken, missed, refused; /* hosts; missed: not reached */
    int64_t sessions;                     /* that were in on those that took it */
};
void outcomes_add(struct outcomes *all, enum outcome one, unsigned sessions);
/* "Closed on 1 of 2 in 0.3 s, 2 sessions told to end." */
void outcomes_closed(struct bg_sentence *sentence, const struct outcomes *all, int64_t ms);
