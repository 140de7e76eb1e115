/* SPDX-License-Identifier: ISC */
/* The journals of all hosts as one: pages of both ends are asked for, filtered, and checked as chains. */
#include "console/screen/data/journal.h"

#include "console/client/log_chain.h"
#include "console/words/grant.h"

#include "policy/base/cleanup.h"
#include "policy/record/event.h"
#include "policy/pamfile/gateline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 100
#define LONG_PAGE 500 /* as a host gives at most */

/* --- entries --- */

/* Every look at the console from elsewhere is two of them. One that was ended is something else. */
static bool is_of_door(const struct bg_event_row *row)
{
    return strcmp(row->account, BG_DOOR_ACCOUNT) == 0 &&
           (strcmp(row->event, bg_event_name(BG_EVENT_SESSION_OPENED)) == 0 ||
            strcmp(row->event, bg_event_name(BG_EVENT_SESSION_CLOSED)) == 0);
}

static struct entry *entry_new(size_t host, const struct bg_event_row *row)
{
    size_t size = strlen(row->event) + strlen(row->person) + strlen(row->role) + strlen(row->grant) +
                  strlen(row->message) + 5;
    struct entry *e = calloc(1, sizeof *e + size);
    char *at = e ? e->text : NULL;

    if (!e)
        return NULL;
    e->time = row->time;
    e->seq = strtoull(row->seq, NULL, 10);
    e->host = (uint16_t)host;
    e->door = is_of_door(row);
    e->event = model_keep(&at, row->event);
    e->person = model_keep(&at, row->person);
    e->role = model_keep(&at, row->role);
    e->grant = model_keep(&at, row->grant);
    e->message = model_keep(&at, row->message);
    return e;
}

static bool fits(const struct journal *j, const struct entry *e)
{
    const char *host = j->frame->model.host[e->host].name;
    char shown[SHOW_ID_SIZE];
    const char *const texts[] = {e->event, e->person, e->role, show_id(shown, e->grant), e->message, host};

    return filter_named_fit(j->filter, e->person, e->role, e->grant) &&
           (!j->filter->host || strcasestr(host, j->filter->host)) &&
           (!j->filter->event || strcasestr(e->event, j->filter->event)) &&
           filter_words_fit(j->filter, texts, BG_COUNT(texts));
}

static void add(struct journal *j, size_t host, const struct bg_event_row *row)
{
    struct entry *e = entry_new(host, row);

    if (e && j->n == j->room) {
        size_t room = j->room ? 2 * j->room : 256;
        struct entry **v = reallocarray(j->v, room, sizeof *v);

        if (v) {
            j->v = v;
            j->room = room;
        }
    }
    if (e && j->n < j->room && fits(j, e))
        j->v[j->n++] = e;
    else
        free(e);
}

/* The newest first; in the same second in the order of the console. */
static int in_order(const void *a, const void *b)
{
    const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;

    if (x->time != y->time)
        return x->time > y->time ? -1 : 1;
    if (x->host != y->host)
        return x->host < y->host ? -1 : 1;
    return x->seq > y->seq ? -1 : x->seq < y->seq;
}

static void arrange(struct journal *j)
{
    if (j->n)
        qsort(j->v, j->n, sizeof *j->v, in_order);
    for (; j->n > JOURNAL_MAX; free(j->v[--j->n])) {
        j->host[j->v[j->n - 1]->host].whole = true; /* what falls off is not read again */
        j->cut = true;
    }
    j->changes++;
}

static void clear(struct journal *j)
{
    for (size_t i = 0; i < j->n; i++)
        free(j->v[i]);
    j->n = 0;
    j->changes++;
    j->cut = false;
    j->may_look = JOURNAL_LOOK;
    for (size_t i = 0; i < MODEL_HOSTS; i++) {
        struct journal_host *h = &j->host[i];

        free(h->older);
        *h = (struct journal_host){0};
    }
}

/* --- the chain --- */

/* Hosts compare whole names; so they are asked only for what is one and part of no other. */
static const char *event_asked(const struct journal *j)
{
    const char *event = j->filter->event;

    if (!event || bg_event_by_name(event) < 0)
        return NULL;
    for (int i = 0; i < BG_EVENT_COUNT; i++)
        if (strcmp(bg_event_name((enum bg_event_id)i), event) != 0 &&
            strcasestr(bg_event_name((enum bg_event_id)i), event))
            return NULL;
    return event;
}

