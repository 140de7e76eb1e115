/* SPDX-License-Identifier: ISC */
/* Thousands of grants and events for the bench, signed and judged as real ones are. */
#include "tests/screen/many.h"

#include "policy/base/cleanup.h"
#include "tests/screen/events.h"
#include "tests/screen/grants.h"
#include "policy/base/timestamp.h"

#include <stdlib.h>
#include <string.h>

#define EVERY 180 /* seconds */
#define DURATION 1800

static const char *const reasons[] = {
    "primary disk full, must drop a replication slot",
    "deploy is stuck, rolling it back by hand",
    "certificate expired, customers cannot log in",
    "memory leak in the payment service, need a heap dump",
    "replica lags by an hour",
};

static const char *const roles[] = {"prod-db-admin", "web-restart", "root-console", "k8s-admin"};

/* --- grants --- */

static void make_text(struct bg_signed *s, long i, int64_t asked)
{
    struct bg_statement *st = &s->st;
    struct bg_sentence err;
    char text[64];

    *st = (struct bg_statement){.kind = BG_REQUEST, .time = asked};
    (void)snprintf(text, sizeof text, "person%ld", i % 500);
    st->by = need_copy(text);
    (void)snprintf(text, sizeof text, "%032lx", i);
    st->nonce = need_copy(text);
    st->terms.role = need_copy(roles[i % 4]);
    (void)snprintf(text, sizeof text, "db%ld", i % 40);
    need_word(&st->terms.hosts, text);
    need_word(&st->terms.accounts, "root");
    st->terms.duration = DURATION;
    st->terms.reason = need_copy(reasons[i % 5]);
    (void)snprintf(text, sizeof text, "INC-%ld", 1000 + i);
    st->ticket = need_copy(text);
    if (bg_statement_print(st, &err) < 0)
        abort();
}

static void put_line(struct fields *row, const char *text, bool filled, const char *who)
{
    struct fields *line = fields_row(row, BG_NAME(grant, lines));
    struct bg_list list = {0};

    if (!filled && bg_list_split(&list, who) < 0)
        abort();
    fields_text(line, BG_NAME(line, text), text);
    fields_number(line, BG_NAME(line, need), 'u', 1);
    fields_number(line, BG_NAME(line, filled), 'u', filled);
    fields_list(line, BG_NAME(line, who), &list);
    bg_list_free(&list);
}

static void put_state(struct fields *row, const char *id, int64_t requested, enum bg_state state)
{
    bool got = state != BG_STATE_PENDING;
    struct bg_list people = {0};
    char sentence[256];

    (void)snprintf(sentence, sizeof sentence,
                   state == BG_STATE_PENDING ? "%s needs 1 approval from @dba: alice or erin"
                   : state == BG_STATE_OPEN  ? "%s is open"
                                             : "%s is over; breakglass extend asks again",
                   id);
    if (got && bg_list_split(&people, "alice dave") < 0)
        abort();
    fields_text(row, BG_NAME(grant, state), bg_state_name(state));
    fields_text(row, BG_NAME(grant, closed_as), "");
    fields_text(row, BG_NAME(grant, why), bg_why_name(got ? BG_WHY_EXPIRED : BG_WHY_NEED_APPROVALS));
    fields_text(row, BG_NAME(grant, sentence), sentence);
    fields_number(row, BG_NAME(grant, opens), 'x', got ? requested + 60 - 900 : 0);
    fields_number(row, BG_NAME(grant, ends), 'x', got ? requested + 60 + DURATION : 0);
    fields_number(row, BG_NAME(grant, solo), 'b', false);
    fields_list(row, BG_NAME(grant, got), &people);
    put_line(row, "1 of @dba", got, "alice erin");
    put_line(row, "1 of @leads", got, "dave frank");
    bg_list_free(&people);
}

