/* SPDX-License-Identifier: ISC */
/* Reads events from the journal here, or from a broker page by page. */
#include "console/client/log_rows.h"

#include "policy/base/clean.h"
#include "policy/base/cleanup.h"
#include "policy/record/event.h"
#include "policy/base/name.h"
#include "console/base/destination.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-journal.h>

#define PREFIX "BREAKGLASS_"
#define PREFIX_LEN (sizeof(PREFIX) - 1)
#define TIME PREFIX "TIME="
#define TIME_LEN (sizeof(TIME) - 1)
#define PAGE 400
#define ROWS_MAX 1000000

/* --- this machine's journal --- */

static int match(sd_journal *j, const char *name, const char *value)
{
    bg_free_ char *text = NULL;

    if (!value)
        return 0;
    if (asprintf(&text, "%s=%s", name, value) < 0) {
        text = NULL;
        return -ENOMEM;
    }
    return sd_journal_add_match(j, text, 0);
}

/* The first two are set by journald, not by who logs; nothing else is believed. */
static int add_matches(sd_journal *j, const struct log_filter *f)
{
    char id[BG_ID_SIZE];
    int r = match(j, "_UID", "0");

    if (r >= 0)
        r = match(j, "_SYSTEMD_UNIT", "breakglassd.service");
    if (r >= 0)
        r = match(j, PREFIX "PERSON", f->person);
    if (r >= 0)
        r = match(j, PREFIX "ROLE", f->role);
    if (r >= 0)
        r = match(j, PREFIX "EVENT", f->event);
    if (r >= 0 && f->grant && bg_id_parse(id, f->grant) >= 0 && bg_is_id(id))
        r = match(j, PREFIX "GRANT", id);
    return r;
}

static int add_row(struct log_rows *rows, const struct bg_event_row *row)
{
    if (rows->n == rows->room) {
        size_t room = rows->room ? 2 * rows->room : 64;
        const struct bg_event_row **v = reallocarray(rows->v, room, sizeof *v);

        if (!v)
            return -ENOMEM;
        rows->v = v;
        rows->room = room;
    }
    rows->v[rows->n++] = row;
    return 0;
}

static int add_field(struct reply *keeper, struct bg_event_row *row, const char *data, size_t len)
{
    const char *eq = memchr(data, '=', len), **at;
    size_t n = eq ? (size_t)(eq - data) : 0, prefix = n > PREFIX_LEN ? PREFIX_LEN : 0, size;
    char *clean;

    if (n == 0 ||
        (memcmp(data, PREFIX, prefix) != 0 || (prefix == 0 && (n != 7 || memcmp(data, "MESSAGE", 7) != 0))))
        return 0;
    at = values_event_string(row, data + prefix, n - prefix);
    if (!at)
        return 0;
    size = len - n > BG_FIELD_MAX + 1 ? BG_FIELD_MAX + 1 : len - n;
    clean = reply_reserve(keeper, size);
    if (!clean)
        return -ENOMEM;
    (void)bg_clean_bytes(clean, size, eq + 1, len - n - 1);
    *at = clean;
    return 0;
}

static int read_entry(sd_journal *j, struct reply *keeper, struct bg_event_row *row)
{
    const void *data;
    size_t len;
    uint64_t usec = 0;
    int r = 0;

    values_empty_row(&bg_event_type, row);
    sd_journal_restart_data(j);
    while (r >= 0 && sd_journal_enumerate_available_data(j, &data, &len) > 0)
        if (len <= TIME_LEN || memcmp(data, TIME, TIME_LEN) != 0)
            r = add_field(keeper, row, data, len);
        else if (len - TIME_LEN < BG_TIME_SIZE) {
            char text[BG_TIME_SIZE] = "";

            memcpy(text, (const char *)data + TIME_LEN, len - TIME_LEN);
            (void)bg_time_parse(&row->time, text);
        }
    if (r >= 0 && row->time == 0 && sd_journal_get_realtime_usec(j, &usec) >= 0)
        row->time = (int64_t)(usec / 1000000);
    return r;
}

