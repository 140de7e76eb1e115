/* SPDX-License-Identifier: ISC */
#include "console/client/calls.h"

#include "console/base/destination.h"
#include "console/base/print.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SECOND ((uint64_t)1000000)
/* A person may have to type a passphrase or touch a key while ssh connects to one host; with several, ssh may
 * not ask. */
#define LET_GO_WITHIN 5 /* seconds; a broker that is slow is not one that closes */
#define PATIENCE_ONE (120 * SECOND)
#define PATIENCE_SEVERAL (40 * SECOND)

static void settle(struct calls_link *link, enum calls_state state)
{
    if (link->state == FAN_WAITING)
        link->fan->waiting--;
    link->state = state;
    link->answered = bg_now();
}

static void unreachable(struct calls_link *link, const char *why)
{
    if (*link->dial.last && !link->fan->late)
        (void)bg_fail(&link->error, 0, "unreachable: %s", link->dial.last);
    else
        (void)bg_fail(&link->error, 0, "unreachable: %s", why);
    settle(link, FAN_UNREACHABLE);
}

int calls_open(struct calls *fan, const struct bg_list *hosts, struct bg_sentence *err)
{
    size_t n = hosts->n ? hosts->n : 1;
    int r = destination_check(hosts, err);

    *fan = (struct calls){0};
    if (r < 0)
        return r;
    r = sd_event_new(&fan->event);
    if (r < 0)
        return bg_fail(err, r, "cannot make an event loop: %s", strerror(-r));
    fan->link = calloc(n, sizeof(*fan->link));
    if (!fan->link)
        return bg_fail(err, -ENOMEM, "no memory left");
    fan->n = n;
    for (size_t i = 0; i < n; i++) {
        struct calls_link *link = &fan->link[i];

        link->fan = fan;
        link->state = FAN_READY;
        if (hosts->n && !(link->host = strdup(hosts->v[i])))
            return bg_fail(err, -ENOMEM, "no memory left");
        if (connection_open(&link->dial, fan->event, link->host, n > 1 ? DIAL_BATCH : DIAL_ASKING,
                            &link->error) < 0)
            link->state = FAN_UNREACHABLE;
    }
    return 0;
}

void calls_close(struct calls *fan)
{
    for (size_t i = 0; i < fan->n; i++) {
        struct calls_link *link = &fan->link[i];

        sd_bus_slot_unref(link->slot);
        connection_close(&link->dial);
        json_putp(&link->reply);
        json_putp(&link->who);
        free(link->host);
    }
    free(fan->link);
    sd_event_unref(fan->event);
    *fan = (struct calls){0};
}

/* Whether the first question had no answer because this machine's broker closed the connection. */
static bool was_let_go(const struct calls_link *link)
{
    return !link->host && !link->who && bg_now() - link->asked < LET_GO_WITHIN;
}

static int on_reply(sd_bus_message *m, void *userdata, sd_bus_error *ret)
{
    struct calls_link *link = userdata;
    const sd_bus_error *error = sd_bus_message_get_error(m);

    (void)ret;
    link->slot = sd_bus_slot_unref(link->slot);
    if (!error) {
        if (values_read(m, &link->reply) < 0)
            unreachable(link, "its answer is not one of breakglass");
        else
            settle(link, FAN_DONE);
        return 0;
    }
    switch (connection_error(error, &link->error, link->error_name)) {
    case DIAL_SAID_NO:
        settle(link, FAN_REFUSED);
        break;
    case DIAL_SILENT:
        unreachable(link, was_let_go(link) ? DIAL_NO_ROOM : "it did not answer");
        break;
    case DIAL_BROKEN:
        settle(link, FAN_UNREACHABLE);
        break;
    }
    return 0;
}

static void ask(struct calls_link *link, const char *member, fan_append *append, void *arg)
{
    sd_bus_message *m = NULL;
    int r;

    json_putp(&link->reply);
    link->reply = NULL;
    link->error.text[0] = link->error_name[0] = 0;
    link->asked = bg_now();
    r = connection_message(&link->dial, member, &m);
    if (r >= 0 && append)
        r = append(m, link, arg);
    if (r >= 0)
        r = connection_send(&link->dial, m, PATIENCE_ONE, on_reply, link, &link->slot);
    sd_bus_message_unref(m);
    if (r < 0) {
        unreachable(link, strerror(-r));
        return;
    }
    link->state = FAN_WAITING;
    link->fan->waiting++;
}

