/* SPDX-License-Identifier: ISC */
/* One call to one broker, for verbs that wait and for the screen that does not. */
#include "console/client/call.h"

#include "console/base/destination.h"
#include "policy/base/clock.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct call {
    struct connection *connection;
    enum bg_method method;
    size_t host;
    const void *owner;
    call_answer *answer;
    void *arg;
    sd_bus_slot *slot;
    uint64_t began;
    struct call *next;
};

static void drop(struct call *call)
{
    struct call **at = &call->connection->calls;

    while (*at != call)
        at = &(*at)->next;
    *at = call->next;
    (void)sd_bus_slot_unref(call->slot);
    free(call);
}

static void end(struct call *call, int r, struct reply *reply, const char *sentence)
{
    struct call was = *call;

    drop(call);
    if (was.answer)
        was.answer(was.arg, was.host, r, reply, sentence);
}

const char *call_why_closed(const struct connection *d)
{
    return d->host || d->greeted ? "the connection is closed" : DIAL_NO_ROOM;
}

/* sd-bus says the same of a connection that broke and of a broker that is slow. */
static const char *why_silent(const struct call *call)
{
    bool late = bg_monotonic() - call->began >= call->connection->patience;

    return late ? "no answer in time" : call_why_closed(call->connection);
}

static int read_error(struct call *call, const sd_bus_error *error, struct bg_sentence *why)
{
    const char *name = error->name ? error->name : "";

    bg_say(why, "%s", error->message ? error->message : name);
    if (strncmp(name, BG_BUS_ERROR, strlen(BG_BUS_ERROR)) == 0) {
        call->connection->greeted = true;
        return -EREMOTEIO;
    }
    if (sd_bus_error_has_name(error, SD_BUS_ERROR_NO_REPLY))
        bg_say(why, "%s", why_silent(call));
    connection_lose(call->connection, why->text);
    return -EHOSTUNREACH;
}

static int on_reply(sd_bus_message *m, void *userdata, sd_bus_error *ret)
{
    struct call *call = userdata;
    reply_ struct reply *reply = NULL;
    struct bg_sentence why = {0};
    int r;

    (void)ret;
    if (sd_bus_message_is_method_error(m, NULL)) {
        r = read_error(call, sd_bus_message_get_error(m), &why);
    } else {
        r = reply_read(&reply, m, call->method);
        call->connection->greeted = true;
    }
    if (r < 0 && !*why.text)
        (void)bg_fail(&why, r, "%s", r == -ENOMEM ? "no memory left" : CALL_NOT_OURS);
    end(call, r, reply, why.text);
    return 0;
}

static int append_args(sd_bus_message *m, const struct call_args *args)
{
    const char *const *text = args->text;
    int r = 0;

    for (const char *type = bg_methods[args->method].in; r >= 0 && *type; type++) {
        if (*type == 'a')
            return args->filter ? values_append_row(m, &bg_filter_type, args->filter)
                                : values_append_row(m, &bg_draft_type, args->draft);
        if (*type != 's')
            r = sd_bus_message_append_basic(m, *type, &args->number);
        else {
            r = sd_bus_message_append_basic(m, 's', *text ? *text : "");
            text++;
        }
    }
    return r;
}

static int send(struct call *call, const struct call_args *args)
{
    struct connection *d = call->connection;
    sd_bus_message *m = NULL;
    int r = d->lost || !d->bus
                ? -EHOSTUNREACH
                : sd_bus_message_new_method_call(d->bus, &m, NULL, BG_BUS_PATH, BG_BUS_INTERFACE,
                                                 bg_methods[args->method].name);

    if (r >= 0)
        r = append_args(m, args);
    /* What cannot be sent has reached nobody: that is no refusal. */
    if (r >= 0 && connection_send(d, m, on_reply, call, &call->slot) < 0)
        r = -EHOSTUNREACH;
    (void)sd_bus_message_unref(m);
    return r;
}

void call_start(struct connection *d, size_t host, const struct call_args *args, const void *owner,
                call_answer *answer, void *arg)
{
    struct call *call = calloc(1, sizeof *call);

    if (!call) {
        if (answer)
            answer(arg, host, -ENOMEM, NULL, "no memory left");
        return;
    }
    *call = (struct call){d, args->method, host, owner, answer, arg, NULL, bg_monotonic(), d->calls};
    d->calls = call;
    int r = send(call, args);
    if (r == -EHOSTUNREACH)
        end(call, r, NULL, d->lost ? d->why.text : "unreachable");
    else if (r < 0)
        end(call, r, NULL, strerrordesc_np(-r));
}

void call_forget(struct connection *d, const void *owner)
{
    for (struct call *call = d->calls, *next; call; call = next) {
        next = call->next;
        if (!owner || call->owner == owner)
            drop(call);
    }
}

void call_give_up(struct connection *d, const char *why)
{
    connection_lose(d, why);
    while (d->calls)
        end(d->calls, -EHOSTUNREACH, NULL, d->why.text);
}

uint64_t call_oldest(const struct connection *d)
{
    uint64_t oldest = 0;

    for (const struct call *call = d->calls; call; call = call->next)
        oldest = call->began;
    return oldest;
}

void greeting_take(struct greeting *g, struct reply *reply, int64_t seconds)
{
    const struct bg_who_row *who = reply_who(reply);

    reply_keep(&g->reply, who ? reply : NULL);
    g->who = who ? who : &values_nobody;
    g->ahead = g->who->now ? g->who->now - bg_now() : 0;
    /* What the way here took is not a clock that is wrong. */
    if (g->ahead < 0 && -g->ahead <= seconds + 1)
        g->ahead = 0;
}

void greeting_free(struct greeting *g)
{
    reply_unref(g->reply);
    *g = (struct greeting){.who = &values_nobody};
}

const char *greeting_name(const struct greeting *g, const char *to)
{
    const char *says = g->who->host;

    return *says && (!to || destination_may_be(to, says)) ? says : "";
}
