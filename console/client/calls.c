/* SPDX-License-Identifier: ISC */
/* Calls to several brokers at once, for verbs that wait for the answers. */
#include "console/client/calls.h"

#include "console/base/destination.h"
#include "console/base/print.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SECOND ((uint64_t)1000000)
/* With several hosts ssh may not ask for a passphrase, so that nobody has to be waited for. */
#define PATIENCE_SEVERAL (40 * SECOND)

static void settle(struct calls_link *link, enum calls_state state)
{
    if (link->state == FAN_WAITING)
        link->fan->waiting--;
    link->state = state;
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
        link->is.who = &values_nobody;
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

        call_drop(link->call);
        connection_close(&link->dial);
        reply_unref(link->reply);
        greeting_free(&link->is);
        free(link->host);
    }
    free(fan->link);
    sd_event_unref(fan->event);
    *fan = (struct calls){0};
}

static void on_answer(void *arg, int r, struct reply *reply, const char *sentence)
{
    struct calls_link *link = arg;

    link->call = NULL;
    reply_keep(&link->reply, reply);
    if (r == 0) {
        settle(link, FAN_DONE);
    } else if (r == -EREMOTEIO) {
        (void)bg_fail(&link->error, r, "%s", sentence);
        settle(link, FAN_REFUSED);
    } else {
        unreachable(link, sentence);
    }
}

void calls_ask(struct calls_link *link, const struct call_args *args)
{
    int r;

    reply_keep(&link->reply, NULL);
    link->error.text[0] = 0;
    link->asked = bg_now();
    r = call_start(&link->call, &link->dial, args, on_answer, link);
    if (r < 0) {
        unreachable(link, strerrordesc_np(-r));
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
        call_drop(link->call);
        link->call = NULL;
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

void calls_wait(struct calls *fan)
{
    sd_event_source *timer = NULL;

    fan->late = false;
    if (sd_event_add_time_relative(fan->event, &timer, CLOCK_MONOTONIC,
                                   fan->n > 1 ? PATIENCE_SEVERAL : fan->link[0].dial.patience, 0, on_late,
                                   fan) < 0)
        fan->late = true;
    while (fan->waiting > 0 && !fan->late)
        if (sd_event_run(fan->event, UINT64_MAX) < 0)
            fan->late = true;
    if (fan->waiting > 0)
        give_up(fan);
    hear_rest(fan);
    sd_event_source_unref(timer);
}

void calls_call(struct calls *fan, struct calls_link *only, const struct call_args *args)
{
    for (size_t i = 0; i < fan->n; i++)
        if (fan->link[i].state != FAN_UNREACHABLE && (only ? only == &fan->link[i] : !fan->link[i].aside))
            calls_ask(&fan->link[i], args);
    calls_wait(fan);
}

void calls_who(struct calls *fan)
{
    calls_call(fan, NULL, &(struct call_args){.method = BG_METHOD_WHO});
    for (size_t i = 0; i < fan->n; i++)
        greeting_take(&fan->link[i].is, calls_reply(&fan->link[i]), bg_now() - fan->link[i].asked);
}

const char *calls_label(const struct calls_link *link)
{
    const char *name = greeting_name(&link->is, link->host);

    return *name ? name : link->host ? link->host : "this host";
}

struct reply *calls_reply(const struct calls_link *link)
{
    return link->state == FAN_DONE ? link->reply : NULL;
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