static const char *grant_asked(const struct journal *j)
{
    char parsed[BG_ID_SIZE];

    return j->filter->grant && bg_id_parse(parsed, j->filter->grant) == 0 ? j->filter->grant : NULL;
}

static bool asks_for_some(const struct journal *j)
{
    return grant_asked(j) || event_asked(j);
}

/* The filter's host is looked for among those that are asked. */
static bool is_asked(const struct journal *j, size_t host)
{
    const struct host *h = &j->frame->model.host[host];

    return !h->extra && (!j->filter->host || strcasestr(h->name, j->filter->host));
}

/* Whether this host's entries follow one from the other, as far as we are shown all of them. */
static bool is_chain(const struct journal *j, size_t host)
{
    return !asks_for_some(j) && j->frame->model.host[host].is.who->sees_all;
}

/* Newest first as they came, with the entry that stands beside them in what is here already. */
static void check(struct journal *j, size_t host, const struct reply *page, size_t n)
{
    struct journal_host *h = &j->host[host];
    const struct log_link *older = h->reading_new && h->some ? &h->newest : NULL,
                          *newer = !h->reading_new && h->some ? &h->oldest : NULL;
    const struct bg_event_row **rows;
    struct bg_sentence finding = {0};

    if (n == 0 || *h->broken || !is_chain(j, host))
        return;
    rows = calloc(n, sizeof *rows);
    for (size_t i = 0; rows && i < n; i++)
        rows[i] = reply_event(page, n - 1 - i);
    if (rows && log_chain_check(rows, n, older, newer, &finding) == -EBADMSG)
        (void)snprintf(h->broken, sizeof(h->broken), "%.500s", finding.text);
    free(rows);
}

/* anew: what lies behind this page is not here. */
static void note_ends(struct journal_host *h, const struct reply *page, size_t n, bool anew)
{
    if (h->reading_new || !h->some)
        (void)log_chain_link(reply_event(page, 0), &h->newest);
    if (!h->reading_new || !h->some || anew) {
        (void)log_chain_link(reply_event(page, n - 1), &h->oldest);
        h->back_to = reply_event(page, n - 1)->time;
    }
    h->some = true;
}

unsigned journal_chain(const struct journal *j, char *out, size_t size)
{
    const struct model *m = &j->frame->model;
    size_t whole = 0, partly = 0, asked = 0;
    unsigned long long first = 0, last = 0;

    for (size_t i = 0; i < m->n_hosts; i++) {
        const struct journal_host *h = &j->host[i];

        if (*h->broken) {
            (void)snprintf(out, size, "chain BROKEN on %s: %s", m->host[i].name, h->broken);
            return STYLE_BAD;
        }
        asked += h->begun;
        if (!h->some)
            continue;
        if (is_chain(j, i)) {
            whole++;
            first = h->oldest.seq;
            last = h->newest.seq;
        } else
            partly++;
    }
    if (asks_for_some(j))
        (void)snprintf(out, size, "chain not checked: the filter leaves events out");
    else if (whole == 1 && !partly)
        (void)snprintf(out, size, "chain whole, events %llu to %llu", first, last);
    else if (whole)
        (void)snprintf(out, size, "chain whole on %zu of %zu hosts, as far as it is read", whole, asked);
    else if (partly)
        (void)snprintf(out, size, "only what concerns you is shown; reviewers and administrators see all");
    else
        out[0] = 0;
    return whole ? STYLE_OPEN : STYLE_FAINT;
}

/* --- reading --- */

static void read_page(struct journal *j, size_t host, bool newest, bool many);

/* How many rows of a page are new: those before the newest one that is here. */
static size_t fresh(const struct journal_host *h, const struct reply *page)
{
    for (size_t i = 0; h->reading_new && h->some && i < page->n; i++)
        if (strtoull(reply_event(page, i)->seq, NULL, 10) <= h->newest.seq)
            return i;
    return page->n;
}

