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
    call_answer *answer;
    void *arg;
    sd_bus_slot *slot;
    uint64_t began;
};

/* sd-bus says the same of a connection that broke and of a broker that is slow. */
static const char *why_silent(const struct call *call)
{
    if (bg_monotonic() - call->began >= call->connection->patience)
        return "no answer in time";
    return call->connection->host || call->connection->greeted ? "the connection is closed" : DIAL_NO_ROOM;
}

static int read_answer(struct call *call, sd_bus_message *m, struct reply **reply, struct bg_sentence *why)
{
    const sd_bus_error *error = sd_bus_message_get_error(m);
    char name[128];

    if (!error) {
        int r = reply_read(reply, m, call->method);

        call->connection->greeted = true;
        return r < 0 ? bg_fail(why, r, "%s", r == -ENOMEM ? "no memory left" : CALL_NOT_OURS) : 0;
    }
    switch (connection_error(error, why, name)) {
    case DIAL_SAID_NO:
        call->connection->greeted = true;
        return -EREMOTEIO;
    case DIAL_SILENT:
        return bg_fail(why, -EHOSTUNREACH, "%s", why_silent(call));
    case DIAL_BROKEN:
        break;
    }
    return -EHOSTUNREACH;
}

static int on_reply(sd_bus_message *m, void *userdata, sd_bus_error *ret)
{
    struct call *call = userdata;
    reply_ struct reply *reply = NULL;
    struct bg_sentence why = {0};
    int r = read_answer(call, m, &reply, &why);

    (void)ret;
    call->answer(call->arg, r, reply, why.text);
    call_drop(call);
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

int call_start(struct call **ret, struct connection *d, const struct call_args *args, call_answer *answer,
               void *arg)
{
    struct call *call = calloc(1, sizeof *call);
    sd_bus_message *m = NULL;
    int r = call ? connection_message(d, bg_methods[args->method].name, &m) : -ENOMEM;

    if (r >= 0)
        r = append_args(m, args);
    if (r >= 0) {
        *call = (struct call){d, args->method, answer, arg, NULL, bg_monotonic()};
        /* What cannot be sent has reached nobody: that is no refusal. */
        if (connection_send(d, m, d->patience, on_reply, call, &call->slot) < 0)
            r = -EHOSTUNREACH;
    }
    (void)sd_bus_message_unref(m);
    if (r < 0)
        free(call);
    else
        *ret = call;
    return r < 0 ? r : 0;
}

void call_drop(struct call *call)
{
    if (!call)
        return;
    (void)sd_bus_slot_unref(call->slot);
    free(call);
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
