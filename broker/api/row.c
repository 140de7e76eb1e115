/* SPDX-License-Identifier: ISC */
#include "broker/api/row.h"
#include "policy/base/cleanup.h"
#include "broker/sessions/sessions.h"
#include "broker/grants/lifecycle.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <string.h>

int row_string(sd_bus_message *m, const char *key, const char *value)
{
    return sd_bus_message_append(m, "{sv}", key, "s", value != NULL ? value : "");
}

int row_time(sd_bus_message *m, const char *key, int64_t value)
{
    return sd_bus_message_append(m, "{sv}", key, "x", value);
}

int row_bool(sd_bus_message *m, const char *key, bool value)
{
    return sd_bus_message_append(m, "{sv}", key, "b", (int)value);
}

int row_number(sd_bus_message *m, const char *key, uint32_t value)
{
    return sd_bus_message_append(m, "{sv}", key, "u", value);
}

int row_open_value(sd_bus_message *m, const char *key, char kind, const char *contents, const char *type)
{
    int r = sd_bus_message_open_container(m, 'e', "sv");

    if (r >= 0)
        r = sd_bus_message_append(m, "s", key);
    if (r >= 0)
        r = sd_bus_message_open_container(m, 'v', type);
    return r < 0 ? r : sd_bus_message_open_container(m, kind, contents);
}

int row_close_value(sd_bus_message *m)
{
    int r = sd_bus_message_close_container(m);

    if (r >= 0)
        r = sd_bus_message_close_container(m);
    return r < 0 ? r : sd_bus_message_close_container(m);
}

int row_list(sd_bus_message *m, const char *key, const struct bg_list *list)
{
    int r = row_open_value(m, key, 'a', "s", "as");

    for (size_t i = 0; r >= 0 && i < list->n; i++)
        r = sd_bus_message_append(m, "s", list->v[i]);
    return r < 0 ? r : row_close_value(m);
}

bool row_concerns(const struct conn *c, const struct bg_statement *request)
{
    const struct bg_policy *policy = &c->b->policy;
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
    int r = bg_store_load(&b->store, person, id, &row->grant);

    if (r < 0)
        return r;
    if (row->grant.request == NULL)
        return -ENOENT;
    struct bg_question question = broker_question(b, row->now);

    row->may_review = bg_may_review(&b->policy, &row->grant, c->peer.person);
    row->contacts = row_concerns(c, &row->grant.request->st);
    question.names_only = !row->contacts;
    return bg_decide(&row->answer, &b->policy, &b->signers, &row->grant, &question);
}

void row_free(struct row *row)
{
    bg_answer_free(&row->answer);
    bg_grant_free(&row->grant);
}

/* An Approve= line, with everybody who could agree. */
static size_t line_size(const struct bg_approve *approve)
{
    size_t size = 200 + strlen(approve->text);

    for (size_t i = 0; i < approve->people.n; i++)
        size += strlen(approve->people.v[i]) + 8;
    return size;
}

size_t row_size(const struct row *row)
{
    size_t size = 1200 + strlen(row->answer.sentence.text) + 80 * row->answer.n_got;

    if (row->grant.request != NULL)
        size += row->grant.request->st.text_len;
    for (size_t i = 0; i < row->answer.n_lines; i++)
        size += line_size(row->answer.lines[i].approve);
    return size;
}

static int append_got(sd_bus_message *m, const struct bg_answer *answer)
{
    int r = row_open_value(m, "got", 'a', "s", "as");

    for (size_t i = 0; r >= 0 && i < answer->n_got; i++)
        r = sd_bus_message_append(m, "s", answer->got[i]->st.by);
    return r < 0 ? r : row_close_value(m);
}

static int append_line(sd_bus_message *m, const struct broker *b, const struct row *row,
                       const struct bg_line *line)
{
    struct bg_list who bg_cleanup_(bg_list_free) = {0};
    int r = bg_who_can(&who, &row->answer, &row->grant, line, &b->signers, row->now);

    if (r >= 0)
        r = sd_bus_message_open_container(m, 'a', "{sv}");
    if (r >= 0)
        r = row_string(m, "text", line->approve->text);
    if (r >= 0)
        r = row_number(m, "need", line->approve->need);
    if (r >= 0)
        r = row_number(m, "filled", line->filled);
    if (r >= 0)
        r = row_list(m, "who", &who);
    return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_lines(sd_bus_message *m, const struct broker *b, const struct row *row)
{
    int r = row_open_value(m, "lines", 'a', "a{sv}", "aa{sv}");

    for (size_t i = 0; r >= 0 && i < row->answer.n_lines; i++)
        r = append_line(m, b, row, &row->answer.lines[i]);
    return r < 0 ? r : row_close_value(m);
}

static int append_request(sd_bus_message *m, const struct bg_grant *grant)
{
    const struct bg_statement *st = &grant->request->st;
    int r = row_string(m, "id", grant->id);

    if (r >= 0)
        r = row_string(m, "person", st->by);
    if (r >= 0)
        r = row_string(m, "role", st->terms.role);
    if (r >= 0)
        r = row_list(m, "hosts", &st->terms.hosts);
    if (r >= 0)
        r = row_list(m, "accounts", &st->terms.accounts);
    if (r >= 0)
        r = row_list(m, "credentials", &st->terms.credentials);
    if (r >= 0)
        r = row_time(m, "duration", st->terms.duration);
    if (r >= 0)
        r = row_string(m, "reason", st->terms.reason);
    if (r >= 0)
        r = row_string(m, "ticket", st->ticket);
    if (r >= 0)
        r = row_time(m, "asked", st->time);
    return r < 0 ? r : row_bool(m, "drill", st->drill);
}

int row_append(sd_bus_message *m, struct broker *b, const struct row *row)
{
    const struct bg_answer *answer = &row->answer;
    const char *reviewed;
    int64_t due = lifecycle_review(b, &row->grant, answer, row->now, &reviewed);
    int r = append_request(m, &row->grant);

    if (r >= 0)
        r = row_string(m, "state", bg_state_name(answer->state));
    if (r >= 0)
        r = row_string(m, "closed_as", bg_closed_as_name(answer->closed_as));
    if (r >= 0)
        r = row_string(m, "why", bg_why_name(answer->why));
    if (r >= 0)
        r = row_string(m, "sentence", answer->sentence.text);
    if (r >= 0)
        r = row_time(m, "opens", answer->opens);
    if (r >= 0)
        r = row_time(m, "ends", answer->ends);
    if (r >= 0)
        r = row_bool(m, "solo", answer->solo);
    if (r >= 0)
        r = append_got(m, answer);
    if (r >= 0)
        r = append_lines(m, b, row);
    if (r >= 0)
        r = row_number(m, "sessions", sessions_of_grant(b->sessions, row->grant.id));
    if (r >= 0)
        r = row_time(m, "review_due", due);
    if (r >= 0)
        r = row_string(m, "reviewed", reviewed);
    if (r >= 0)
        r = row_bool(m, "may_review", row->may_review);
    if (r >= 0)
        r = row_bool(m, "critical", answer->role != NULL && answer->role->critical);
    return r < 0 ? r : row_bool(m, "archived", row->grant.archived);
}