static void on_page(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    struct journal *j = arg;
    struct journal_host *h = &j->host[host];
    bool anew;
    size_t n;

    h->busy = false;
    j->frame->dirty = true;
    if (r < 0) {
        (void)snprintf(h->why, sizeof(h->why), "%.200s", sentence);
        return;
    }
    h->why[0] = 0;
    n = fresh(h, reply);
    check(j, host, reply, n);
    for (size_t i = 0; i < n; i++)
        add(j, host, reply_event(reply, i));
    arrange(j);
    /* More than a page of news: what lies between is not here, so the older ones are read anew from there. */
    anew = h->reading_new && n == reply->n && n > 0;
    if (!h->reading_new || anew) {
        free(h->older);
        h->older = *reply->text ? strdup(reply->text) : NULL;
        h->whole = !*reply->text;
    }
    if (n)
        note_ends(h, reply, n, anew);
    h->looked += n;
    if (h->stale)
        read_page(j, host, true, false);
}

static void read_page(struct journal *j, size_t host, bool newest, bool many)
{
    struct journal_host *h = &j->host[host];

    if (j->frame->model.host[host].state != HOST_UP)
        return;
    if (newest)
        h->stale = h->busy;
    if (h->busy)
        return;
    h->begun = h->busy = true;
    h->reading_new = newest;
    live_call(j->frame->live, host,
              &(struct call_args){BG_METHOD_LOG,
                                  .filter = &(struct bg_filter_row){.grant = grant_asked(j),
                                                                    .event = event_asked(j),
                                                                    .cursor = newest ? NULL : h->older,
                                                                    .limit = many ? LONG_PAGE : PAGE}},
              j, on_page, j);
}

void journal_follow(struct journal *j)
{
    for (size_t i = 0; i < j->frame->model.n_hosts; i++)
        if (is_asked(j, i) && j->frame->model.host[i].state == HOST_UP && !j->host[i].busy &&
            !*j->host[i].why && (!j->host[i].begun || j->host[i].stale))
            read_page(j, i, true, false);
}

static bool has_older(const struct journal_host *h)
{
    return h->begun && !h->whole && h->older && !*h->why;
}

static bool looks_on(const struct journal *j, const struct journal_host *h)
{
    return filter_is_empty(j->filter) || h->looked < j->may_look;
}

enum journal_end journal_end(const struct journal *j)
{
    enum journal_end end = j->cut ? JOURNAL_FULL : JOURNAL_WHOLE;

    for (size_t i = 0; i < j->frame->model.n_hosts && end != JOURNAL_MORE; i++)
        if (has_older(&j->host[i]))
            end = j->n >= JOURNAL_MAX        ? JOURNAL_FULL
                  : looks_on(j, &j->host[i]) ? JOURNAL_MORE
                                             : JOURNAL_LOOKED;
    return end;
}

bool journal_older(struct journal *j, bool many)
{
    bool some = false;

    for (size_t i = 0; i < j->frame->model.n_hosts && j->n < JOURNAL_MAX; i++) {
        struct journal_host *h = &j->host[i];

        if (!has_older(h) || !looks_on(j, h) || j->frame->model.host[i].state != HOST_UP)
            continue;
        some = true;
        if (!h->busy)
            read_page(j, i, false, many || !filter_is_empty(j->filter));
    }
    return some;
}

void journal_further(struct journal *j)
{
    if (journal_end(j) == JOURNAL_LOOKED)
        j->may_look += JOURNAL_LOOK;
}

void journal_looked(const struct journal *j, char *out, size_t size)
{
    size_t looked = 0;
    int64_t back_to = 0;
    char when[SHOW_LEFT_SIZE];

    out[0] = 0;
    if (filter_is_empty(j->filter))
        return;
    for (size_t i = 0; i < j->frame->model.n_hosts; i++) {
        looked += j->host[i].looked;
        /* All of them are known no further back than the one that is known least. */
        if (has_older(&j->host[i]) && j->host[i].back_to > back_to)
            back_to = j->host[i].back_to;
    }
    if (back_to)
        (void)snprintf(out, size, "%zu of %zu events match, back to %s", j->n, looked,
                       show_clock(when, back_to, bg_now()));
    else
        (void)snprintf(out, size, "%zu of %zu events match", j->n, looked);
}

void journal_logged(struct journal *j, size_t host)
{
    j->host[host].stale = true;
    j->host[host].why[0] = 0;
}

void journal_restart(struct journal *j)
{
    live_forget(j->frame->live, j);
    clear(j);
}

bool journal_busy(const struct journal *j)
{
    for (size_t i = 0; i < j->frame->model.n_hosts; i++)
        if (j->host[i].busy)
            return true;
    return false;
}

void journal_free(struct journal *j)
{
    live_forget(j->frame->live, j);
    clear(j);
    free(j->v);
}
