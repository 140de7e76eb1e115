/* Which of a person's grants lets them in, or which refusal tells them most. */
#pragma once

#include "policy/decide/decide.h"
#include "policy/store/store.h"

#include <stdbool.h>
#include <stdint.h>

struct gate_choice {
    struct bg_grants grants;
    const struct bg_grant *grant; /* the one that `answer` is about; NULL where there is none */
    struct bg_answer answer;
};

/* Judges every live grant of question->person: of those that are open the one that ends latest, else the most
 * useful no. What it sees run out it marks as over, as far as the disk lets it. 0 or -errno; after a failure
 * nothing is open. */
int gate_choose(struct gate_choice *choice, const struct bg_store *store, const struct bg_policy *policy,
                const struct bg_signers *signers, const struct bg_question *question);
void gate_choice_free(struct gate_choice *choice);

/* The yes, asked a second time and apart from the choice: every part of the answer must say so. */
bool gate_choice_opens(const struct gate_choice *choice, int64_t now);
