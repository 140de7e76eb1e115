/* SPDX-License-Identifier: ISC */
/* Hosts and grants in memory, kept small, and what all hosts say of one put together. */
#include "console/client/model.h"

#include "policy/base/cleanup.h"
#include "console/base/destination.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const state_names[GRANT_STATES] = {"open",    "early",  "pending", "closed",
                                                      "expired", "lapsed", "refused", "drill"};
static const char *const closed_names[] = {"closed", "denied", "revoked", "given back"};

/* --- hosts --- */

int model_add_host(struct model *m, const char *to)
{
    struct host *h = &m->host[m->n_hosts];

    if (m->n_hosts >= MODEL_HOSTS)
        return -1;
    *h = (struct host){.is.who = &values_nobody};
    if (to && !(h->to = strdup(to)))
        return -1;
    (void)snprintf(h->name, sizeof h->name, "%s", to ? to : "this host");
    return (int)m->n_hosts++;
}

int model_find_host(const struct model *m, const char *name)
{
    for (size_t i = 0; i < m->n_hosts; i++)
        if (strcmp(m->host[i].name, name) == 0)
            return (int)i;
    for (size_t i = 0; i < m->n_hosts; i++)
        if (m->host[i].to && destination_may_be(m->host[i].to, name))
            return (int)i;
    return -1;
}

/* --- finding grants --- */

