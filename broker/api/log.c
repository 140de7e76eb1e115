/* SPDX-License-Identifier: ISC */
/* Log: the journal's entries of the broker, newest first, a page at a time. */
#include "broker/api/api.h"
#include "policy/base/cleanup.h"
#include "policy/base/clean.h"
#include "broker/journal/reader.h"
#include "broker/api/row.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT_DEFAULT 100
#define LIMIT_MAX 500
#define LOOK_MAX 20000 /* entries looked at for one page */
#define PREFIX "BREAKGLASS_"

struct filter {
    char grant[BG_ID_SIZE]; /* as much of it as was typed */
    const char *person, *role, *event, *cursor;
    int64_t since, until;
    uint32_t limit;
    bool oldest;      /* oldest first */
    const char *only; /* entries of this person alone; NULL: all */
};

static int read_value(struct filter *f, sd_bus_message *m, const char *key)
{
    const struct {
        const char *key;
        const char **value;
    } strings[] = {{"person", &f->person}, {"role", &f->role}, {"event", &f->event}, {"cursor", &f->cursor}};
    const char *grant = NULL;
    int oldest = 0, r;

    for (size_t i = 0; i < BG_COUNT(strings); i++)
        if (strcmp(key, strings[i].key) == 0)
            return sd_bus_message_read(m, "v", "s", strings[i].value);
    if (strcmp(key, "since") == 0)
        return sd_bus_message_read(m, "v", "x", &f->since);
    if (strcmp(key, "until") == 0)
        return sd_bus_message_read(m, "v", "x", &f->until);
    if (strcmp(key, "limit") == 0)
        return sd_bus_message_read(m, "v", "u", &f->limit);
    if (strcmp(key, "oldest") == 0) {
        r = sd_bus_message_read(m, "v", "b", &oldest);
        f->oldest = oldest != 0;
        return r;
    }
    if (strcmp(key, "grant") != 0)
        return -ENOKEY;
    r = sd_bus_message_read(m, "v", "s", &grant);
    return r < 0 || grant[0] == '\0' ? r : bg_id_parse(f->grant, grant);
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
    if (r >= 0)
        r = sd_bus_message_exit_container(m);
    if (f->limit == 0 || f->limit > LIMIT_MAX)
        f->limit = f->limit == 0 ? LIMIT_DEFAULT : LIMIT_MAX;
    return r;
}

/* An entry's fields, copied out of the journal. */
struct entry_fields {
    char name[BG_FIELD_COUNT + 16][32];
    char value[BG_FIELD_COUNT + 16][BG_FIELD_MAX + 1];
    size_t n;
    char message[BG_FIELD_MAX + 1];
    int64_t time;     /* when the journal took it: what is sought by */
    int64_t happened; /* BREAKGLASS_TIME, which the chain's digest covers */
};

static void take_field(struct entry_fields *e, const char *data, size_t len)
{
    const char *eq = memchr(data, '=', len);

    if (eq == NULL)
        return;
    size_t name = (size_t)(eq - data), value = len - name - 1;

    if (name == strlen("MESSAGE") && memcmp(data, "MESSAGE", name) == 0) {
        (void)bg_clean_bytes(e->message, sizeof e->message, eq + 1, value);
        return;
    }
    if (name <= strlen(PREFIX) || name - strlen(PREFIX) >= sizeof e->name[0] ||
        memcmp(data, PREFIX, strlen(PREFIX)) != 0 || e->n >= BG_COUNT(e->name))
        return;
    for (size_t i = strlen(PREFIX); i < name; i++)
        e->name[e->n][i - strlen(PREFIX)] =
            (char)(data[i] >= 'A' && data[i] <= 'Z' ? data[i] + ('a' - 'A') : data[i]);
    e->name[e->n][name - strlen(PREFIX)] = '\0';
    (void)bg_clean_bytes(e->value[e->n], sizeof e->value[0], eq + 1, value);
    e->n++;
}

static const char *field(const struct entry_fields *e, const char *name)
{
    for (size_t i = 0; i < e->n; i++)
        if (strcmp(e->name[i], name) == 0)
            return e->value[i];
    return "";
}

static void read_entry(sd_journal *j, struct entry_fields *e)
{
    const void *data = NULL;
    size_t len = 0;
    uint64_t usec = 0;

    e->n = 0;
    e->message[0] = '\0';
    (void)sd_journal_get_realtime_usec(j, &usec);
    e->time = (int64_t)(usec / 1000000);
    SD_JOURNAL_FOREACH_DATA(j, data, len)
    take_field(e, data, len);
    if (bg_time_parse(&e->happened, field(e, "time")) < 0)
        e->happened = e->time;
}

static bool wanted_field(const struct entry_fields *e, const char *name, const char *want)
{
    return want == NULL || want[0] == '\0' || strcmp(field(e, name), want) == 0;
}

