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

int calls_open(struct calls *fan, const struct bg_list *hosts, struct bg_sentence *err)
{
    size_t n = hosts->n ? hosts->n : 1;
    int r = destination_check(hosts, err);

    *fan = (struct calls){0};
    if (r < 0)
        return r;
    r = sd_event_new(&fan->event);
    if (r < 0)
        return bg_fail(err, r, "cannot make an event loop: %s", strerrordesc_np(-r));
    fan->link = calloc(n, sizeof *fan->link);
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
        if (connection_open(&link->dial, fan->event, link->host, n > 1 ? DIAL_BATCH : DIAL_ASKING) < 0) {
            link->state = FAN_UNREACHABLE;
            link->error = link->dial.why;
        }
    }
    return 0;
}

void calls_close(struct calls *fan)
{
    for (size_t i = 0; i < fan->n; i++) {
        struct calls_link *link = &fan->link[i];

        call_forget(&link->dial, NULL);
        connection_close(&link->dial);
        reply_unref(link->reply);
        greeting_free(&link->is);
        free(link->host);
    }
    free(fan->link);
    sd_event_unref(fan->event);
    *fan = (struct calls){0};
}

static void on_answer(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    struct calls_link *link = arg;

    (void)host;
    reply_keep(&link->reply, reply);
    if (r < 0)
        (void)bg_fail(&link->error, r, r == -EREMOTEIO ? "%s" : "unreachable: %s", sentence);
    link->fan->waiting--;
    link->state = r == 0 ? FAN_DONE : r == -EREMOTEIO ? FAN_REFUSED : FAN_UNREACHABLE;
}

void calls_ask(struct calls_link *link, const struct call_args *args)
{
    reply_keep(&link->reply, NULL);
    link->error.text[0] = 0;
    link->asked = bg_now();
    link->state = FAN_WAITING;
    link->fan->waiting++;
    call_start(&link->dial, 0, args, link, on_answer, link);
}

static int on_late(sd_event_source *source, uint64_t usec, void *late)
{
    (void)source, (void)usec;
    *(bool *)late = true;
    return 0;
}

/* An ssh that is gone has said why in its last line. */
static void hear_rest(struct calls_link *link)
{
    connection_hear_rest(&link->dial);
    if (*link->dial.last)
        bg_say(&link->error, "unreachable: %s", link->dial.last);
}

void calls_wait(struct calls *fan)
{
    sd_event_source *timer = NULL;
    uint64_t patience = fan->n > 1 ? PATIENCE_SEVERAL : fan->link[0].dial.patience;
    bool late =
        sd_event_add_time_relative(fan->event, &timer, CLOCK_MONOTONIC, patience, 0, on_late, &late) < 0;

    while (fan->waiting > 0 && !late)
        if (sd_event_run(fan->event, UINT64_MAX) < 0)
            late = true;
    for (size_t i = 0; i < fan->n; i++) {
        if (fan->link[i].state == FAN_UNREACHABLE)
            hear_rest(&fan->link[i]);
        else if (fan->link[i].state == FAN_WAITING)
            call_give_up(&fan->link[i].dial, "no answer in time");
    }
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

void calls_to_model(const struct calls *fan, struct model *m)
{
    for (size_t i = 0; i < fan->n; i++) {
        const struct calls_link *link = &fan->link[i];
        int host = model_add_host(m, link->host);

        if (host < 0)
            return;
        (void)snprintf(m->host[host].name, sizeof m->host[host].name, "%s", calls_label(link));
        m->host[host].state = link->state == FAN_UNREACHABLE ? HOST_DOWN : HOST_UP;
        m->host[host].is.ahead = link->is.ahead;
        (void)model_take(m, (size_t)host, calls_reply(link), 0);
    }
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
