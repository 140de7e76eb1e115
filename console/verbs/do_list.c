/* SPDX-License-Identifier: ISC */
/* Lists and single grants. */
#include "console/action/transfer.h"

#include "console/client/grants.h"
#include "console/client/connect_known.h"
#include "console/base/print.h"
#include "console/words/grant.h"
#include "console/words/grant_text.h"
#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"

#include <stdlib.h>
#include <string.h>

/* As the console orders them (model_arrange). */
static int rank_of(const struct grants_row *one)
{
    const char *state = one->row->state;

    if (strcmp(state, "pending") == 0)
        return 0;
    if (strcmp(state, "early") == 0)
        return 1;
    if (strcmp(state, "open") == 0)
        return 2;
    return one->review_due ? 3 : 4;
}

static int compare(int64_t x, int64_t y)
{
    return x < y ? -1 : x > y;
}

/* What waits, what is open, what wants a review (overdue ones first), the rest; the newest first. */
static int in_order(const void *a, const void *b)
{
    const struct grants_row *x = a, *y = b;
    int r = compare(rank_of(x), rank_of(y));

    if (r == 0 && rank_of(x) == 3)
        r = compare(x->review_due, y->review_due);
    if (r == 0)
        r = compare(y->row->requested, x->row->requested);
    return r ? r : strcmp(x->row->id, y->row->id);
}

/* Keeps the rows that were asked for. */
static void choose(struct grant_rows *grants, const struct list_terms *wish)
{
    size_t n = 0;

    for (size_t i = 0; i < grants->n; i++) {
        const struct bg_grant_row *row = grants->v[i].row;

        if ((!wish->person || strcmp(row->person, wish->person) == 0) &&
            (!wish->role || strcmp(row->role, wish->role) == 0))
            grants->v[n++] = grants->v[i];
    }
    grants->n = n;
    if (n > 0)
        qsort(grants->v, n, sizeof *grants->v, in_order);
}

int do_list(struct calls *fan, const struct list_terms *wish)
{
    struct grant_rows grants bg_cleanup_(grant_rows_free) = {0};

    if (grants_fetch(fan, wish->all ? "all" : "live", &grants) < 0)
        return EXIT_BROKEN;
    choose(&grants, wish);
    if (wish->json)
        grants_print_json(fan, &grants, false, 0);
    else if (connect_first(fan))
        show_list(stdout, &grants, fan->n > 1, bg_now());
    return calls_status(fan, 0);
}

/* Asks all. Gives the first that has it, or NULL. */
static const struct calls_link *ask_all(struct calls *fan, const char *id)
{
    calls_call(fan, NULL, &(struct call_args){BG_METHOD_SHOW, .text = {id}});
    for (size_t i = 0; i < fan->n; i++)
        if (calls_reply(&fan->link[i]))
            return &fan->link[i];
    return NULL;
}

int do_show(struct calls *fan, const char *id, bool json)
{
    const struct calls_link *shown = ask_all(fan, id);
    struct json j = {.to = stdout};

    if (shown && json) {
        json_open(&j, NULL, '{');
        json_fields(&j, &bg_shown_type, shown->reply->rows);
        json_shut(&j, '}');
    } else
        show_grant(stdout, fan);
    return calls_status(fan, 0);
}
