/* SPDX-License-Identifier: ISC */
/* Reads events from the journal here, or from a broker page by page. */
#include "console/client/log_rows.h"

#include "policy/base/cleanup.h"
#include "policy/journal/entry.h"
#include "policy/base/name.h"
#include "console/base/destination.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DAY 86400
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

static int add_matches(sd_journal *j, const struct log_filter *f)
{
    char id[BG_ID_SIZE];
    int r = bg_journal_trust(j);

    if (r >= 0)
        r = match(j, BG_JOURNAL_PREFIX "PERSON", f->person);
    if (r >= 0)
        r = match(j, BG_JOURNAL_PREFIX "ROLE", f->role);
    if (r >= 0)
        r = match(j, BG_JOURNAL_PREFIX "EVENT", f->event);
    if (r >= 0 && f->grant && bg_id_parse(id, f->grant) >= 0 && bg_is_id(id))
        r = match(j, BG_JOURNAL_PREFIX "GRANT", id);
    return r;
}

/* row: NULL where there was no memory for it. */
static int add_row(struct log_rows *rows, const struct bg_event_row *row)
{
    if (!row)
        return -ENOMEM;
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

/* A copy that lives as long as `keeper`. NULL without memory. */
static struct bg_event_row *keep(struct reply *keeper, const struct bg_event_row *row)
{
    struct bg_event_row *kept = reply_reserve(keeper, sizeof *kept);

    if (!kept)
        return NULL;
    *kept = *row;
    for (size_t i = 0; i < bg_event_type.n; i++) {
        const char **at =
            bg_event_string(kept, bg_event_type.field[i].name, strlen(bg_event_type.field[i].name));
        char *text = at ? reply_reserve(keeper, strlen(*at) + 1) : NULL;

        if (at && !text)
            return NULL;
        if (at)
            *at = strcpy(text, *at);
    }
    return kept;
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
    bg_free_ struct bg_entry *e = calloc(1, sizeof *e);
    int r = e ? sd_journal_seek_tail(j) : -ENOMEM;

    while (r >= 0 && (r = sd_journal_previous(j)) > 0) {
        bg_entry_read(j, e);
        if (f->since && e->row.time < f->since - DAY)
            return 0; /* events may wait in the spool, but not for days */
        if (!fits(&e->row, f))
            continue;
        r = add_row(newest_first, keep(keeper, &e->row));
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

static int open_journal(sd_journal **j)
{
    const char *root = destination_root();

    if (strcmp(root, "/") == 0)
        return sd_journal_open(j, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM);
    return sd_journal_open_directory(j, root, SD_JOURNAL_OS_ROOT);
}

int log_rows_local(const struct log_filter *filter, struct log_rows *rows, struct bg_sentence *err)
{
    bg_cleanup_(bg_journal_closep) sd_journal *j = NULL;
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
