/* SPDX-License-Identifier: ISC */
/* What is asked of a person who approves, closes or reviews, and what is signed then. */
#include "console/action/answer.h"

#include "policy/base/timestamp.h"
#include "policy/decide/decide.h"

#include <errno.h>
#include <string.h>

/* How it stands on all hosts together; GRANT_STATES where none lists it. */
static struct sum stands(const struct answer *a)
{
    struct sum sum = {.state = GRANT_STATES};

    if (a->grant)
        model_sum(a->grant, bg_now(), &sum);
    return sum;
}

bool answer_closes(const struct answer *a)
{
    return a->kind == ANSWER_DENY || a->kind == ANSWER_REVOKE || a->kind == ANSWER_GIVE_BACK;
}

const char *answer_verb(const struct answer *a)
{
    static const char *const verbs[] = {"Approve", "Deny", "Revoke", "Give back", "Review"};

    if (a->kind == ANSWER_GIVE_BACK && stands(a).state == GRANT_PENDING)
        return "Withdraw";
    return verbs[a->kind];
}

/* --- who may --- */

static bool approved(const struct answer *a)
{
    bool found = false;

    for (size_t i = 1; a->items && i < a->items->n && !found; i++) {
        struct bg_statement st = {0};

        found = bg_statement_parse(&st, a->items->v[i].text, a->items->v[i].len, NULL) >= 0 &&
                st.kind == BG_APPROVE && strcmp(st.by, a->person) == 0;
        bg_statement_free(&st);
    }
    return found;
}

static int check_approval(const struct answer *a, const struct sum *sum, bool own, struct bg_sentence *err)
{
    if (own)
        return bg_fail(err, -EPERM, "%s requested this; another person must approve it", a->person);
    if (a->grant && !model_waits(a->grant, bg_now()))
        return bg_fail(err, -EALREADY, "it is %s: there is nothing to approve", model_state(sum));
    return 0;
}

/* A host of the request that has not told may have it open still. */
static int check_close(const struct answer *a, const struct sum *sum, bool own, struct bg_sentence *err)
{
    if (a->kind == ANSWER_GIVE_BACK && !own)
        return bg_fail(err, -EPERM, "%s does not hold this grant; revoke it instead", a->person);
    if (a->grant && sum->state > GRANT_PENDING && a->grant->n_seen >= a->grant->n_hosts)
        return bg_fail(err, -EALREADY, "it is %s: there is nothing to close", model_state(sum));
    return 0;
}

static int check_review(const struct answer *a, const struct sum *sum, bool own, struct bg_sentence *err)
{
    if (own || approved(a))
        return bg_fail(err, -EPERM, "%s %s this; another person must review it", a->person,
                       own ? "requested" : "approved");
    if (sum->state <= GRANT_PENDING)
        return bg_fail(err, -EBUSY, "it has not ended yet: there is nothing to review");
    return 0;
}

int answer_check(const struct answer *a, struct bg_sentence *err)
{
    const char *by = a->request ? a->request->by : a->grant ? a->grant->person : "";
    bool own = strcmp(by, a->person) == 0;
    struct sum sum = stands(a);

    if (a->kind == ANSWER_APPROVE)
        return check_approval(a, &sum, own, err);
    return (a->kind == ANSWER_REVIEW ? check_review : check_close)(a, &sum, own, err);
}

/* --- what hosts show --- */

const struct bg_grant_row *answer_says(const struct answer *a, size_t host)
{
    return a->says ? reply_grant(a->says[host], 0) : NULL;
}

bool answer_can_approve(const struct bg_grant_row *shown, const char *person)
{
    for (size_t i = 0; i < shown->lines.n; i++)
        if (strings_has(&shown->lines.v[i].who, person))
            return true;
    return false;
}

const struct bg_grant_row *answer_shown(const struct answer *a)
{
    const struct bg_grant_row *found = NULL;
    int best = -1;

    for (size_t i = 0; i < MODEL_HOSTS; i++) {
        const struct bg_grant_row *row = answer_says(a, i);
        bool waits = row && strcmp(row->state, "pending") == 0;
        int rank = !row ? -1 : waits ? 1 + answer_can_approve(row, a->person) : 0;

        if (rank <= best)
            continue;
        best = rank;
        found = row;
    }
    return found;
}

/* --- what is typed --- */

bool answer_is_critical(const struct answer *a)
{
    bool told = false, critical = stands(a).critical;

    for (size_t i = 0; i < MODEL_HOSTS; i++) {
        const struct bg_grant_row *row = answer_says(a, i);

        told = told || row;
        critical = critical || (row && row->critical);
    }
    return critical || !told;
}

const char *answer_word(const struct answer *a)
{
    return a->kind == ANSWER_APPROVE && answer_is_critical(a) ? a->request->terms.role : "yes";
}

/* --- what is signed --- */

const char *answer_reason(const struct answer *a)
{
    bool own = a->kind == ANSWER_GIVE_BACK;

    if (a->text && *a->text)
        return a->text;
    return bg_close_reason(own, a->kind == ANSWER_DENY || (own && stands(a).state == GRANT_PENDING));
}

static int fill(const struct answer *a, struct bg_statement *st, struct bg_sentence *err)
{
    const char *note = a->kind == ANSWER_REVIEW && a->text && *a->text ? a->text : NULL;
    int r = 0;

    if (a->kind == ANSWER_REVIEW && a->flagged && !note)
        return bg_fail(err, -EINVAL, "a flag says why: it needs a note");
    st->flagged = a->kind == ANSWER_REVIEW && a->flagged;
    if (a->kind == ANSWER_APPROVE)
        r = bg_statement_approve(st, a->request);
    if (r < 0 && r != -ENOMEM)
        return bg_fail(err, r, "that is no request");
    st->kind = a->kind == ANSWER_APPROVE ? BG_APPROVE : a->kind == ANSWER_REVIEW ? BG_REVIEW : BG_CLOSE;
    st->time = bg_now();
    memcpy(st->request, a->request->digest, sizeof st->request);
    st->by = strdup(a->person);
    st->reason = answer_closes(a) ? strdup(answer_reason(a)) : NULL;
    st->note = note ? strdup(note) : NULL;
    if (r < 0 || !st->by || (answer_closes(a) && !st->reason) || (note && !st->note))
        return bg_fail(err, -ENOMEM, "no memory left");
    return bg_statement_print(st, err);
}

int answer_compose(const struct answer *a, struct bg_statement *st, struct bg_sentence *err)
{
    int r;

    *st = (struct bg_statement){0};
    r = fill(a, st, err);
    if (r < 0)
        bg_statement_free(st);
    return r;
}

bool answer_by_hosts(const struct answer *a, int r)
{
    return answer_closes(a) && (r == -ENOKEY || r == -EPERM || r == -ECANCELED);
}
