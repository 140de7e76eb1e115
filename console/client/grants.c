/* SPDX-License-Identifier: ISC */
/* Rows of many hosts become one list. */
#include "console/client/grants.h"

#include "policy/base/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 10000 /* of one host: a host that lies must not keep us busy for ever */

/* --- what each host says --- */

struct said {
    const struct bg_grant_row *row;
    const char *host;
    size_t nth;   /* of all, as they came */
    size_t first; /* the nth of the first that says the same */
};

struct all_said {
    struct said *v;
    size_t n, room;
};

static void all_free(struct all_said *all)
{
    free(all->v);
}

static int add_page(struct all_said *all, struct grant_rows *grants, const struct calls_link *link)
{
    struct reply *reply = calls_reply(link);

    if (replies_add(&grants->replies, reply) < 0)
        return -ENOMEM;
    if (all->room - all->n < reply->n) {
        size_t room = 2 * all->room + reply->n;
        struct said *v = reallocarray(all->v, room, sizeof *v);

        if (!v)
            return -ENOMEM;
        all->v = v;
        all->room = room;
    }
    for (size_t i = 0; i < reply->n; i++, all->n++)
        all->v[all->n] = (struct said){reply_grant(reply, i), calls_label(link), all->n, all->n};
    return 0;
}

/* What one host has: the page that it has answered, and those behind it. */
static int add_link(struct all_said *all, struct grant_rows *grants, struct calls *fan,
                    struct calls_link *link, const char *which)
{
    for (size_t n = 0; calls_reply(link);) {
        const char *next = link->reply->text; /* kept with the page */
        int r = add_page(all, grants, link);

        if (r < 0)
            return r;
        n += link->reply->n;
        if (!*next || link->reply->n == 0 || n > ROWS_MAX)
            break;
        calls_call(fan, link, &(struct call_args){BG_METHOD_LIST, .text = {which, next}});
    }
    return 0;
}

/* --- put together --- */

static int compare_said(const struct said *x, const struct said *y)
{
    int r = strcmp(x->row->id, y->row->id);

    return r ? r : strcmp(x->row->state, y->row->state);
}

static int by_row(const void *a, const void *b)
{
    const struct said *x = a, *y = b;
    int r = compare_said(x, y);

    return r ? r : x->nth < y->nth ? -1 : x->nth > y->nth;
}

static int by_first(const void *a, const void *b)
{
    const struct said *x = a, *y = b;

    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return x->nth < y->nth ? -1 : x->nth > y->nth;
}

/* In the order in which they came, and what says the same as one before directly behind that one. */
static void group(struct all_said *all)
{
    if (all->n == 0)
        return;
    qsort(all->v, all->n, sizeof *all->v, by_row);
    for (size_t i = 1; i < all->n; i++)
        if (compare_said(&all->v[i - 1], &all->v[i]) == 0)
            all->v[i].first = all->v[i - 1].first;
    qsort(all->v, all->n, sizeof *all->v, by_first);
}

/* Only hosts on which it was used want a review, from the end that each of them saw. */
static const char **add_review(struct grants_row *row, const struct said *said, const char **at)
{
    int64_t due = said->row->review_due;

    if (due == 0)
        return at;
    if (row->review_due == 0 || due < row->review_due)
        row->review_due = due;
    *at++ = said->host;
    row->review_on.n++;
    return at;
}

/* One row out of those that say the same; gives the place behind its names. */
static const char **join(struct grants_row *row, const struct said *said, size_t n, const char **at)
{
    *row = (struct grants_row){.row = said->row, .on = {at, n}};
    for (size_t i = 0; i < n; i++)
        *at++ = said[i].host;
    row->review_on.v = at;
    for (size_t i = 0; i < n; i++)
        at = add_review(row, &said[i], at);
    return at;
}

static int join_all(struct grant_rows *grants, struct all_said *all)
{
    const char **at;

    group(all);
    grants->v = calloc(all->n + 1, sizeof *grants->v);
    grants->names = at = calloc(2 * all->n + 1, sizeof *grants->names);
    if (!grants->v || !at)
        return -ENOMEM;
    for (size_t i = 0, n; i < all->n; i += n) {
        for (n = 1; i + n < all->n && all->v[i + n].first == all->v[i].first; n++)
            ;
        at = join(&grants->v[grants->n++], &all->v[i], n, at);
    }
    return 0;
}

int grants_fetch(struct calls *fan, const char *which, struct grant_rows *grants)
{
    struct all_said all bg_cleanup_(all_free) = {0};

    *grants = (struct grant_rows){0};
    calls_call(fan, NULL, &(struct call_args){BG_METHOD_LIST, .text = {which}});
    for (size_t i = 0; i < fan->n; i++) {
        int r = add_link(&all, grants, fan, &fan->link[i], which);

        if (r < 0)
            return r;
    }
    return join_all(grants, &all);
}

void grant_rows_free(struct grant_rows *grants)
{
    replies_free(&grants->replies);
    free(grants->v);
    free(grants->names);
    *grants = (struct grant_rows){0};
}

bool grants_lives(const struct bg_grant_row *row)
{
    return strcmp(row->state, "open") == 0 || strcmp(row->state, "pending") == 0 ||
           strcmp(row->state, "early") == 0;
}

/* --- for programs --- */

static void print_hosts(struct json *j, struct calls *fan)
{
    json_open(j, "hosts", '[');
    for (size_t i = 0; i < fan->n; i++) {
        const struct calls_link *link = &fan->link[i];
        bool reached = link->state != FAN_UNREACHABLE;

        json_open(j, NULL, '{');
        json_string(j, "host", calls_label(link));
        json_flag(j, "reachable", reached);
        if (link->state == FAN_REFUSED || !reached)
            json_string(j, "error", link->error.text);
        json_shut(j, '}');
    }
    json_shut(j, ']');
}

void grants_print_json(struct calls *fan, const struct grant_rows *grants, bool overdue, int64_t now)
{
    struct json j = {.to = stdout};

    json_open(&j, NULL, '{');
    print_hosts(&j, fan);
    json_open(&j, "grants", '[');
    for (size_t i = 0; i < grants->n; i++) {
        const struct grants_row *one = &grants->v[i];
        struct bg_grant_row row = *one->row;

        row.review_due = one->review_due;
        json_open(&j, NULL, '{');
        json_fields(&j, &bg_grant_type, &row);
        json_strings(&j, "on", &one->on);
        json_strings(&j, "review_on", &one->review_on);
        if (overdue)
            json_flag(&j, "overdue", one->review_due <= now);
        json_shut(&j, '}');
    }
    json_shut(&j, ']');
    json_shut(&j, '}');
}
