#include "grants.h"

#include "cleanup.h"

#include <errno.h>
#include <string.h>

#define ROWS_MAX 10000 /* of one host: a host that lies must not keep us busy for ever */

struct page {
    const char *which;
    const char *after;
};

static int append_page(sd_bus_message *m, struct fan_link *link, void *arg)
{
    const struct page *page = arg;

    (void)link;
    return sd_bus_message_append(m, "ss", page->which, page->after);
}

/* The row that says the same, or NULL. */
static json_object *same(json_object *rows, json_object *row)
{
    for (size_t i = 0; i < json_object_array_length(rows); i++) {
        json_object *other = json_object_array_get_idx(rows, i);

        if (strcmp(row_string(other, "id"), row_string(row, "id")) == 0 &&
            strcmp(row_string(other, "state"), row_string(row, "state")) == 0)
            return other;
    }
    return NULL;
}

/* A new list of hosts in a row, whatever the host that sent it has put there. */
static int add_hosts(json_object *row, const char *key)
{
    json_object_object_del(row, key);
    return json_object_object_add(row, key, json_object_new_array()) < 0 || !row_array(row, key) ? -ENOMEM
                                                                                                 : 0;
}

static int add_host(json_object *row, const char *key, const char *host)
{
    return json_object_array_add(row_array(row, key), json_object_new_string(host)) < 0 ? -ENOMEM : 0;
}

/* Only hosts on which it was used want a review, from the end that each of them saw. */
static int add_review(json_object *kept, json_object *row, const char *host)
{
    int64_t due = row_number(row, "review_due"), earliest = row_number(kept, "review_due");

    if (due == 0)
        return 0;
    if ((earliest == 0 || due < earliest) &&
        json_object_object_add(kept, "review_due", json_object_new_int64(due)) < 0)
        return -ENOMEM;
    return add_host(kept, "review_on", host);
}

static int add_row(json_object *rows, json_object *row, const char *host)
{
    json_object *kept = same(rows, row);

    if (!kept) {
        if (add_hosts(row, "on") < 0 || add_hosts(row, "review_on") < 0 ||
            json_object_array_add(rows, json_object_get(row)) < 0)
            return -ENOMEM;
        kept = row;
    }
    return add_host(kept, "on", host) < 0 ? -ENOMEM : add_review(kept, row, host);
}

static int add_page(json_object *rows, struct fan_link *link, char *next, size_t size)
{
    json_object *page = fan_reply(link, 0), *after = fan_reply(link, 1);
    const char *host = fan_label(link);

    next[0] = 0;
    if (!page || !json_object_is_type(page, json_type_array))
        return 0;
    for (size_t i = 0; i < json_object_array_length(page); i++) {
        json_object *row = json_object_array_get_idx(page, i);
        int r = json_object_is_type(row, json_type_object) ? add_row(rows, row, host) : 0;

        if (r < 0)
            return r;
    }
    if (after && json_object_is_type(after, json_type_string) &&
        strlen(json_object_get_string(after)) < size && json_object_array_length(page) > 0)
        strcpy(next, json_object_get_string(after));
    return 0;
}

int grants_fetch(struct fan *fan, const char *which, json_object **rows)
{
    struct page page = {which, ""};
    json_ json_object *all = json_object_new_array();

    if (!all)
        return -ENOMEM;
    fan_call(fan, NULL, "List", append_page, &page);
    for (size_t i = 0; i < fan->n; i++) {
        struct fan_link *link = &fan->link[i];
        char next[256];
        size_t before = json_object_array_length(all);

        while (link->state == FAN_DONE) {
            int r = add_page(all, link, next, sizeof(next));

            if (r < 0)
                return r;
            if (!*next || json_object_array_length(all) - before > ROWS_MAX)
                break;
            page.after = next;
            fan_call(fan, link, "List", append_page, &page);
        }
    }
    *rows = BG_TAKE_PTR(all);
    return 0;
}

bool grants_lives(json_object *row)
{
    const char *state = row_string(row, "state");

    return strcmp(state, "open") == 0 || strcmp(state, "pending") == 0 || strcmp(state, "early") == 0;
}

json_object *grants_hosts(struct fan *fan)
{
    json_object *hosts = json_object_new_array();

    for (size_t i = 0; hosts && i < fan->n; i++) {
        struct fan_link *link = &fan->link[i];
        json_object *host = json_object_new_object();
        bool reached = link->state != FAN_UNREACHABLE;

        if (!host)
            continue;
        json_object_object_add(host, "host", json_object_new_string(fan_label(link)));
        json_object_object_add(host, "reachable", json_object_new_boolean(reached));
        if (link->state == FAN_REFUSED || !reached)
            json_object_object_add(host, "error", json_object_new_string(link->error.text));
        json_object_array_add(hosts, host);
    }
    return hosts;
}
