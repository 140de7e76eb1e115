/* SPDX-License-Identifier: ISC */
/* A grant, judged now, as the contract's row. */
#include "broker/api/row.h"
#include "policy/base/cleanup.h"
#include "broker/sessions/sessions.h"
#include "broker/grants/lifecycle.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <string.h>

struct bg_strings row_strings(const struct bg_list *list)
{
    return (struct bg_strings){(const char *const *)list->v, list->n};
}

bool row_concerns(const struct conn *c, const struct bg_statement *request)
{
    const struct bg_policy *policy = &c->b->site.policy;
    const char *me = c->peer.person;

    if (c->peer.how == PEER_ROOT)
        return true;
    if (me[0] == '\0')
        return false;
    return strcmp(me, request->by) == 0 || bg_may_close(policy, request, me) ||
           bg_list_has(&policy->administrators, me) || bg_list_has(&policy->reviewers, me);
}

int row_load(struct row *row, const struct conn *c, const char *person, const char *id)
{
    const struct broker *b = c->b;

    *row = (struct row){.now = bg_now()};
    int r = bg_store_load(&b->site.store, person, id, &row->grant);

    if (r < 0)
        return r;
    if (!row->grant.request)
        return -ENOENT;
    struct bg_question question = bg_site_question(&b->site, row->now);

    row->may_review = bg_may_review(&b->site.policy, &row->grant, c->peer.person);
    row->contacts = row_concerns(c, &row->grant.request->st);
    question.names_only = !row->contacts;
    return bg_site_decide(&row->answer, &b->site, &b->site.policy, &row->grant, &question);
}

void row_free(struct row *row)
{
    for (size_t i = 0; i < BG_ANSWER_MAX; i++)
        bg_list_free(&row->who[i]);
    bg_answer_free(&row->answer);
    bg_grant_free(&row->grant);
}

static void fill_request(struct bg_grant_row *out, const struct bg_grant *grant)
{
    const struct bg_statement *st = &grant->request->st;

    out->id = grant->id;
    out->person = st->by;
    out->role = st->terms.role;
    out->hosts = row_strings(&st->terms.hosts);
    out->accounts = row_strings(&st->terms.accounts);
    out->credentials = row_strings(&st->terms.credentials);
    out->duration = st->terms.duration;
    out->reason = st->terms.reason;
    out->ticket = st->ticket;
    out->requested = st->time;
    out->drill = st->drill;
    out->archived = grant->archived;
}

static void fill_answer(struct bg_grant_row *out, const struct bg_answer *answer)
{
    out->state = bg_state_name(answer->state);
    out->closed_as = bg_closed_as_name(answer->closed_as);
    out->why = bg_why_name(answer->why);
    out->sentence = answer->sentence.text;
    out->opens = answer->opens;
    out->ends = answer->until;
    out->solo = answer->solo;
    out->critical = answer->role && answer->role->critical;
}

/* The Approve= lines, and who can still give what is missing. */
static int fill_lines(struct row *row, const struct broker *b)
{
    const struct bg_answer *answer = &row->answer;
    int r = 0;

    for (size_t i = 0; i < answer->n_got; i++)
        row->got[i] = answer->got[i]->st.by;
    row->shown.got = (struct bg_strings){row->got, answer->n_got};
    for (size_t i = 0; r >= 0 && i < answer->n_lines; i++) {
        const struct bg_line *line = &answer->lines[i];

        bg_list_free(&row->who[i]);
        r = bg_who_can(&row->who[i], answer, &row->grant, line, &b->site.signers, row->now);
        row->lines[i] = (struct bg_line_row){.text = line->approve->text,
                                             .need = line->approve->need,
                                             .filled = line->filled,
                                             .who = row_strings(&row->who[i])};
    }
    row->shown.lines = (struct bg_lines){row->lines, answer->n_lines};
    return r;
}

int row_fill(struct row *row, struct broker *b)
{
    row->shown = (struct bg_grant_row){.may_review = row->may_review};
    fill_request(&row->shown, &row->grant);
    fill_answer(&row->shown, &row->answer);
    row->shown.sessions = sessions_of_grant(b->sessions, row->grant.id);
    row->shown.review_due = lifecycle_review(b, &row->grant, &row->answer, row->now, &row->shown.reviewed);
    return fill_lines(row, b);
}
