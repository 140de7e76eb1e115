/* SPDX-License-Identifier: ISC */
/* Log: a page of the events at a time, as broker/api/log.c has it. */
#include "tests/screen/answers.h"
#include "broker/api/api.h"
#include "policy/base/cleanup.h"
#include "tests/screen/events.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT_DEFAULT 100
#define LIMIT_MAX 500
#define LOOK_MAX 20000 /* events looked at for one page */

struct filter {
    char grant[BG_ID_SIZE]; /* as much of it as was typed */
    const char *person, *role, *event, *cursor, *only;
    int64_t since, until;
    uint32_t limit;
    int oldest;
};

static int read_value(struct filter *f, sd_bus_message *m, const char *key)
{
    const struct {
        const char *key, *type;
        void *value;
    } values[] = {
        {"person", "s", &f->person}, {"role", "s", &f->role},     {"event", "s", &f->event},
        {"cursor", "s", &f->cursor}, {"since", "x", &f->since},   {"until", "x", &f->until},
        {"limit", "u", &f->limit},   {"oldest", "b", &f->oldest},
    };
    const char *grant = NULL;
    int r;

    for (size_t i = 0; i < BG_COUNT(values); i++)
        if (strcmp(key, values[i].key) == 0)
            return sd_bus_message_read(m, "v", values[i].type, values[i].value);
    if (strcmp(key, "grant") != 0)
        return -ENOKEY;
    r = sd_bus_message_read(m, "v", "s", &grant);
    return r < 0 || *grant == '\0' ? r : bg_id_parse(f->grant, grant);
}

static int read_filter(struct filter *f, sd_bus_message *m)
{
    const char *key = NULL;
    int r = sd_bus_message_enter_container(m, 'a', "{sv}");

    while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
        r = sd_bus_message_read(m, "s", &key);
        if (r >= 0)
            r = read_value(f, m, key);
        if (r >= 0)
            r = sd_bus_message_exit_container(m);
    }
    if (f->limit == 0)
        f->limit = LIMIT_DEFAULT;
    if (f->limit > LIMIT_MAX)
        f->limit = LIMIT_MAX;
    return r;
}

static bool is_same(const struct play_event *e, enum bg_field field, const char *want)
{
    const char *has = e->event.field[field];

    return !want || !*want || strcmp(has ? has : "", want) == 0;
}

static bool is_wanted(const struct play_event *e, const struct filter *f)
{
    const char *grant = e->event.field[BG_FIELD_GRANT];

    if (f->only && !is_same(e, BG_FIELD_PERSON, f->only) && !is_same(e, BG_FIELD_ACTOR, f->only))
        return false;
    if (*f->grant && (!grant || strncmp(grant, f->grant, strlen(f->grant)) != 0))
        return false;
    if (f->event && *f->event && strcmp(bg_event_name(e->event.id), f->event) != 0)
        return false;
    return is_same(e, BG_FIELD_PERSON, f->person) && is_same(e, BG_FIELD_ROLE, f->role);
}

static int append_event(sd_bus_message *reply, const struct play_event *e, size_t *size)
{
    struct fields f bg_cleanup_(fields_free) = {0};

    event_fields(e, &f);
    *size += fields_size(&f);
    return fields_append(reply, &f);
}

/* The cursor is the number of the last event that was looked at, from 1. Gives 1 when there may be more. */
static int append_page(sd_bus_message *reply, const struct play *p, const struct filter *f, size_t *cursor)
{
    size_t shown = 0, looked = 0, size = 0;
    size_t at = f->cursor && *f->cursor ? strtoul(f->cursor, NULL, 10) : f->oldest ? 0 : p->n_events + 1;

    for (;;) {
        const struct play_event *e;
        int r;

        at = f->oldest ? at + 1 : at - 1;
        if (at == 0 || at > p->n_events)
            return 0;
        e = &p->events[at - 1];
        if (f->oldest ? f->until && e->event.time > f->until : f->since && e->event.time < f->since)
            return 0;
        if ((!f->until || e->event.time <= f->until) && e->event.time >= f->since && is_wanted(e, f)) {
            r = append_event(reply, e, &size);
            if (r < 0)
                return r;
            shown++;
        }
        *cursor = at;
        if (shown >= f->limit || size > BG_PAGE_MAX - 8192 || ++looked >= LOOK_MAX)
            return 1;
    }
}

int answer_log(struct play *p, struct client *c, sd_bus_message *m, sd_bus_error *error)
{
    sd_bus_message *reply bg_cleanup_(sd_bus_message_unrefp) = NULL;
    struct filter f = {0};
    char next[24] = "";
    size_t cursor = 0;
    int r = read_filter(&f, m);

    (void)c;
    if (r < 0)
        return answer_fail(error, -EINVAL, "the filter has something that it cannot have");
    if (!p->sees_all && !*p->person)
        return answer_fail(error, -ENXIO,
                           "this host does not know who you are, and the log is for people it knows");
    f.only = p->sees_all ? NULL : p->person;
    r = sd_bus_message_new_method_return(m, &reply);
    if (r >= 0)
        r = sd_bus_message_open_container(reply, 'a', "a{sv}");
    if (r >= 0)
        r = append_page(reply, p, &f, &cursor);
    if (r > 0)
        (void)snprintf(next, sizeof next, "%zu", cursor);
    if (r >= 0)
        r = sd_bus_message_close_container(reply);
    if (r >= 0)
        r = sd_bus_message_append(reply, "s", next);
    return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}
