/* SPDX-License-Identifier: ISC */
/* Lists and single grants. */
#include "console/action/transfer.h"

#include "console/client/grants.h"
#include "console/client/connect_known.h"
#include "console/base/print.h"
#include "console/words/grant.h"
#include "policy/base/timestamp.h"

#include <stdlib.h>
#include <string.h>

/* As the console orders them (model_arrange). */
static int rank_of(json_object *row)
{
    const char *state = row_string(row, "state");

    if (strcmp(state, "pending") == 0)
        return 0;
    if (strcmp(state, "early") == 0)
        return 1;
    if (strcmp(state, "open") == 0)
        return 2;
    return row_number(row, "review_due") ? 3 : 4;
}

static int compare(int64_t x, int64_t y)
{
    return x < y ? -1 : x > y;
}

/* What waits, what is open, what wants a review (overdue ones first), the rest; the newest first. */
static int in_order(const void *a, const void *b)
{
    json_object *x = *(json_object *const *)a, *y = *(json_object *const *)b;
    int r = compare(rank_of(x), rank_of(y));

    if (r == 0 && rank_of(x) == 3)
        r = compare(row_number(x, "review_due"), row_number(y, "review_due"));
    if (r == 0)
        r = compare(row_number(y, "asked"), row_number(x, "asked"));
    return r ? r : strcmp(row_string(x, "id"), row_string(y, "id"));
}

/* The rows that were asked for, in a new array. */
static json_object *chosen(json_object *rows, const struct list_terms *wish)
{
    json_object *some = json_object_new_array();

    for (size_t i = 0; some && i < json_object_array_length(rows); i++) {
        json_object *row = json_object_array_get_idx(rows, i);

        if (wish->person && strcmp(row_string(row, "person"), wish->person) != 0)
            continue;
        if (wish->role && strcmp(row_string(row, "role"), wish->role) != 0)
            continue;
        json_object_array_add(some, json_object_get(row));
    }
    if (some)
        json_object_array_sort(some, in_order);
    return some;
}

int do_list(struct calls *fan, const struct list_terms *wish)
{
    json_ json_object *rows = NULL, *some = NULL, *whole = NULL;
    int status;

    if (grants_fetch(fan, wish->all ? "all" : "live", &rows) < 0 || !(some = chosen(rows, wish)))
        return EXIT_BROKEN;
    if (wish->json) {
        whole = json_object_new_object();
        json_object_object_add(whole, "hosts", grants_hosts(fan));
        json_object_object_add(whole, "grants", json_object_get(some));
        show_json(whole);
    } else if (connect_first(fan)) {
        show_list(stdout, some, fan->n > 1, bg_now());
    }
    status = calls_status(fan, 0);
    return status;
}

/* Asks all. Gives the first that has it, or NULL. */
static struct calls_link *ask_all(struct calls *fan, const char *id)
{
    calls_call(fan, NULL, "Show", calls_append_string, (void *)id);
    for (size_t i = 0; i < fan->n; i++)
        if (fan->link[i].state == FAN_DONE && calls_reply(&fan->link[i], 0))
            return &fan->link[i];
    return NULL;
}

/* Other hosts than the one shown in full: one line each. */
static void other_hosts(struct calls *fan, const struct calls_link *shown, int64_t now)
{
    for (size_t i = 0; i < fan->n; i++) {
        json_object *grant = calls_reply(&fan->link[i], 0);
        int64_t due = row_number(grant, "review_due");
        char by[SHOW_LEFT_SIZE];

        if (&fan->link[i] != shown && fan->link[i].state == FAN_DONE && grant)
            say(stdout, "  on %s: %s%s%s", calls_label(&fan->link[i]), row_string(grant, "sentence"),
                due ? "; review due by " : "", due ? show_clock(by, due, now) : "");
    }
}

void do_show_in_full(struct calls *fan, const char *id)
{
    struct calls_link *shown = ask_all(fan, id);
    int64_t now = bg_now();

    if (!shown)
        return;
    show_grant(stdout, calls_reply(shown, 0), now);
    other_hosts(fan, shown, now);
}

int do_show(struct calls *fan, const char *id, bool json)
{
    struct calls_link *shown = json ? ask_all(fan, id) : NULL;

    if (shown)
        show_json(calls_reply(shown, 0));
    else if (!json)
        do_show_in_full(fan, id);
    return calls_status(fan, 0);
}
