/* SPDX-License-Identifier: ISC */
/* The journal of a played host, chained as the broker chains its own. */
#include "tests/screen/events.h"

#include "tests/screen/conns.h"
#include "tests/screen/text.h"

#include <stdlib.h>
#include <string.h>

struct play_event *event_add(struct play *p)
{
    if (p->n_events == p->events_room) {
        p->events_room = p->events_room ? 2 * p->events_room : 64;
        p->events = need(reallocarray(p->events, p->events_room, sizeof *p->events));
    }
    p->events[p->n_events] = (struct play_event){0};
    return &p->events[p->n_events++];
}

static int compare_times(const void *a, const void *b)
{
    const struct play_event *x = a, *y = b;

    if (x->event.time != y->event.time)
        return x->event.time < y->event.time ? -1 : 1;
    return x->seq < y->seq ? -1 : 1; /* until they have numbers: the order in which they came */
}

static void sort(struct play *p)
{
    for (size_t i = 0; i < p->n_events; i++)
        p->events[i].seq = i;
    if (p->n_events > 0)
        qsort(p->events, p->n_events, sizeof *p->events, compare_times);
}

static char *sentence(const struct bg_event *event)
{
    char text[4096];

    (void)bg_event_sentence(event, text, sizeof text);
    return need_copy(text);
}

void events_settle(struct play *p)
{
    if (p->n_chained == 0)
        sort(p);
    for (; p->n_chained < p->n_events; p->n_chained++) {
        struct play_event *e = &p->events[p->n_chained];

        p->chain.seq += e->skip;
        memcpy(e->prev, p->chain.digest, sizeof e->prev);
        if (bg_chain_next(&p->chain, &e->event) < 0)
            abort();
        e->seq = p->chain.seq;
        if (!e->message)
            e->message = sentence(&e->event);
        memcpy(e->digest, p->chain.digest, sizeof e->digest);
        conns_logged(p, e->event.field[BG_FIELD_GRANT]);
    }
}

void event_taken(const struct bg_event *event, void *play)
{
    struct play *p = play;
    struct play_event *e = event_add(p);

    e->event = *event;
    if (!e->event.time)
        e->event.time = play_now(p);
    for (int i = 0; i < BG_FIELD_COUNT; i++)
        e->event.field[i] = event->field[i] ? need_copy(event->field[i]) : NULL;
    if (!e->event.field[BG_FIELD_HOST])
        e->event.field[BG_FIELD_HOST] = need_copy(p->b.site.host.name);
}

static void put_fields(const struct bg_event *event, struct fields *f)
{
    /* The keys of Log are the fields' names in lower case. */
    static const char *const keys[BG_FIELD_COUNT] = {
        [BG_FIELD_GRANT] = BG_NAME(event, grant),     [BG_FIELD_ROLE] = BG_NAME(event, role),
        [BG_FIELD_PERSON] = BG_NAME(event, person),   [BG_FIELD_ACTOR] = BG_NAME(event, actor),
        [BG_FIELD_ACCOUNT] = BG_NAME(event, account), [BG_FIELD_HOST] = BG_NAME(event, host),
        [BG_FIELD_KEY] = BG_NAME(event, key),         [BG_FIELD_REASON] = BG_NAME(event, reason),
        [BG_FIELD_TICKET] = BG_NAME(event, ticket),   [BG_FIELD_EXPIRES] = BG_NAME(event, expires),
        [BG_FIELD_RHOST] = BG_NAME(event, rhost),     [BG_FIELD_CREDENTIAL] = BG_NAME(event, credential),
        [BG_FIELD_SERVICE] = BG_NAME(event, service), [BG_FIELD_POLICY] = BG_NAME(event, policy),
        [BG_FIELD_SESSION] = BG_NAME(event, session), [BG_FIELD_WHY] = BG_NAME(event, why),
    };

    for (int i = 0; i < BG_FIELD_COUNT; i++)
        if (event->field[i] && keys[i])
            fields_text(f, keys[i], event->field[i]);
}

void event_fields(const struct play_event *e, struct fields *f)
{
    char number[24], prev[BG_DIGEST_HEX], digest[BG_DIGEST_HEX];

    (void)snprintf(number, sizeof number, "%llu", (unsigned long long)e->seq);
    bg_hex(prev, e->prev);
    bg_hex(digest, e->digest);
    fields_text(f, BG_NAME(event, event), bg_event_name(e->event.id));
    put_fields(&e->event, f);
    if (e->event.alert)
        fields_text(f, BG_NAME(event, alert), "yes");
    fields_text(f, BG_NAME(event, seq), number);
    fields_text(f, BG_NAME(event, prev), prev);
    fields_text(f, BG_NAME(event, digest), digest);
    fields_text(f, BG_NAME(event, message), e->message);
    fields_number(f, BG_NAME(event, time), 'x', e->event.time);
    if (e->then) {
        const struct bg_list change = {.v = (char *[]){e->then}, .n = 1};

        fields_change_all(f, &change);
    }
}

void events_free(struct play *p)
{
    for (size_t i = 0; i < p->n_events; i++) {
        for (int k = 0; k < BG_FIELD_COUNT; k++)
            free((void *)(uintptr_t)p->events[i].event.field[k]);
        free(p->events[i].message);
        free(p->events[i].then);
    }
    free(p->events);
}