static bool is_wanted(const struct entry_fields *e, const struct filter *f)
{
    if (field(e, "event")[0] == '\0' || field(e, "seq")[0] == '\0')
        return false; /* systemd's own words about the unit, or the broker's on stderr */
    if (f->only != NULL && strcmp(field(e, "person"), f->only) != 0 &&
        strcmp(field(e, "actor"), f->only) != 0)
        return false;
    if (f->grant[0] != '\0' && strncmp(field(e, "grant"), f->grant, strlen(f->grant)) != 0)
        return false;
    return wanted_field(e, "person", f->person) && wanted_field(e, "role", f->role) &&
           wanted_field(e, "event", f->event);
}

static int append_entry(sd_bus_message *m, const struct entry_fields *e, size_t *size)
{
    int r = sd_bus_message_open_container(m, 'a', "{sv}");

    for (size_t i = 0; r >= 0 && i < e->n; i++) {
        /* "time" is the number below: when it happened, not when the journal took it. */
        if (strcmp(e->name[i], "time") != 0)
            r = row_string(m, e->name[i], e->value[i]);
        *size += strlen(e->value[i]) + 48;
    }
    if (r >= 0)
        r = row_string(m, "message", e->message);
    if (r >= 0)
        r = row_time(m, "time", e->happened);
    *size += strlen(e->message) + 96;
    return r < 0 ? r : sd_bus_message_close_container(m);
}

static int seek(sd_journal *j, const struct filter *f)
{
    int r;

    if (f->cursor != NULL && f->cursor[0] != '\0') {
        r = sd_journal_seek_cursor(j, f->cursor);
        /* The entry of the cursor itself was in the page before. */
        if (r >= 0)
            r = f->oldest ? sd_journal_next(j) : sd_journal_previous(j);
        return r < 0 ? r : 0;
    }
    if (f->oldest)
        return f->since > 0 ? sd_journal_seek_realtime_usec(j, (uint64_t)f->since * 1000000ULL)
                            : sd_journal_seek_head(j);
    return f->until > 0 ? sd_journal_seek_realtime_usec(j, ((uint64_t)f->until + 1) * 1000000ULL)
                        : sd_journal_seek_tail(j);
}

/* Gives 1 when there may be more, with the cursor of the last entry looked at. */
static int append_page(sd_bus_message *m, sd_journal *j, const struct filter *f, char **cursor)
{
    bg_free_ struct entry_fields *e = calloc(1, sizeof *e);
    size_t size = 0;
    uint32_t shown = 0;

    if (e == NULL)
        return -ENOMEM;
    for (unsigned looked = 0;; looked++) {
        int r = f->oldest ? sd_journal_next(j) : sd_journal_previous(j);

        if (r <= 0)
            return r;
        read_entry(j, e);
        if ((f->until > 0 && e->time > f->until) || (f->since > 0 && e->time < f->since))
            return 0;
        if (is_wanted(e, f)) {
            r = append_entry(m, e, &size);
            if (r < 0)
                return r;
            shown++;
        }
        /* Room for one more entry of the usual kind; a large one still stays under the frame's bound. */
        if (shown >= f->limit || size > API_PAGE_MAX - 8192 || looked >= LOOK_MAX) {
            r = sd_journal_get_cursor(j, cursor);
            return r < 0 ? r : 1;
        }
    }
}

bool api_sees_all(const struct conn *c)
{
    const char *me = c->peer.person;
    const struct bg_policy *policy = &c->b->policy;

    if (c->peer.how == PEER_ROOT)
        return true;
    return !policy->broken &&
           (bg_list_has(&policy->administrators, me) || bg_list_has(&policy->reviewers, me));
}

static int limit_to_own(struct conn *c, struct filter *f, sd_bus_error *error)
{
    const char *me = c->peer.person;

    if (api_sees_all(c))
        return 0;
    if (me[0] == '\0')
        return api_fail(error, -ENXIO,
                        "this host does not know who you are, and the log is for people it knows");
    f->only = me;
    return 0;
}

static void close_journal(sd_journal **j)
{
    sd_journal_close(*j);
}

int api_log(sd_bus_message *m, void *arg, sd_bus_error *error)
{
    struct conn *c = arg;
    sd_bus_message *reply bg_cleanup_(sd_bus_message_unrefp) = NULL;
    sd_journal *j bg_cleanup_(close_journal) = NULL;
    bg_free_ char *cursor = NULL;
    struct filter f = {0};
    int r = read_filter(&f, m);

    if (r < 0)
        return api_fail(error, -EINVAL,
                        "the filter has grant, person, role, event, since, until, limit, cursor and "
                        "oldest, and nothing else");
    r = limit_to_own(c, &f, error);
    if (r < 0)
        return r;
    r = reader_open(c->b, &j);
    if (r >= 0)
        r = seek(j, &f);
    if (r == -EINVAL)
        return api_fail(error, r, "that is no place to go on from (cursor): begin without one");
    if (r < 0)
        return api_fail(error, -EIO, "the journal cannot be read");
    r = sd_bus_message_new_method_return(m, &reply);
    if (r >= 0)
        r = sd_bus_message_open_container(reply, 'a', "a{sv}");
    if (r >= 0)
        r = append_page(reply, j, &f, &cursor);
    if (r >= 0)
        r = sd_bus_message_close_container(reply);
    if (r >= 0)
        r = sd_bus_message_append(reply, "s", cursor != NULL ? cursor : "");
    return r < 0 ? r : sd_bus_message_send(reply);
}