/* Where the grant with that ID stands, or would. */
static size_t place_of(const struct model *m, const char *id)
{
    size_t low = 0, high = m->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(m->grant[middle]->id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct grant *model_find(const struct model *m, const char *id)
{
    size_t at = place_of(m, id);

    return at < m->n && strcmp(m->grant[at]->id, id) == 0 ? m->grant[at] : NULL;
}

static void grant_free(struct grant *g)
{
    for (size_t i = 0; i < g->n_seen; i++)
        reply_unref(g->seen[i].told);
    free(g->text);
    free(g->seen);
    free(g);
}

static int add_grant(struct model *m, struct grant *g)
{
    size_t at = place_of(m, g->id);

    if (m->n >= MODEL_GRANTS)
        return -E2BIG;
    if ((m->n & (m->n - 1)) == 0) { /* at 0 and each power of two */
        struct grant **v = reallocarray(m->grant, m->n ? 2 * m->n : 1, sizeof(struct grant *));

        if (!v)
            return -ENOMEM;
        m->grant = v;
    }
    memmove(&m->grant[at + 1], &m->grant[at], (m->n++ - at) * sizeof(struct grant *));
    m->grant[at] = g;
    return 0;
}

/* Takes away the grants of which no host speaks any more. */
static void prune(struct model *m)
{
    size_t kept = 0;

    for (size_t i = 0; i < m->n; i++)
        if (m->grant[i]->n_seen > 0)
            m->grant[kept++] = m->grant[i];
        else
            grant_free(m->grant[i]);
    if (kept == m->n)
        return;
    m->n = kept;
    m->dirty = true;
    m->n_shown = 0;
}

void model_free(struct model *m)
{
    for (size_t i = 0; i < m->n; i++)
        grant_free(m->grant[i]);
    for (size_t i = 0; i < m->n_hosts; i++) {
        free(m->host[i].to);
        greeting_free(&m->host[i].is);
    }
    free(m->grant);
    free(m->shown);
    *m = (struct model){0};
}

/* --- taking rows --- */

static int index_of(const char *const names[], size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return (int)i;
    return -1;
}

static uint16_t small(int64_t n)
{
    return n < 0 ? 0 : n > UINT16_MAX ? UINT16_MAX : (uint16_t)n;
}

const char *model_keep(char **at, const char *text)
{
    char *begin = *at;

    strcpy(begin, text);
    *at += strlen(text) + 1;
    return begin;
}

static int take_texts(struct grant *g, const struct bg_grant_row *row)
{
    char hosts[1024], accounts[512], credentials[1024], *at;
    const char *const texts[] = {row->person,
                                 row->role,
                                 strings_join(&row->hosts, ",", hosts, sizeof hosts),
                                 strings_join(&row->accounts, ", ", accounts, sizeof accounts),
                                 strings_join(&row->credentials, ", ", credentials, sizeof credentials),
                                 row->reason,
                                 row->ticket};
    const char **const to[] = {&g->person,      &g->role,   &g->hosts, &g->accounts,
                               &g->credentials, &g->reason, &g->ticket};
    size_t size = 0;

    for (size_t i = 0; i < BG_COUNT(texts); i++)
        size += strlen(texts[i]) + 1;
    at = g->text = malloc(size);
    for (size_t i = 0; at && i < BG_COUNT(texts); i++)
        *to[i] = model_keep(&at, texts[i]);
    g->requested = row->requested;
    g->duration = row->duration;
    g->drill = row->drill;
    g->n_hosts = small((int64_t)row->hosts.n);
    return at ? 0 : -ENOMEM;
}

static struct grant *find_or_add(struct model *m, const struct bg_grant_row *row)
{
    struct grant *g = model_find(m, row->id);

    if (g)
        return g;
    g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    memcpy(g->id, row->id, sizeof g->id);
    if (take_texts(g, row) < 0 || add_grant(m, g) < 0) {
        grant_free(g);
        return NULL;
    }
    return g;
}

static struct seen *find_seen(const struct grant *g, size_t host)
{
    for (size_t i = 0; i < g->n_seen; i++)
        if (g->seen[i].host == host)
            return &g->seen[i];
    return NULL;
}

static struct seen *find_or_add_seen(struct grant *g, size_t host)
{
    struct seen *seen = find_seen(g, host), *v;

    if (seen)
        return seen;
    v = reallocarray(g->seen, (size_t)g->n_seen + 1, sizeof *v);
    if (!v)
        return NULL;
    g->seen = v;
    v[g->n_seen] = (struct seen){.host = (uint16_t)host};
    return &v[g->n_seen++];
}

static void count_places(struct seen *seen, const struct bg_grant_row *row)
{
    seen->filled = seen->need = 0;
    for (size_t i = 0; i < row->lines.n; i++) {
        seen->filled = small((int64_t)seen->filled + row->lines.v[i].filled);
        seen->need = small((int64_t)seen->need + row->lines.v[i].need);
    }
}

/* Only of what may still change: ten thousand may have ended. */
static void keep_row(struct seen *seen, struct reply *told, const struct bg_grant_row *row)
{
    bool lives = seen->state <= GRANT_PENDING;

    reply_keep(&seen->told, lives ? told : NULL);
    seen->row = lives ? row : NULL;
}

struct grant *model_take(struct model *m, size_t host, struct reply *told, size_t i)
{
    const struct bg_grant_row *row = reply_grant(told, i);
    struct grant *g = row && bg_is_id(row->id) ? find_or_add(m, row) : NULL;
    struct seen *seen = g ? find_or_add_seen(g, host) : NULL;
    int state, closed;

    if (!seen)
        return NULL;
    state = index_of(state_names, BG_COUNT(state_names), row->state);
    closed = index_of(closed_names, BG_COUNT(closed_names), row->closed_as);
    seen->state = (uint8_t)(state < 0 ? GRANT_REFUSED : state);
    seen->closed_as = (uint8_t)(closed < 0 ? 0 : closed);
    seen->verdict = strcmp(row->reviewed, "flag") == 0 ? VERDICT_FLAG
                    : *row->reviewed                   ? VERDICT_OK
                                                       : VERDICT_NONE;
    seen->solo = row->solo;
    seen->critical = row->critical;
    seen->sessions = small(row->sessions);
    seen->opens = row->opens;
    seen->ends = row->ends;
    seen->review_due = row->review_due;
    seen->reviewable = row->may_review;
    seen->listing = m->host[host].listing;
    count_places(seen, row);
    keep_row(seen, told, row);
    m->dirty = true;
    return g;
}

static void forget_seen(struct grant *g, struct seen *seen)
{
    reply_unref(seen->told);
    *seen = g->seen[--g->n_seen];
}

void model_list_begin(struct model *m, size_t host)
{
    m->host[host].listing++;
}

void model_list_end(struct model *m, size_t host)
{
    for (size_t i = 0; i < m->n; i++) {
        struct seen *seen = find_seen(m->grant[i], host);

        if (seen && seen->listing != m->host[host].listing)
            forget_seen(m->grant[i], seen);
    }
    m->dirty = true;
    prune(m);
}

void model_drop(struct model *m, size_t host, const char *id)
{
    struct grant *g = model_find(m, id);
    struct seen *seen = g ? find_seen(g, host) : NULL;

    if (!seen)
        return;
    forget_seen(g, seen);
    m->dirty = true;
    prune(m);
}

/* --- put together --- */

const struct seen *model_seen(const struct grant *g, size_t host)
{
    return find_seen(g, host);
}

enum grant_state model_state_at(const struct seen *seen, int64_t now)
{
    enum grant_state state = (enum grant_state)seen->state;

    if ((state == GRANT_OPEN || state == GRANT_EARLY) && seen->ends && now >= seen->ends)
        return GRANT_EXPIRED;
    return state;
}

bool model_waits(const struct grant *g, int64_t now)
{
    for (size_t i = 0; i < g->n_seen; i++)
        if (model_state_at(&g->seen[i], now) == GRANT_PENDING)
            return true;
    return false;
}

/* Where it is open on one host and waits on another, what counts is what both have. */
static void sum_places(const struct grant *g, int64_t now, struct sum *sum)
{
    bool any = false;

    for (size_t i = 0; i < g->n_seen; i++) {
        const struct seen *seen = &g->seen[i];
        enum grant_state state = model_state_at(seen, now);

        if (state != sum->state && (sum->state > GRANT_PENDING || state != GRANT_PENDING))
            continue;
        if (any && seen->filled >= sum->filled)
            continue;
        any = true;
        sum->filled = seen->filled;
        sum->need = seen->need;
    }
}

void model_sum(const struct grant *g, int64_t now, struct sum *sum)
{
    *sum = (struct sum){.state = GRANT_STATES};
    for (size_t i = 0; i < g->n_seen; i++)
        if (model_state_at(&g->seen[i], now) < sum->state)
            sum->state = model_state_at(&g->seen[i], now);
    for (size_t i = 0; i < g->n_seen; i++) {
        const struct seen *seen = &g->seen[i];

        sum->sessions += seen->sessions;
        sum->critical = sum->critical || seen->critical;
        if (seen->verdict > sum->verdict)
            sum->verdict = seen->verdict;
        if (seen->review_due && (!sum->review_due || seen->review_due < sum->review_due))
            sum->review_due = seen->review_due;
        if (model_state_at(seen, now) != sum->state) {
            sum->other++;
            continue;
        }
        sum->hosts++;
        sum->solo = sum->solo || seen->solo;
        sum->closed_as = seen->closed_as;
        if (seen->ends > sum->ends)
            sum->ends = seen->ends;
        if (!sum->opens || seen->opens < sum->opens)
            sum->opens = seen->opens;
    }
    sum_places(g, now, sum);
    if (sum->state == GRANT_STATES)
        sum->state = GRANT_REFUSED;
}

/* --- who approved where, and who can --- */

bool model_is_named(const char *commas, const char *name)
{
    size_t len = strlen(name);

    for (const char *p = commas; *p; p += strcspn(p, ","), p += *p == ',')
        if (strcspn(p, ",") == len && strncmp(p, name, len) == 0)
            return true;
    return false;
}

bool model_got(const struct seen *seen, const char *person)
{
    return seen->row && strings_has(&seen->row->got, person);
}

bool model_lacks_person(const struct seen *seen, const char *person)
{
    for (size_t i = 0; seen->row && i < seen->row->lines.n; i++) {
        const struct bg_line_row *line = &seen->row->lines.v[i];

        if (line->filled < line->need && strings_has(&line->who, person))
            return true;
    }
    return false;
}

bool model_got_more(const struct seen *seen, const struct seen *other)
{
    for (size_t i = 0; seen->row && i < seen->row->got.n; i++)
        if (!model_got(other, seen->row->got.v[i]))
            return true;
    return false;
}

const char *model_state(const struct sum *sum)
{
    if (sum->state == GRANT_OPEN)
        return "OPEN";
    return sum->state == GRANT_CLOSED ? closed_names[sum->closed_as] : state_names[sum->state];
}

const char *model_verdict(const struct sum *sum)
{
    return sum->verdict == VERDICT_FLAG ? "flagged" : sum->verdict == VERDICT_OK ? "signed off" : "";
}
