/* SPDX-License-Identifier: ISC */
/* Checks the chain of digests through the events of a host. */
#include "console/client/log_chain.h"

#include "policy/record/event.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int log_chain_link(const struct bg_event_row *row, struct log_link *link)
{
    char *end = NULL;

    errno = 0;
    link->seq = strtoull(row->seq, &end, 10);
    if (!*row->seq || *end || errno || *row->seq == '-' || link->seq == 0)
        return -EBADMSG;
    if (bg_unhex(link->prev, row->prev) < 0)
        return -EBADMSG;
    return bg_unhex(link->digest, row->digest);
}

static const char *field(const struct bg_event_row *row, enum bg_field id)
{
    const char *name = bg_field_name(id);
    const char **at = bg_event_string((struct bg_event_row *)(uintptr_t)row, name, strlen(name));

    return at && **at ? *at : NULL;
}

/* Whether the fields give the digest that stands beside them. */
static bool digest_fits(const struct bg_event_row *row, const struct log_link *link)
{
    struct bg_event event = {.time = row->time, .alert = *row->alert != 0};
    struct bg_chain chain = {.seq = link->seq - 1};
    int id = bg_event_by_name(row->event);

    if (id < 0)
        return false;
    event.id = (enum bg_event_id)id;
    for (int i = 0; i < BG_FIELD_COUNT; i++)
        event.field[i] = field(row, (enum bg_field)i);
    memcpy(chain.digest, link->prev, sizeof(chain.digest));
    return bg_chain_next(&chain, &event) >= 0 &&
           memcmp(chain.digest, link->digest, sizeof(chain.digest)) == 0;
}

static int found(struct bg_sentence *finding, const struct bg_event_row *row, const struct log_link *link,
                 const char *what)
{
    char when[BG_TIME_SIZE];

    bg_time_format(when, row->time);
    return bg_fail(finding, -EBADMSG, "event %llu (%s, %s): %s", link->seq, row->event, when, what);
}

/* Whether `now`, which is the link of `row`, follows from `last` (seq 0: nothing is before it). */
static int check_order(const struct bg_event_row *row, const struct log_link *last,
                       const struct log_link *now, struct bg_sentence *finding)
{
    char what[128];

    if (last->seq == 0)
        return 0;
    /* A broker that died between writing an event and noting it writes it again. */
    if (now->seq == last->seq && memcmp(now->digest, last->digest, sizeof(now->digest)) == 0)
        return 0;
    if (now->seq != last->seq + 1) {
        (void)snprintf(what, sizeof(what), "a gap: the one before it here is event %llu", last->seq);
        return found(finding, row, now, what);
    }
    if (memcmp(now->prev, last->digest, sizeof(now->prev)) != 0)
        return found(finding, row, now,
                     "it does not follow from the event before it, which was changed or replaced");
    return 0;
}

static int check_one(const struct bg_event_row *row, const struct log_link *last, struct log_link *now,
                     struct bg_sentence *finding)
{
    if (log_chain_link(row, now) < 0)
        return found(finding, row, now, "its number or its digests are damaged");
    if (!digest_fits(row, now))
        return found(finding, row, now, "it was changed: its digest does not fit what it says");
    return check_order(row, last, now, finding);
}

int log_chain_check(const struct bg_event_row *const *rows, size_t n, const struct log_link *older,
                    const struct log_link *newer, struct bg_sentence *finding)
{
    struct log_link last = {0}, now = {0};
    unsigned long long first = 0;

    if (n == 0)
        return bg_fail(finding, -ENOENT, "there are no events");
    if (older)
        last = *older;
    for (size_t i = 0; i < n; i++) {
        int r = check_one(rows[i], &last, &now, finding);

        if (r < 0)
            return r;
        first = first ? first : now.seq;
        last = now;
    }
    if (newer && newer->seq && check_order(rows[n - 1], &last, newer, finding) < 0)
        return -EBADMSG;
    bg_say(finding, "whole: events %llu to %llu, no gap and no change%s", first, last.seq,
           first > 1 ? " (the older ones are no longer kept here)" : "");
    return 0;
}
