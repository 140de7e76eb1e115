/* SPDX-License-Identifier: ISC */
/* Rows of many hosts become one list. */
#include "console/client/grants.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 10000 /* of one host: a host that lies must not keep us busy for ever */

/* --- what each host says --- */

int grants_add(struct grant_rows *grants, struct reply *reply, const char *host)
{
    struct grants_said *v = reallocarray(grants->said, grants->n_said + reply->n, sizeof *v);

    if (!v && reply->n > 0)
        return -ENOMEM;
    grants->said = v;
    if (replies_add(&grants->replies, reply) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < reply->n; i++, grants->n_said++)
        v[grants->n_said] = (struct grants_said){reply_grant(reply, i), host, grants->n_said};
    return 0;
}

/* What one host has: the page that it has answered, and those behind it. */
static int add_link(struct grant_rows *grants, struct calls *fan, struct calls_link *link, const char *which)
{
    for (size_t n = 0; calls_reply(link);) {
        const char *next = link->reply->text; /* kept with the page */
        int r = grants_add(grants, calls_reply(link), calls_label(link));

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

static int compare(int64_t x, int64_t y)
{
    return x < y ? -1 : x > y;
}

/* Whether they say the same: nothing but the grant matters where it is about reviews. */
static int compare_said(const struct grants_said *x, const struct grants_said *y, bool reviews)
{
    int r = strcmp(x->row->id, y->row->id);

    return r || reviews ? r : strcmp(x->row->state, y->row->state);
}

static int by_what_is_said(const void *a, const void *b, void *reviews)
{
    const struct grants_said *x = a, *y = b;
    int r = compare_said(x, y, *(const bool *)reviews);

    return r ? r : compare((int64_t)x->nth, (int64_t)y->nth);
}

static int in_order(const void *a, const void *b, void *reviews)
{
    const struct grants_row *x = a, *y = b;
    int r = *(const bool *)reviews ? compare(x->review_due, y->review_due) : 0;

    return r ? r : compare((int64_t)x->nth, (int64_t)y->nth);
}

/* One row out of those that say the same; gives the place behind its names. Only hosts on which it was used
 * want a review, from the end that each of them saw. */
static const char **join(struct grants_row *row, const struct grants_said *said, size_t n, const char **at)
{
    *row = (struct grants_row){.row = said->row, .on = {at, n}, .nth = said->nth};
    for (size_t i = 0; i < n; i++)
        *at++ = said[i].host;
    row->review_on.v = at;
    for (size_t i = 0; i < n; i++) {
        int64_t due = said[i].row->review_due;

        if (due == 0)
            continue;
        if (row->review_due == 0 || due < row->review_due)
            row->review_due = due;
        *at++ = said[i].host;
        row->review_on.n++;
    }
    return at;
}

int grants_join(struct grant_rows *grants, bool reviews)
{
    struct grants_said *said = grants->said;
    const char **at;
    size_t all = 0;

    for (size_t i = 0; i < grants->n_said; i++)
        if (!reviews || said[i].row->review_due)
            said[all++] = said[i];
    grants->v = calloc(all + 1, sizeof *grants->v);
    grants->names = at = calloc(2 * all + 1, sizeof *grants->names);
    if (!grants->v || !at)
        return -ENOMEM;
    if (all > 0)
        qsort_r(said, all, sizeof *said, by_what_is_said, &reviews);
    for (size_t i = 0, n; i < all; i += n) {
        for (n = 1; i + n < all && compare_said(&said[i], &said[i + n], reviews) == 0; n++)
            ;
        at = join(&grants->v[grants->n++], &said[i], n, at);
    }
    qsort_r(grants->v, grants->n, sizeof *grants->v, in_order, &reviews);
    return 0;
}

static int fetch(struct calls *fan, const char *which, bool reviews, struct grant_rows *grants)
{
    int r = 0;

    *grants = (struct grant_rows){0};
    calls_call(fan, NULL, &(struct call_args){BG_METHOD_LIST, .text = {which}});
    for (size_t i = 0; i < fan->n && r >= 0; i++)
        r = add_link(grants, fan, &fan->link[i], which);
    return r < 0 ? r : grants_join(grants, reviews);
}

int grants_fetch(struct calls *fan, const char *which, struct grant_rows *grants)
{
    return fetch(fan, which, false, grants);
}

int grants_fetch_reviews(struct calls *fan, struct grant_rows *grants)
{
    return fetch(fan, "all", true, grants);
}

void grant_rows_free(struct grant_rows *grants)
{
    replies_free(&grants->replies);
    free(grants->v);
    free(grants->names);
    free(grants->said);
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