static bool fits(const struct bg_event_row *row, const struct log_filter *f)
{
    char id[BG_ID_SIZE];

    if (!*row->event || !*row->seq)
        return false; /* systemd's own words about the unit */
    if (f->grant && (bg_id_parse(id, f->grant) < 0 || strncmp(row->grant, id, strlen(id)) != 0))
        return false;
    return (!f->since || row->time >= f->since) && (!f->until || row->time <= f->until);
}

/* Newest first, so that a limit costs no more than it must. */
static int collect(sd_journal *j, const struct log_filter *f, struct reply *keeper,
                   struct log_rows *newest_first)
{
    int r = sd_journal_seek_tail(j);

    while (r >= 0 && (r = sd_journal_previous(j)) > 0) {
        struct bg_event_row *row = reply_reserve(keeper, sizeof *row);

        r = row ? read_entry(j, keeper, row) : -ENOMEM;
        if (r < 0)
            return r;
        if (f->since && row->time < f->since - 86400)
            return 0; /* events may wait in the spool, but not for days */
        if (!fits(row, f))
            continue;
        r = add_row(newest_first, row);
        if (f->limit && newest_first->n >= f->limit)
            return r;
    }
    return r;
}

static void reverse(struct log_rows *rows)
{
    for (size_t i = 0; i < rows->n / 2; i++) {
        const struct bg_event_row *swap = rows->v[i];

        rows->v[i] = rows->v[rows->n - 1 - i];
        rows->v[rows->n - 1 - i] = swap;
    }
}

void log_rows_free(struct log_rows *rows)
{
    replies_free(&rows->replies);
    free(rows->v);
    *rows = (struct log_rows){0};
}

static void journal_closep(sd_journal **j)
{
    sd_journal_close(*j);
}

static int open_journal(sd_journal **j)
{
    const char *root = destination_root();

    if (strcmp(root, "/") == 0)
        return sd_journal_open(j, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM);
    return sd_journal_open_directory(j, root, SD_JOURNAL_OS_ROOT);
}

int log_rows_local(const struct log_filter *filter, struct log_rows *rows, struct bg_sentence *err)
{
    bg_cleanup_(journal_closep) sd_journal *j = NULL;
    reply_ struct reply *keeper = reply_new(BG_METHOD_LOG);
    int r = open_journal(&j);

    *rows = (struct log_rows){0};
    if (r >= 0)
        r = sd_journal_set_data_threshold(j, 2 * BG_FIELD_MAX);
    if (r >= 0)
        r = add_matches(j, filter);
    if (r >= 0)
        r = keeper ? replies_add(&rows->replies, keeper) : -ENOMEM;
    if (r >= 0)
        r = collect(j, filter, keeper, rows);
    reverse(rows);
    return r < 0 ? bg_fail(err, r, "the journal cannot be read: %s", strerrordesc_np(-r)) : 0;
}

/* --- another host's --- */

static int take_page(struct reply *page, struct log_rows *rows)
{
    int r = replies_add(&rows->replies, page);

    for (size_t i = 0; r >= 0 && i < page->n; i++)
        r = add_row(rows, reply_event(page, i));
    return r;
}

int log_rows_remote(struct calls *fan, struct calls_link *link, const struct log_filter *filter,
                    struct log_rows *rows)
{
    struct bg_filter_row page = {.grant = filter->grant,
                                 .person = filter->person,
                                 .role = filter->role,
                                 .event = filter->event,
                                 .since = filter->since,
                                 .until = filter->until};
    int r = 0;

    *rows = (struct log_rows){0};
    do {
        size_t left = filter->limit - rows->n;

        page.limit = filter->limit && left < PAGE ? (uint32_t)left : PAGE;
        if (rows->n > ROWS_MAX)
            break;
        calls_call(fan, link, &(struct call_args){BG_METHOD_LOG, .filter = &page});
        if (!calls_reply(link))
            return -EHOSTUNREACH;
        r = take_page(link->reply, rows);
        page.cursor = link->reply->text; /* kept with the page */
    } while (r >= 0 && *page.cursor && (!filter->limit || rows->n < filter->limit));
    reverse(rows);
    return r;
}
