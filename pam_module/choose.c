/* SPDX-License-Identifier: ISC */
#include "pam_module/choose.h"

#include <errno.h>

/* How much a no tells: the higher the better. */
static int usefulness(const struct bg_answer *answer)
{
    switch (answer->state) {
    case BG_STATE_OPEN:
        return 9;
    case BG_STATE_EARLY:
        return 8;
    case BG_STATE_PENDING:
        return 7;
    case BG_STATE_CLOSED:
    case BG_STATE_EXPIRED:
    case BG_STATE_DRILL:
    case BG_STATE_LAPSED:
        return 5;
    case BG_STATE_REFUSED:
        break;
    }
    switch (answer->why) {
    case BG_WHY_HOST_NOT_ASKED:
    case BG_WHY_ACCOUNT_NOT_ASKED:
        return 2; /* a grant for something else */
    case BG_WHY_NO_REQUEST:
        return 1;
    default:
        return 5; /* it would have been the one, and something is wrong with it */
    }
}

static bool is_better(const struct bg_answer *a, const struct bg_answer *than)
{
    int useful = usefulness(a), known = usefulness(than);

    if (useful != known)
        return useful > known;
    /* Grants come newest first, so among equal refusals the first stays. */
    return a->state == BG_STATE_OPEN && a->ends > than->ends;
}

int gate_choose(struct gate_choice *choice, const struct bg_store *store, const struct bg_policy *policy,
                const struct bg_signers *signers, const struct bg_question *question)
{
    int r = bg_store_load_person(store, question->person, false, &choice->grants);

    for (size_t i = 0; r >= 0 && i < choice->grants.n; i++) {
        const struct bg_grant *grant = &choice->grants.v[i];
        struct bg_answer answer;
        r = bg_decide(&answer, policy, signers, grant, question);
        if (r >= 0 && answer.state == BG_STATE_EXPIRED && grant->request &&
            (!grant->expired || grant->expired_time < answer.ends))
            (void)bg_store_mark_expired(store, question->person, grant->id, answer.ends);
        if (r >= 0 && (!choice->grant || is_better(&answer, &choice->answer))) {
            bg_answer_free(&choice->answer);
            choice->answer = answer;
            choice->grant = grant;
        } else {
            bg_answer_free(&answer);
        }
    }
    if (r < 0) {
        bg_answer_free(&choice->answer);
        choice->answer = (struct bg_answer){.state = BG_STATE_REFUSED, .why = BG_WHY_NO_REQUEST};
        choice->grant = NULL;
    }
    return r < 0 ? r : 0;
}

void gate_choice_free(struct gate_choice *choice)
{
    bg_answer_free(&choice->answer);
    bg_grants_free(&choice->grants);
    choice->grant = NULL;
}

__attribute__((noinline)) bool gate_choice_opens(const struct gate_choice *choice, int64_t now)
{
    const struct bg_answer *answer = &choice->answer;

    return choice->grant && choice->grant->request && !choice->grant->closed &&
           answer->state == BG_STATE_OPEN && answer->why == BG_WHY_NONE && answer->role &&
           answer->opens <= now && now < answer->ends;
}
