/* SPDX-License-Identifier: ISC */
/* An entry of the journal as a row of the contract: only its own fields, cleaned. */
#include "policy/journal/entry.h"

#include "policy/base/clean.h"
#include "policy/base/timestamp.h"

#include <string.h>

#define TIME BG_JOURNAL_PREFIX "TIME"

int bg_journal_trust(sd_journal *j)
{
    int r = sd_journal_add_match(j, "_UID=0", 0);

    return r < 0 ? r : sd_journal_add_match(j, "_SYSTEMD_UNIT=breakglassd.service", 0);
}

static bool is_named(const char *name, size_t len, const char *wanted)
{
    return len == strlen(wanted) && memcmp(name, wanted, len) == 0;
}

static void take_time(struct bg_event_row *row, const char *value, size_t len)
{
    char text[BG_TIME_SIZE];

    (void)bg_clean_bytes(text, sizeof text, value, len);
    (void)bg_time_parse(&row->time, text);
}

static void take_field(struct bg_entry *e, const char *data, size_t len)
{
    const char *eq = memchr(data, '=', len), **at = NULL;
    size_t name = eq ? (size_t)(eq - data) : 0, prefix = strlen(BG_JOURNAL_PREFIX);

    if (is_named(data, name, TIME))
        take_time(&e->row, eq + 1, len - name - 1);
    else if (is_named(data, name, "MESSAGE"))
        at = &e->row.message;
    else if (name > prefix && memcmp(data, BG_JOURNAL_PREFIX, prefix) == 0)
        at = bg_event_string(&e->row, data + prefix, name - prefix);
    if (!at)
        return;
    *at = e->value[at - (const char **)(void *)&e->row];
    (void)bg_clean_bytes((char *)(uintptr_t)*at, sizeof e->value[0], eq + 1, len - name - 1);
}

void bg_entry_read(sd_journal *j, struct bg_entry *e)
{
    const void *data = NULL;
    size_t len = 0;
    uint64_t usec = 0;

    bg_row_clear(&bg_event_type, &e->row);
    (void)sd_journal_get_realtime_usec(j, &usec);
    e->written = (int64_t)(usec / 1000000);
    SD_JOURNAL_FOREACH_DATA(j, data, len)
    take_field(e, data, len);
    if (e->row.time == 0)
        e->row.time = e->written;
}
