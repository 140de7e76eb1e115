/* SPDX-License-Identifier: ISC */
#include "console/client/grants.h"

#include "policy/base/cleanup.h"

#include <errno.h>
#include <string.h>

#define ROWS_MAX 10000 /* of one host: a host that lies must not keep us busy for ever */

struct page {
    const char *which;
    const char *after;
};

static int append_page(sd_bus_message *m, struct calls_link *link, void *arg)
{
    const struct page *page = arg;

    (void)link;
    return sd_bus_message_append(m, "ss", page->which, page->after);
}

/* The rows so far: in order, and by what they say, so that ten thousand are put together in no time. */
struct joined {
    json_object *rows, *index;
};

static void joined_put(struct joined *j)
{
    json_object_put(j->index);
    json_object_put(j->rows);
}

/* What rows that are one say alike. Cleaned text has no line ends. To be freed. */
static char *key_of(json_object *row)
{
    char *key = NULL;

    return asprintf(&key, "%s\n%s", row_string(row, "id"), row_string(row, "state")) < 0 ? NULL : key;
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

/* The first of its kind. */
static int add_new(struct joined *j, const char *key, json_object *row)
{
    if (add_hosts(row, "on") < 0 || add_hosts(row, "review_on") < 0 ||
        json_object_array_add(j->rows, json_object_get(row)) < 0)
        return -ENOMEM;
    return json_object_object_add(j->index, key, json_object_get(row)) < 0 ? -ENOMEM : 0;
}

static int add_row(struct joined *j, json_object *row, const char *host)
{
    bg_free_ char *key = key_of(row);
    json_object *kept = NULL;

    if (!key)
        return -ENOMEM;
    if (!json_object_object_get_ex(j->index, key, &kept)) {
        if (add_new(j, key, row) < 0)
            return -ENOMEM;
        kept = row;
    }
    return add_host(kept, "on", host) < 0 ? -ENOMEM : add_review(kept, row, host);
}

/* Gives how many rows it had. */
static int add_page(struct joined *j, struct calls_link *link, char *next, size_t size)
{
    json_object *page = calls_reply(link, 0), *after = calls_reply(link, 1);
    const char *host = calls_label(link);
    size_t n = page && json_object_is_type(page, json_type_array) ? json_object_array_length(page) : 0;

    next[0] = 0;
    for (size_t i = 0; i < n; i++) {
        json_object *row = json_object_array_get_idx(page, i);
        int r = json_object_is_type(row, json_type_object) ? add_row(j, row, host) : 0;

        if (r < 0)
            return r;
    }
    if (n > 0 && after && json_object_is_type(after, json_type_string) &&
        strlen(json_object_get_string(after)) < size)
        strcpy(next, json_object_get_string(after));
    return (int)n;
}

/* What one host has: the page that it has answered, and those behind it. */
static int add_link(struct joined *j, struct calls *fan, struct calls_link *link, const char *which)
{
    char next[256];
    struct page page = {which, next};

    for (int n = 0; link->state == FAN_DONE;) {
        int r = add_page(j, link, next, sizeof(next));

        if (r < 0)
            return r;
        n += r;
        if (!*next || n > ROWS_MAX)
            break;
        calls_call(fan, link, "List", append_page, &page);
    }
    return 0;
}

int grants_fetch(struct calls *fan, const char *which, json_object **rows)
{
    struct page first = {which, ""};
    struct joined j bg_cleanup_(joined_put) = {json_object_new_array(), json_object_new_object()};

    if (!j.rows || !j.index)
        return -ENOMEM;
    calls_call(fan, NULL, "List", append_page, &first);
    for (size_t i = 0; i < fan->n; i++) {
        int r = add_link(&j, fan, &fan->link[i], which);

        if (r < 0)
            return r;
    }
    *rows = json_object_get(j.rows);
    return 0;
}

bool grants_lives(json_object *row)
{
    const char *state = row_string(row, "state");

    return strcmp(state, "open") == 0 || strcmp(state, "pending") == 0 || strcmp(state, "early") == 0;
}

json_object *grants_hosts(struct calls *fan)
{
    json_object *hosts = json_object_new_array();

    for (size_t i = 0; hosts && i < fan->n; i++) {
        struct calls_link *link = &fan->link[i];
        json_object *host = json_object_new_object();
        bool reached = link->state != FAN_UNREACHABLE;

        if (!host)
            continue;
        json_object_object_add(host, "host", json_object_new_string(calls_label(link)));
        json_object_object_add(host, "reachable", json_object_new_boolean(reached));
        if (link->state == FAN_REFUSED || !reached)
            json_object_object_add(host, "error", json_object_new_string(link->error.text));
        json_object_array_add(hosts, host);
    }
    return hosts;
}
