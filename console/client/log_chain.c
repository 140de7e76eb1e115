/* SPDX-License-Identifier: ISC */
#include "console/client/log_chain.h"

#include "policy/record/event.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct link {
    unsigned long long seq;
    unsigned char prev[BG_DIGEST_BYTES], digest[BG_DIGEST_BYTES];
};

static int read_link(json_object *row, struct link *link)
{
    const char *seq = row_string(row, "seq");
    char *end = NULL;

    errno = 0;
    link->seq = strtoull(seq, &end, 10);
    if (!*seq || *end || errno || *seq == '-' || link->seq == 0)
        return -EBADMSG;
    if (bg_unhex(link->prev, row_string(row, "prev")) < 0)
        return -EBADMSG;
    return bg_unhex(link->digest, row_string(row, "digest"));
}

/* The field of an event as it stands in a row, whose keys are in lower case. */
static const char *field(json_object *row, enum bg_field id)
{
    char key[32];
    size_t i;
    const char *name = bg_field_name(id), *value;

    for (i = 0; name[i] && i < sizeof(key) - 1; i++)
        key[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] - 'A' + 'a' : name[i]);
    key[i] = 0;
    value = row_string(row, key);
    return *value ? value : NULL;
}

/* Whether the fields give the digest that stands beside them. */
static bool digest_fits(json_object *row, const struct link *link)
{
    struct bg_event event = {.time = row_number(row, "time"), .alert = *row_string(row, "alert") != 0};
    struct bg_chain chain = {.seq = link->seq - 1};
    int id = bg_event_by_name(row_string(row, "event"));

    if (id < 0)
        return false;
    event.id = (enum bg_event_id)id;
    for (int i = 0; i < BG_FIELD_COUNT; i++)
        event.field[i] = field(row, (enum bg_field)i);
    memcpy(chain.digest, link->prev, sizeof(chain.digest));
    return bg_chain_next(&chain, &event) >= 0 &&
           memcmp(chain.digest, link->digest, sizeof(chain.digest)) == 0;
}

static int found(struct bg_sentence *finding, json_object *row, const struct link *link, const char *what)
{
    char when[BG_TIME_SIZE];

    bg_time_format(when, row_number(row, "time"));
    return bg_fail(finding, -EBADMSG, "event %llu (%s, %s): %s", link->seq, row_string(row, "event"), when,
                   what);
}

/* One event after another; `last` is the one before (seq 0: this is the first that is left). */
static int check_one(json_object *row, const struct link *last, struct link *now, struct bg_sentence *finding)
{
    char what[128];

    if (read_link(row, now) < 0)
        return found(finding, row, now, "its number or its digests are damaged");
    if (!digest_fits(row, now))
        return found(finding, row, now, "it was changed: its digest does not fit what it says");
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

int log_chain_check(json_object *rows, struct bg_sentence *finding)
{
    size_t n = json_object_array_length(rows);
    struct link last = {0}, now = {0};
    unsigned long long first = 0;

    if (n == 0)
        return bg_fail(finding, -ENOENT, "there are no events");
    for (size_t i = 0; i < n; i++) {
        int r = check_one(json_object_array_get_idx(rows, i), &last, &now, finding);

        if (r < 0)
            return r;
        first = first ? first : now.seq;
        last = now;
    }
    (void)bg_fail(finding, 0, "whole: events %llu to %llu, no gap and no change%s", first, last.seq,
                  first > 1 ? " (the older ones are no longer kept here)" : "");
    return 0;
}