static void put_request(struct fields *row, const struct play_grant *g)
{
    const struct bg_statement *st = &g->grant.request->st;
    const struct bg_list none = {0};

    fields_text(row, BG_NAME(grant, id), g->grant.id);
    fields_text(row, BG_NAME(grant, person), st->by);
    fields_text(row, BG_NAME(grant, role), st->terms.role);
    fields_list(row, BG_NAME(grant, hosts), &st->terms.hosts);
    fields_list(row, BG_NAME(grant, accounts), &st->terms.accounts);
    fields_list(row, BG_NAME(grant, credentials), &none);
    fields_number(row, BG_NAME(grant, duration), 'x', DURATION);
    fields_text(row, BG_NAME(grant, reason), st->terms.reason);
    fields_text(row, BG_NAME(grant, ticket), st->ticket);
    fields_number(row, BG_NAME(grant, requested), 'x', st->time);
    fields_number(row, BG_NAME(grant, drill), 'b', false);
}

static enum bg_state state_of(long i)
{
    if (i < 10)
        return i % 3 == 0 ? BG_STATE_PENDING : BG_STATE_OPEN;
    return i % 50 == 0 ? BG_STATE_PENDING : i % 100 == 1 ? BG_STATE_OPEN : BG_STATE_EXPIRED;
}

void many_grants(struct play *p, long n)
{
    int64_t now = play_now(p);

    for (long i = 0; i < n; i++) {
        struct bg_signed *request = need(calloc(1, sizeof *request));
        struct play_grant *g;

        make_text(request, i, now - 60 - i * EVERY);
        g = grant_add(p, "", request);
        g->generated = true;
        g->state = state_of(i);
        put_request(&g->row, g);
        put_state(&g->row, g->grant.id, request->st.time, g->state);
        fields_number(&g->row, BG_NAME(grant, sessions), 'u', g->state == BG_STATE_OPEN);
        fields_number(&g->row, BG_NAME(grant, review_due), 'x',
                      g->state == BG_STATE_EXPIRED && i % 20 == 3 ? request->st.time + 3 * 86400 : 0);
        fields_text(&g->row, BG_NAME(grant, reviewed), "");
        fields_number(&g->row, BG_NAME(grant, critical), 'b', i % 4 == 0);
        fields_number(&g->row, BG_NAME(grant, archived), 'b', false);
    }
}

/* --- events --- */

static const enum bg_event_id kinds[] = {
    BG_EVENT_REQUEST_CREATED, BG_EVENT_GRANT_APPROVED, BG_EVENT_GRANT_APPROVED, BG_EVENT_GRANT_OPEN,
    BG_EVENT_GRANT_USED,      BG_EVENT_SESSION_OPENED, BG_EVENT_SESSION_CLOSED, BG_EVENT_GRANT_EXPIRED,
};

static void put_event(struct bg_event *e, const struct play_grant *g, const char *host)
{
    const struct bg_statement *st = &g->grant.request->st;
    char ends[BG_TIME_SIZE];

    bg_time_format(ends, st->time + 60 + DURATION);
    e->field[BG_FIELD_GRANT] = need_copy(g->grant.id);
    e->field[BG_FIELD_ROLE] = need_copy(st->terms.role);
    e->field[BG_FIELD_PERSON] = need_copy(st->by);
    e->field[BG_FIELD_HOST] = need_copy(host);
    e->field[BG_FIELD_REASON] = need_copy(st->terms.reason);
    e->field[BG_FIELD_EXPIRES] = need_copy(ends);
    if (e->id == BG_EVENT_GRANT_APPROVED)
        e->field[BG_FIELD_ACTOR] = need_copy("alice");
    if (e->id == BG_EVENT_GRANT_USED || e->id == BG_EVENT_SESSION_OPENED) {
        e->field[BG_FIELD_ACCOUNT] = need_copy("root");
        e->field[BG_FIELD_RHOST] = need_copy("192.0.2.7");
        e->field[BG_FIELD_SERVICE] = need_copy("sshd");
    }
}

void many_events(struct play *p, long n)
{
    int64_t now = play_now(p);

    if (p->n_grants == 0)
        many_grants(p, 100);
    for (long i = 0; i < n; i++) {
        struct play_event *e = event_add(p);
        const struct play_grant *g = p->grants[(size_t)(n - 1 - i) / BG_COUNT(kinds) % p->n_grants];

        e->event.id = kinds[(size_t)i % BG_COUNT(kinds)];
        e->event.time = now - (n - 1 - i) * 30;
        put_event(&e->event, g, p->b.site.host.name);
    }
}
