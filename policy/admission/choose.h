/* The one chooser: which of a person's grants lets them into an account, or which refusal tells most. The
 * gate, the broker's Why and `breakglass why` ask it. */
#pragma once

#include "policy/admission/site.h"

struct bg_choice {
    struct bg_grants grants;
    const struct bg_grant *grant;       /* the one that `answer` is about; NULL where there is none */
    const struct bg_grant *noted_again; /* its mark `opened` was of no use; NULL: none. For an event */
    struct bg_answer answer;            /* without a grant: why nothing opens, with its sentence */
};

/* Judges every live grant of question->person (bg_site_question's, with person and account): of those that
 * are open the one that ends latest, else the most useful no. What it sees open for the first time or
 * run out it marks, as far as the disk lets it. 0 or -errno; the answer has a sentence always, and after a
 * failure nothing is open. */
int bg_choose(struct bg_choice *choice, const struct bg_site *site, const struct bg_question *question);
void bg_choice_free(struct bg_choice *choice);

/* The yes, asked a second time and apart from the choice: every part of the answer must say so. */
bool bg_choice_opens(const struct bg_choice *choice, int64_t now);
