/* SPDX-License-Identifier: ISC */
/* The grants of a played host: taking statements in, judging them, telling the watchers. */
#include "tests/screen/grants.h"

#include "tests/screen/conns.h"
#include "tests/screen/events.h"
#include "tests/screen/pens.h"
#include "tests/screen/rows.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int64_t play_now(const struct play *p)
{
    return bg_now() + p->ahead;
}

struct play_grant *grant_named(struct play *p, const char *name)
{
    for (size_t i = 0; i < p->n_grants; i++)
        if (strcmp(p->grants[i]->name, name) == 0)
            return p->grants[i];
    return NULL;
}

struct play_grant *grant_of(struct play *p, const unsigned char digest[BG_DIGEST_BYTES])
{
    for (size_t i = 0; i < p->n_grants; i++)
        if (memcmp(p->grants[i]->grant.request->st.digest, digest, BG_DIGEST_BYTES) == 0)
            return p->grants[i];
    return NULL;
}

/* Newest first. From the end, since thousands are made in this order. */
static void insert(struct play *p, struct play_grant *g)
{
    size_t at = p->n_grants;

    if ((p->n_grants & (p->n_grants + 1)) == 0)
        p->grants = need(reallocarray(p->grants, 2 * (p->n_grants + 1), sizeof(struct play_grant *)));
    while (at > 0 && p->grants[at - 1]->grant.request->st.time < g->grant.request->st.time)
        at--;
    memmove(&p->grants[at + 1], &p->grants[at], (p->n_grants - at) * sizeof(struct play_grant *));
    p->grants[at] = g;
    p->n_grants++;
}

struct play_grant *grant_add(struct play *p, const char *name, struct bg_signed *request)
{
    struct play_grant *g = need(calloc(1, sizeof *g));

    g->name = need_copy(name);
    g->grant.request = request;
    bg_id_from_digest(g->grant.id, request->st.digest);
    g->turns = INT64_MAX;
    insert(p, g);
    return g;
}

void grant_say(struct play_grant *g, struct bg_signed *said)
{
    g->grant.responses =
        need(reallocarray(g->grant.responses, g->grant.n_responses + 1, sizeof(struct bg_signed *)));
    g->grant.responses[g->grant.n_responses++] = said;
}

void grant_complete(struct play *p, struct play_grant *g)
{
    struct bg_signed *unsigned_one = g->grant.request;
    struct bg_sentence err;
    char key[80];

    if (!g->generated || unsigned_one->blob_len > 0)
        return;
    pen_of(p, unsigned_one->st.by, key);
    g->grant.request = need(pen_sign(&unsigned_one->st, key, &err));
    bg_signed_free(unsigned_one);
}

void grant_store(const struct bg_store *store, const struct play_grant *g)
{
    const char *person = g->grant.request->st.by;

    (void)bg_store_put(store, person, g->grant.id, g->grant.request, NULL);
    for (size_t i = 0; i < g->grant.n_responses; i++)
        (void)bg_store_put(store, person, g->grant.id, g->grant.responses[i], NULL);
    if (g->grant.archived)
        (void)bg_store_archive(store, person, g->grant.id);
}

int grant_find(struct play *p, const char *typed, struct play_grant **found, struct bg_sentence *err)
{
    char prefix[BG_ID_SIZE];
    bool is_id = bg_id_parse(prefix, typed) == 0;

    *found = NULL;
    for (size_t i = 0; i < p->n_grants; i++) {
        struct play_grant *g = p->grants[i];
        const struct field *shown = fields_get(&g->row, BG_NAME(grant, id));

        if (shown && strcmp(shown->text, typed) == 0) {
            *found = g;
            return 0;
        }
        if (!is_id || strncmp(g->grant.id, prefix, strlen(prefix)) != 0)
            continue;
        if (*found)
            return bg_fail(err, -ENOTUNIQ, "several grants begin with %s: give more of the ID", prefix);
        *found = g;
    }
    if (*found)
        return 0;
    if (!is_id)
        return bg_fail(err, -EINVAL, "\"%.40s\" is no grant ID; they look like K7Q4-M2XP-9D3F", typed);
    return bg_fail(err, -ENOENT, "this host knows no grant %s", prefix);
}

/* Who was in is thrown out: one event each, as the broker writes them. */
static void tell_killed(struct play *p, const struct play_grant *g, const struct fields *sessions)
{
    const struct field *in = fields_get(sessions, "in");
    const struct bg_statement *st = &g->grant.request->st;

    for (size_t i = 0; in && i < in->n_rows; i++) {
        struct bg_event e = {.id = BG_EVENT_SESSION_KILLED};

        e.field[BG_FIELD_GRANT] = g->grant.id;
        e.field[BG_FIELD_ROLE] = st->terms.role;
        e.field[BG_FIELD_PERSON] = st->by;
        e.field[BG_FIELD_ACCOUNT] = fields_get(&in->rows[i], BG_NAME(session, account))->text;
        e.field[BG_FIELD_RHOST] = fields_get(&in->rows[i], BG_NAME(session, rhost))->text;
        e.field[BG_FIELD_WHY] = "the grant was closed";
        event_taken(&e, p);
    }
}

void grant_turned(struct play *p, struct play_grant *g)
{
    struct fields sessions = g->sessions;

    row_judge(p, g);
    if (g->state != BG_STATE_OPEN) {
        tell_killed(p, g, &sessions);
        fields_free(&sessions);
        g->sessions = (struct fields){0};
        row_judge(p, g);
    }
    conns_changed(p, g);
}

void grants_catch_up(struct play *p)
{
    int64_t now = play_now(p);

    if (now < p->turns)
        return;
    p->turns = INT64_MAX;
    for (size_t i = 0; i < p->n_grants; i++) {
        if (now >= p->grants[i]->turns)
            grant_turned(p, p->grants[i]);
        else if (p->grants[i]->turns < p->turns)
            p->turns = p->grants[i]->turns;
    }
    events_settle(p);
}

void grants_judge(struct play *p)
{
    for (size_t i = 0; i < p->n_grants; i++)
        row_judge(p, p->grants[i]);
}

static void grant_free(struct play_grant *g)
{
    free(g->name);
    free(g->shows);
    bg_grant_free(&g->grant);
    bg_list_free(&g->changes);
    bg_list_free(&g->lies);
    fields_free(&g->sessions);
    fields_free(&g->row);
    free(g);
}

void grants_free(struct play *p)
{
    for (size_t i = 0; i < p->n_grants; i++)
        grant_free(p->grants[i]);
    free(p->grants);
}
