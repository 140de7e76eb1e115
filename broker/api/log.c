/* SPDX-License-Identifier: ISC */
/* Log: the journal's entries of the broker, newest first, a page at a time. */
#include "broker/api/api.h"
#include "broker/bus/append.h"
#include "broker/bus/params.h"
#include "policy/base/cleanup.h"
#include "broker/journal/reader.h"
#include "broker/api/row.h"
#include "policy/journal/entry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_MAX 20000 /* entries looked at for one page */

struct filter {
    struct bg_filter_row row; /* as it was sent */
    char grant[BG_ID_SIZE];   /* as much of it as was typed */
    const char *only;         /* entries of this person alone; NULL: all */
};

static int read_filter(struct filter *f, sd_bus_message *m, struct bg_sentence *err)
{
    struct bg_list none bg_cleanup_(bg_list_free) = {0};
    int r = bus_read_row(m, &bg_filter_type, &f->row, &none, "a filter of the log", err);

    if (r >= 0 && f->row.grant && f->row.grant[0] != '\0' && bg_id_parse(f->grant, f->row.grant) < 0)
        r = bg_fail(err, -EINVAL, "\"%.40s\" is no grant ID", f->row.grant);
    if (f->row.limit == 0)
        f->row.limit = BG_LOG_LIMIT;
    if (f->row.limit > BG_LOG_LIMIT_MAX)
        f->row.limit = BG_LOG_LIMIT_MAX;
    return r;
}

/* want: NULL or "" for any. */
static bool fits(const char *value, const char *want)
{
    return !want || !*want || strcmp(value, want) == 0;
}

/* What a person may see is no filter: nobody's name ("") shows nothing. */
static bool may_see(const struct bg_event_row *row, const char *only)
{
    return !only || (*only && (strcmp(row->person, only) == 0 || strcmp(row->actor, only) == 0));
}

static bool is_wanted(const struct bg_entry *e, const struct filter *f)
{
    const struct bg_event_row *row = &e->row;

    if (!*row->event || !*row->seq)
        return false; /* systemd's own words about the unit, or the broker's on stderr */
    return may_see(row, f->only) && strncmp(row->grant, f->grant, strlen(f->grant)) == 0 &&
           fits(row->person, f->row.person) && fits(row->role, f->row.role) && fits(row->event, f->row.event);
}

static int seek(sd_journal *j, const struct filter *f)
{
    int r;

    if (f->row.cursor && f->row.cursor[0] != '\0') {
        r = sd_journal_seek_cursor(j, f->row.cursor);
        /* The entry of the cursor itself was in the page before. */
        if (r >= 0)
            r = f->row.oldest ? sd_journal_next(j) : sd_journal_previous(j);
        return r < 0 ? r : 0;
    }
    if (f->row.oldest)
        return f->row.since > 0 ? sd_journal_seek_realtime_usec(j, (uint64_t)f->row.since * 1000000ULL)
                                : sd_journal_seek_head(j);
    return f->row.until > 0 ? sd_journal_seek_realtime_usec(j, ((uint64_t)f->row.until + 1) * 1000000ULL)
                            : sd_journal_seek_tail(j);
}

/* Gives 1 when there may be more, with the cursor of the last entry looked at. */
static int append_page(sd_bus_message *m, sd_journal *j, const struct filter *f, char **cursor)
{
    bg_free_ struct bg_entry *e = calloc(1, sizeof *e);
    size_t size = 0;
    uint32_t shown = 0;

    if (!e)
        return -ENOMEM;
    for (unsigned looked = 0;; looked++) {
        int r = f->row.oldest ? sd_journal_next(j) : sd_journal_previous(j);

        if (r <= 0)
            return r;
        bg_entry_read(j, e);
        if ((f->row.until > 0 && e->written > f->row.until) ||
            (f->row.since > 0 && e->written < f->row.since))
            return 0;
        if (is_wanted(e, f)) {
            size += bus_row_size(&bg_event_type, &e->row);
            r = bus_append_row(m, &bg_event_type, &e->row);
            if (r < 0)
                return r;
            shown++;
        }
        /* Room for one more entry of the usual kind; a large one still stays under the frame's bound. */
        if (shown >= f->row.limit || size > BG_PAGE_MAX - 8192 || looked >= LOOK_MAX) {
            r = sd_journal_get_cursor(j, cursor);
            return r < 0 ? r : 1;
        }
    }
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

int api_log(sd_bus_message *m, void *arg, sd_bus_error *error)
{
    struct conn *c = arg;
    sd_bus_message *reply bg_cleanup_(sd_bus_message_unrefp) = NULL;
    bg_cleanup_(bg_journal_closep) sd_journal *j = NULL;
    bg_free_ char *cursor = NULL;
    struct filter f = {0};
    struct bg_sentence err = {0};
    int r = read_filter(&f, m, &err);

    if (r < 0)
        return api_fail(error, r, err.text);
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
        r = sd_bus_message_append(reply, "s", cursor ? cursor : "");
    return r < 0 ? r : sd_bus_message_send(reply);
}
