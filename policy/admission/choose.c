/* SPDX-License-Identifier: ISC */
/* Which of a person's grants decides. */
#include "policy/admission/choose.h"

#include <string.h>

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
    case BG_WHY_HOST_NOT_REQUESTED:
    case BG_WHY_ACCOUNT_NOT_REQUESTED:
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
    return a->state == BG_STATE_OPEN && a->until > than->until;
}

/* Takes the answer over where it is the better one. */
static void consider(struct bg_choice *choice, const struct bg_grant *grant, struct bg_answer *answer)
{
    if (choice->grant && !is_better(answer, &choice->answer)) {
        bg_answer_free(answer);
        return;
    }
    bg_answer_free(&choice->answer);
    choice->answer = *answer;
    choice->grant = grant;
}

static int judge(struct bg_choice *choice, const struct bg_site *site, struct bg_grant *grant,
                 const struct bg_question *question, const struct bg_clock *clock)
{
    struct bg_answer answer;
    int r = bg_store_decide(&answer, &site->policy, &site->signers, grant, question, clock);

    if (r < 0)
        return r;
    if (bg_store_note(&site->store, grant, &answer, &site->policy, &site->signers, site->locked, clock) ==
        BG_NOTED_AGAIN)
        choice->noted_again = grant;
    consider(choice, grant, &answer);
    return 0;
}

int bg_choose(struct bg_choice *choice, const struct bg_site *site, const struct bg_question *question)
{
    const char *person = question->person;
    struct bg_clock clock;

    *choice = (struct bg_choice){0};
    if (bg_site_opens_nothing(site, &choice->answer))
        return 0;
    bg_answer_refuse(&choice->answer, BG_WHY_NO_REQUEST, "%s has no open grant for %s on %s", person,
                     question->account, site->host.name);
    bg_site_clock(&clock, site, question->now);
    int r = bg_store_load_person(&site->store, person, false, &choice->grants);
    for (size_t i = 0; r >= 0 && i < choice->grants.n; i++)
        if (choice->grants.v[i].request)
            r = judge(choice, site, &choice->grants.v[i], question, &clock);
    if (r >= 0)
        return 0;
    bg_answer_free(&choice->answer);
    choice->grant = NULL;
    bg_answer_refuse(&choice->answer, BG_WHY_NO_REQUEST, "the grants of %s cannot be read: %s", person,
                     strerrordesc_np(-r));
    return r;
}

void bg_choice_free(struct bg_choice *choice)
{
    bg_answer_free(&choice->answer);
    bg_grants_free(&choice->grants);
    choice->grant = NULL;
}

__attribute__((noinline)) bool bg_choice_opens(const struct bg_choice *choice, int64_t now)
{
    const struct bg_answer *answer = &choice->answer;

    return choice->grant && choice->grant->request && !choice->grant->closed &&
           answer->state == BG_STATE_OPEN && answer->why == BG_WHY_NONE && answer->role &&
           answer->opens <= answer->now && answer->now < answer->ends && now < answer->until;
}