static int on_late(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct calls *fan = userdata;

    (void)source, (void)usec;
    fan->late = true;
    return 0;
}

static void give_up(struct calls *fan)
{
    for (size_t i = 0; i < fan->n; i++) {
        struct calls_link *link = &fan->link[i];

        if (link->state != FAN_WAITING)
            continue;
        link->slot = sd_bus_slot_unref(link->slot);
        unreachable(link, "no answer in time");
    }
}

/* An ssh that is gone has said why in its last line. */
static void hear_rest(struct calls *fan)
{
    for (size_t i = 0; i < fan->n; i++) {
        struct calls_link *link = &fan->link[i];

        if (link->state != FAN_UNREACHABLE)
            continue;
        connection_hear_rest(&link->dial);
        if (*link->dial.last && !fan->late)
            (void)bg_fail(&link->error, 0, "unreachable: %s", link->dial.last);
    }
}

void calls_call(struct calls *fan, struct calls_link *only, const char *member, fan_append *append, void *arg)
{
    sd_event_source *timer = NULL;

    for (size_t i = 0; i < fan->n; i++)
        if (fan->link[i].state != FAN_UNREACHABLE && (only ? only == &fan->link[i] : !fan->link[i].aside))
            ask(&fan->link[i], member, append, arg);
    fan->late = false;
    if (sd_event_add_time_relative(fan->event, &timer, CLOCK_MONOTONIC,
                                   fan->n > 1 ? PATIENCE_SEVERAL : PATIENCE_ONE, 0, on_late, fan) < 0)
        fan->late = true;
    while (fan->waiting > 0 && !fan->late)
        if (sd_event_run(fan->event, UINT64_MAX) < 0)
            fan->late = true;
    if (fan->waiting > 0)
        give_up(fan);
    hear_rest(fan);
    sd_event_source_unref(timer);
}

void calls_who(struct calls *fan)
{
    calls_call(fan, NULL, "Who", NULL, NULL);
    for (size_t i = 0; i < fan->n; i++) {
        struct calls_link *link = &fan->link[i];
        json_object *who = link->state == FAN_DONE ? calls_reply(link, 0) : NULL;

        json_putp(&link->who);
        link->who = who ? json_object_get(who) : NULL;
        link->ahead =
            who && row_number(who, "now") ? row_number(who, "now") - (link->asked + link->answered) / 2 : 0;
    }
}

const char *calls_label(const struct calls_link *link)
{
    const char *says = link->who ? row_string(link->who, "host") : "";

    if (*says && (!link->host || destination_may_be(link->host, says)))
        return says;
    return link->host ? link->host : "this host";
}

json_object *calls_reply(const struct calls_link *link, size_t argument)
{
    if (!link->reply || argument >= json_object_array_length(link->reply))
        return NULL;
    return json_object_array_get_idx(link->reply, argument);
}

int calls_status(struct calls *fan, int64_t closes_by)
{
    int status = 0;

    for (size_t i = 0; i < fan->n; i++) {
        struct calls_link *link = &fan->link[i];
        char when[BG_TIME_SIZE];

        if (link->aside || (link->state != FAN_REFUSED && link->state != FAN_UNREACHABLE))
            continue;
        if (link->state == FAN_UNREACHABLE && closes_by > 0) {
            bg_time_format(when, closes_by);
            complain("%s: %s; closes by itself at %.5s UTC", calls_label(link), link->error.text, when + 11);
        } else if (fan->n == 1 && link->state == FAN_UNREACHABLE && *link->dial.last) {
            complain("%s: unreachable", calls_label(link)); /* ssh's own words were shown when they came */
        } else {
            complain("%s: %s", calls_label(link), link->error.text);
        }
        if (link->state == FAN_REFUSED)
            status = 1;
        else if (status == 0)
            status = 3;
    }
    return status;
}

int calls_append_string(sd_bus_message *m, struct calls_link *link, void *string)
{
    (void)link;
    return sd_bus_message_append(m, "s", (const char *)string);
}

int calls_append_dict(sd_bus_message *m, struct calls_link *link, void *object)
{
    (void)link;
    return values_append(m, object);
}
