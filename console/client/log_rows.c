/* SPDX-License-Identifier: ISC */
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

static int add_clean(json_object *row, const char *name, const void *value, size_t len)
{
    char clean[BG_FIELD_MAX + 1];

    (void)bg_clean_bytes(clean, sizeof(clean), value, len);
    return json_object_object_add(row, name, json_object_new_string(clean)) < 0 ? -ENOMEM : 0;
}

static int add_field(json_object *row, const char *data, size_t len)
{
    const char *eq = memchr(data, '=', len);
    size_t n = eq ? (size_t)(eq - data) : 0;
    char name[64];

    if (n == 7 && memcmp(data, "MESSAGE", 7) == 0)
        return add_clean(row, "message", eq + 1, len - n - 1);
    if (n <= PREFIX_LEN || n - PREFIX_LEN >= sizeof(name) || memcmp(data, PREFIX, PREFIX_LEN) != 0)
        return 0;
    for (size_t i = PREFIX_LEN; i < n; i++)
        name[i - PREFIX_LEN] = (char)(data[i] >= 'A' && data[i] <= 'Z' ? data[i] - 'A' + 'a' : data[i]);
    name[n - PREFIX_LEN] = 0;
    return add_clean(row, name, eq + 1, len - n - 1);
}

static int read_entry(sd_journal *j, json_object **out)
{
    json_ json_object *row = json_object_new_object();
    const void *data;
    size_t len;
    int64_t time = 0;
    uint64_t usec = 0;
    int r = 0;

    if (!row)
        return -ENOMEM;
    sd_journal_restart_data(j);
    while (r >= 0 && sd_journal_enumerate_available_data(j, &data, &len) > 0)
        r = add_field(row, data, len);
    if (r < 0)
        return r;
    if (bg_time_parse(&time, row_string(row, "time")) < 0 && sd_journal_get_realtime_usec(j, &usec) >= 0)
        time = (int64_t)(usec / 1000000);
    json_object_object_add(row, "time", json_object_new_int64(time));
    *out = BG_TAKE_PTR(row);
    return 0;
}

static bool fits(json_object *row, const struct log_filter *f)
{
    char id[BG_ID_SIZE];
    int64_t time = row_number(row, "time");

    if (!*row_string(row, "event") || !*row_string(row, "seq"))
        return false; /* systemd's own words about the unit */
    if (f->grant && (bg_id_parse(id, f->grant) < 0 || strncmp(row_string(row, "grant"), id, strlen(id)) != 0))
        return false;
    return (!f->since || time >= f->since) && (!f->until || time <= f->until);
}

/* Newest first, so that a limit costs no more than it must. */
static int collect(sd_journal *j, const struct log_filter *f, json_object *newest_first)
{
    int r = sd_journal_seek_tail(j);

    while (r >= 0 && (r = sd_journal_previous(j)) > 0) {
        json_ json_object *row = NULL;

        r = read_entry(j, &row);
        if (r < 0)
            return r;
        if (f->since && row_number(row, "time") < f->since - 86400)
            return 0; /* events may wait in the spool, but not for days */
        if (!fits(row, f))
            continue;
        if (json_object_array_add(newest_first, row) < 0)
            return -ENOMEM;
        row = NULL;
        if (f->limit && json_object_array_length(newest_first) >= f->limit)
            return 0;
    }
    return r;
}

static json_object *reversed(json_object *array)
{
    json_object *other = json_object_new_array();

    for (size_t i = json_object_array_length(array); other && i > 0; i--)
        json_object_array_add(other, json_object_get(json_object_array_get_idx(array, i - 1)));
    return other;
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

int log_rows_local(const struct log_filter *filter, json_object **rows, struct bg_sentence *err)
{
    bg_cleanup_(journal_closep) sd_journal *j = NULL;
    json_ json_object *newest_first = json_object_new_array();
    int r = open_journal(&j);

    if (r >= 0)
        r = sd_journal_set_data_threshold(j, 2 * BG_FIELD_MAX);
    if (r >= 0)
        r = add_matches(j, filter);
    if (r >= 0)
        r = newest_first ? collect(j, filter, newest_first) : -ENOMEM;
    if (r >= 0)
        r = (*rows = reversed(newest_first)) ? 0 : -ENOMEM;
    return r < 0 ? bg_fail(err, r, "the journal cannot be read: %s", strerror(-r)) : 0;
}

/* --- another host's --- */

static void add_word(json_object *params, const char *key, const char *value)
{
    if (value)
        json_object_object_add(params, key, json_object_new_string(value));
}

static json_object *page_params(const struct log_filter *f, const char *cursor, size_t have)
{
    json_object *params = json_object_new_object();
    unsigned page = f->limit && f->limit - have < PAGE ? f->limit - (unsigned)have : PAGE;

    if (!params)
        return NULL;
    add_word(params, "grant", f->grant);
    add_word(params, "person", f->person);
    add_word(params, "role", f->role);
    add_word(params, "event", f->event);
    add_word(params, "cursor", cursor);
    if (f->since)
        json_object_object_add(params, "since", json_object_new_int64(f->since));
    if (f->until)
        json_object_object_add(params, "until", json_object_new_int64(f->until));
    json_object_object_add(params, "limit", json_object_new_int64(page));
    return params;
}

static int take_page(struct calls_link *link, json_object *rows, char **cursor)
{
    json_object *page = calls_reply(link, 0), *next = calls_reply(link, 1);

    free(*cursor);
    *cursor = NULL;
    if (!page || !json_object_is_type(page, json_type_array))
        return 0;
    for (size_t i = 0; i < json_object_array_length(page); i++)
        if (json_object_array_add(rows, json_object_get(json_object_array_get_idx(page, i))) < 0)
            return -ENOMEM;
    if (next && json_object_is_type(next, json_type_string) && json_object_get_string_len(next) > 0)
        *cursor = strdup(json_object_get_string(next));
    return 0;
}

int log_rows_remote(struct calls *fan, struct calls_link *link, const struct log_filter *filter,
                    json_object **rows)
{
    json_ json_object *newest_first = json_object_new_array();
    bg_free_ char *cursor = NULL;
    int r = newest_first ? 0 : -ENOMEM;

    do {
        size_t have = newest_first ? json_object_array_length(newest_first) : 0;
        json_ json_object *params = page_params(filter, cursor, have);

        if (r < 0 || !params)
            return -ENOMEM;
        if (have > ROWS_MAX)
            break;
        calls_call(fan, link, "Log", calls_append_dict, params);
        if (link->state != FAN_DONE)
            return -EHOSTUNREACH;
        r = take_page(link, newest_first, &cursor);
    } while (r >= 0 && cursor && (!filter->limit || json_object_array_length(newest_first) < filter->limit));
    *rows = reversed(newest_first);
    return r < 0 || !*rows ? -ENOMEM : 0;
}
