/* SPDX-License-Identifier: ISC */
#include "console/client/reviews.h"

#include "policy/base/cleanup.h"
#include "console/base/print.h"
#include "console/words/grant.h"

#include <string.h>

#define WORDS 1024

static json_object *find(json_object *waiting, const char *id)
{
    for (size_t i = 0; i < json_object_array_length(waiting); i++) {
        json_object *row = json_object_array_get_idx(waiting, i);

        if (strcmp(row_string(row, "id"), id) == 0)
            return row;
    }
    return NULL;
}

/* Two hosts may see one grant in two states, closed and over, and both want it reviewed. */
static int join(json_object *kept, json_object *row)
{
    json_object *hosts = row_array(row, "review_on"), *on = row_array(kept, "review_on");
    int64_t due = row_number(row, "review_due");
    int r = 0;

    if (due < row_number(kept, "review_due"))
        r = json_object_object_add(kept, "review_due", json_object_new_int64(due));
    for (size_t i = 0; r >= 0 && hosts && on && i < json_object_array_length(hosts); i++)
        r = json_object_array_add(on, json_object_get(json_object_array_get_idx(hosts, i)));
    return r;
}

static int first_due(const void *a, const void *b)
{
    int64_t x = row_number(*(json_object *const *)a, "review_due"),
            y = row_number(*(json_object *const *)b, "review_due");

    return x < y ? -1 : x > y ? 1 : 0;
}

static int mark_overdue(json_object *waiting, int64_t now)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < json_object_array_length(waiting); i++) {
        json_object *row = json_object_array_get_idx(waiting, i);

        r = json_object_object_add(row, "overdue",
                                   json_object_new_boolean(row_number(row, "review_due") <= now));
    }
    return r;
}

json_object *reviews_waiting(json_object *rows, int64_t now)
{
    json_ json_object *waiting = json_object_new_array();
    int r = waiting ? 0 : -1;

    for (size_t i = 0; r >= 0 && i < json_object_array_length(rows); i++) {
        json_object *row = json_object_array_get_idx(rows, i), *kept;

        if (!row_number(row, "review_due"))
            continue;
        kept = find(waiting, row_string(row, "id"));
        r = kept ? join(kept, row) : json_object_array_add(waiting, json_object_get(row));
    }
    if (r < 0 || mark_overdue(waiting, now) < 0)
        return NULL;
    json_object_array_sort(waiting, first_due);
    return BG_TAKE_PTR(waiting);
}

static bool has_agreed(json_object *row, const char *person)
{
    json_object *got = row_array(row, "got");

    for (size_t i = 0; got && i < json_object_array_length(got); i++) {
        json_object *name = json_object_array_get_idx(got, i);

        if (json_object_is_type(name, json_type_string) && strcmp(json_object_get_string(name), person) == 0)
            return true;
    }
    return false;
}

static const char *own_part(json_object *row, const char *person)
{
    if (strcmp(row_string(row, "person"), person) == 0)
        return "; you asked";
    return has_agreed(row, person) ? "; you agreed" : "";
}

void reviews_show(FILE *to, json_object *waiting, const char *person, int64_t now)
{
    size_t n = json_object_array_length(waiting);

    if (n == 0) {
        say(to, "nothing waits for a review");
        return;
    }
    say(to, "%-14s  %-16s %-10s %-16s %s", "ID", "ROLE", "WHO", "WAITS ON", "REVIEW");
    for (size_t i = 0; i < n; i++) {
        json_object *row = json_object_array_get_idx(waiting, i);
        char id[64], hosts[WORDS], due[SHOW_LEFT_SIZE];

        say(to, "%-14s  %-16s %-10s %-16s %s %s%s", show_id(id, row_string(row, "id")),
            row_string(row, "role"), row_string(row, "person"),
            row_joined(row, "review_on", ",", hosts, sizeof(hosts)),
            row_flag(row, "overdue") ? "OVERDUE since" : "by",
            show_clock(due, row_number(row, "review_due"), now), own_part(row, person));
    }
}
