/* Lists and single grants. */
#include "doings.h"

#include "grants.h"
#include "hosts/reach.h"
#include "say.h"
#include "show.h"
#include "when.h"

#include <stdlib.h>
#include <string.h>

static int64_t by_age(json_object *row)
{
    return row_number(row, "asked");
}

static int newest_first(const void *a, const void *b)
{
    int64_t x = by_age(*(json_object *const *)a), y = by_age(*(json_object *const *)b);

    return x < y ? 1 : x > y ? -1 : 0;
}

/* The rows that were asked for, in a new array. */
static json_object *chosen(json_object *rows, const struct list_wish *wish)
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
        json_object_array_sort(some, newest_first);
    return some;
}

int do_list(struct fan *fan, const struct list_wish *wish)
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
    } else if (reach_first(fan)) {
        show_list(stdout, some, fan->n > 1, bg_now());
    }
    status = fan_status(fan, 0);
    return status;
}

/* Asks all. Gives the first that has it, or NULL. */
static struct fan_link *ask_all(struct fan *fan, const char *id)
{
    fan_call(fan, NULL, "Show", fan_append_string, (void *)id);
    for (size_t i = 0; i < fan->n; i++)
        if (fan->link[i].state == FAN_DONE && fan_reply(&fan->link[i], 0))
            return &fan->link[i];
    return NULL;
}

/* Other hosts than the one shown in full: one line each. */
static void other_hosts(struct fan *fan, const struct fan_link *shown, int64_t now)
{
    for (size_t i = 0; i < fan->n; i++) {
        json_object *grant = fan_reply(&fan->link[i], 0);
        int64_t due = row_number(grant, "review_due");
        char by[SHOW_LEFT_SIZE];

        if (&fan->link[i] != shown && fan->link[i].state == FAN_DONE && grant)
            say(stdout, "  on %s: %s%s%s", fan_label(&fan->link[i]), row_string(grant, "sentence"),
                due ? "; review due by " : "", due ? show_clock(by, due, now) : "");
    }
}

void do_show_in_full(struct fan *fan, const char *id)
{
    struct fan_link *shown = ask_all(fan, id);
    int64_t now = bg_now();

    if (!shown)
        return;
    show_grant(stdout, fan_reply(shown, 0), now);
    other_hosts(fan, shown, now);
}

int do_show(struct fan *fan, const char *id, bool json)
{
    struct fan_link *shown = json ? ask_all(fan, id) : NULL;

    if (shown)
        show_json(fan_reply(shown, 0));
    else if (!json)
        do_show_in_full(fan, id);
    return fan_status(fan, 0);
}
