/* SPDX-License-Identifier: ISC */
/* Hosts that stay connected while the screen is up: lists, changes, and calls that never wait. */
#include "console/client/live.h"

#include "policy/base/clock.h"
#include "policy/base/cleanup.h"
#include "console/base/destination.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND ((uint64_t)1000000)
#define FIRST_PAUSE 2 /* seconds until a lost host is tried again; doubled each time up to */
#define LONGEST_PAUSE 60
#define LOOKS_AT_ONCE 4
#define LOOKS_MAX 64 /* more changes at once than this: its list is read anew */
#define ROWS_MAX 20000

/* A call on its way. */
struct pending {
    struct live *live;
    size_t host;
    const void *owner;
    live_answer *answer;
    void *arg;
    void *owned; /* goes with the call */
    struct call *call;
    int64_t since;
    struct pending *next;
};

struct line {
    struct live *live;
    struct connection dial;
    bool open, lost;
    struct bg_sentence error;
    struct pending *calls;
    sd_event_source *again; /* when to try again */
    unsigned pause;
    size_t rows;          /* of the list that is being read */
    struct bg_list looks; /* grants to look at */
    unsigned looking;
};

struct live {
    sd_event *event;
    struct model *model;
    struct live_listener listener;
    struct line line[MODEL_HOSTS];
    bool alone;
    bool all; /* lists have what is archived, too */
};

static void begin(struct live *live, size_t host);
static void look_on(struct live *live, size_t host);

int64_t live_now_ms(void)
{
    return (int64_t)(bg_monotonic() / 1000);
}

static void moved(struct live *live)
{
    live->model->dirty = true;
    live->listener.moved(live->listener.arg);
}

/* --- calls --- */

/* Since when the oldest answer is due. */
static void note_waiting(struct live *live, size_t host)
{
    int64_t oldest = 0;

    for (struct pending *c = live->line[host].calls; c; c = c->next)
        if (!oldest || c->since < oldest)
            oldest = c->since;
    live->model->host[host].asked_at = oldest;
}

static void unlink_call(struct pending *call)
{
    struct pending **at = &call->live->line[call->host].calls;

    while (*at && *at != call)
        at = &(*at)->next;
    if (*at)
        *at = call->next;
    note_waiting(call->live, call->host);
}

static void pending_free(struct pending *call)
{
    call_drop(call->call);
    free(call->owned);
    free(call);
}

static void lose(struct live *live, size_t host, const char *why)
{
    struct line *line = &live->line[host];

    if (line->lost)
        return;
    line->lost = true;
    (void)bg_fail(&line->error, 0, "%s", why);
}

static void on_answer(void *arg, int r, struct reply *reply, const char *sentence)
{
    struct pending *call = arg;

    call->call = NULL; /* it ends by itself */
    unlink_call(call);
    if (r == -EHOSTUNREACH)
        lose(call->live, call->host, sentence);
    call->answer(call->arg, call->host, r, reply, sentence);
    pending_free(call);
}

static struct pending *make_call(struct live *live, size_t host, void *owned)
{
    struct pending *call = calloc(1, sizeof *call);

    if (!call) {
        free(owned);
        return NULL;
    }
    *call = (struct pending){.live = live, .host = host, .owned = owned, .since = live_now_ms()};
    call->next = live->line[host].calls;
    live->line[host].calls = call;
    return call;
}

/* The call is in the line's list; it answers, now or later. */
static void start_call(struct pending *call, const struct call_args *args)
{
    struct live *live = call->live;
    struct line *line = &live->line[call->host];
    const char *why = live->model->host[call->host].why;
    int r = line->open && !line->lost ? call_start(&call->call, &line->dial, args, on_answer, call)
                                      : -EHOSTUNREACH;

    note_waiting(live, call->host);
    if (r >= 0)
        return;
    unlink_call(call);
    if (r != -EHOSTUNREACH)
        call->answer(call->arg, call->host, r, NULL, strerrordesc_np(-r));
    else
        call->answer(call->arg, call->host, r, NULL, *why ? why : "unreachable");
    pending_free(call);
}

void live_call(struct live *live, size_t host, const struct call_args *args, const void *owner,
               live_answer *answer, void *arg)
{
    struct pending *call = make_call(live, host, NULL);

    if (!call) {
        answer(arg, host, -ENOMEM, NULL, "no memory left");
        return;
    }
    call->owner = owner;
    call->answer = answer;
    call->arg = arg;
    start_call(call, args);
}

/* Of our own, with something that is freed after the answer, or without one. false: no memory, no answer. */
static bool call_owned(struct live *live, size_t host, const struct call_args *args, live_answer *answer,
                       void *owned)
{
    struct pending *call = make_call(live, host, owned);

    if (!call)
        return false;
    call->owner = live;
    call->answer = answer;
    call->arg = owned;
    start_call(call, args);
    return true;
}

void live_forget(struct live *live, const void *owner)
{
    for (size_t i = 0; i < live->model->n_hosts; i++)
        for (struct pending *c = live->line[i].calls, *next; c; c = next) {
            next = c->next;
            if (c->owner != owner)
                continue;
            unlink_call(c);
            pending_free(c);
        }
}

/* --- the list of a host --- */

static void ask_page(struct live *live, size_t host, const char *after);

static void on_page(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    struct live *live = arg;
    struct line *line = &live->line[host];

    if (r == -EBADMSG)
        lose(live, host, sentence);
    if (r < 0)
        return; /* a lost host is told elsewhere; one that refuses its list has none */
    for (size_t i = 0; i < reply->n; i++)
        (void)model_take(live->model, host, reply_grant(reply, i));
    line->rows += reply->n;
    if (*reply->text && reply->n > 0 && line->rows < ROWS_MAX)
        ask_page(live, host, reply->text);
    else {
        model_list_end(live->model, host);
        live->model->host[host].listed = true;
        live->listener.listed(live->listener.arg, host);
    }
    moved(live);
}

static void ask_page(struct live *live, size_t host, const char *after)
{
    live_call(live, host, &(struct call_args){BG_METHOD_LIST, .text = {live->all ? "all" : "live", after}},
              &live->line[host], on_page, live);
}

/* A list that is still being read is not read to its end: the end of an older one would take away what the
 * new one has not named yet. */
static void list(struct live *live, size_t host)
{
    live_forget(live, &live->line[host]);
    live->line[host].rows = 0;
    bg_list_free(&live->line[host].looks);
    model_list_begin(live->model, host);
    ask_page(live, host, "");
}

/* --- grants that changed --- */

struct look {
    struct live *live;
    char id[BG_ID_SIZE];
};

static void on_look(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    struct look *look = arg;
    struct live *live = look->live;
    const struct bg_grant_row *grant = reply_grant(reply, 0);

    (void)sentence;
    if (live->line[host].looking > 0)
        live->line[host].looking--;
    if (grant && strcmp(grant->id, look->id) == 0) {
        if (!grant->archived || live->all)
            (void)model_take(live->model, host, grant);
        else
            model_drop(live->model, host, look->id);
        live->listener.changed(live->listener.arg, host, look->id, reply);
    } else if (r == -EREMOTEIO) {
        model_drop(live->model, host, look->id);
        live->listener.changed(live->listener.arg, host, look->id, NULL);
    }
    moved(live);
    look_on(live, host);
}

/* Takes the next grants from the queue; a few at a time, so that a burst does not fill the connection. */
static void look_on(struct live *live, size_t host)
{
    struct line *line = &live->line[host];

    while (line->looks.n > 0 && line->looking < LOOKS_AT_ONCE && line->open && !line->lost) {
        struct look *look = calloc(1, sizeof(*look));
        char *id = line->looks.v[--line->looks.n];

        if (look) {
            look->live = live;
            (void)snprintf(look->id, sizeof(look->id), "%s", id);
            line->looking++;
            if (!call_owned(live, host, &(struct call_args){BG_METHOD_SHOW, .text = {look->id}}, on_look,
                            look))
                line->looking--;
        }
        free(id);
    }
}

void live_look(struct live *live, size_t host, const char *id)
{
    struct line *line = &live->line[host];

    if (!bg_is_id(id) || bg_list_has(&line->looks, id))
        return;
    if (line->looks.n >= LOOKS_MAX)
        list(live, host);
    else if (bg_list_add(&line->looks, id, strlen(id)) >= 0)
        look_on(live, host);
}

/* --- what hosts say by themselves --- */

static int on_message(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
    struct line *line = userdata;
    struct live *live = line->live;
    size_t host = (size_t)(line - live->line);
    const char *person = NULL, *id = NULL, *state = NULL;

    (void)error;
    if (sd_bus_message_is_signal(m, "org.freedesktop.DBus.Local", "Disconnected") > 0)
        lose(live, host, line->dial.host || line->dial.greeted ? "the connection is closed" : DIAL_NO_ROOM);
    else if (sd_bus_message_is_signal(m, BG_BUS_INTERFACE, bg_signal_names[BG_SIGNAL_CHANGED]) > 0) {
        if (sd_bus_message_read(m, "sss", &person, &id, &state) >= 0)
            live_look(live, host, id);
    } else if (sd_bus_message_is_signal(m, BG_BUS_INTERFACE, bg_signal_names[BG_SIGNAL_LOGGED]) > 0)
        live->listener.logged(live->listener.arg, host);
    return 0;
}

/* --- connections --- */

static void ignore(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    (void)arg, (void)host, (void)r, (void)reply, (void)sentence;
}

/* The question who it is, on its way. */
struct asked_who {
    struct live *live;
    int64_t began;
};

static void take_who(struct host *h, struct reply *reply, int64_t began)
{
    const char *name;

    greeting_take(&h->is, reply, (live_now_ms() - began) / 1000);
    name = greeting_name(&h->is, h->to);
    if (*name)
        (void)snprintf(h->name, sizeof(h->name), "%s", name);
}

static void on_who(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    struct asked_who *asked = arg;
    struct live *live = asked->live;
    struct host *h = &live->model->host[host];

    if (r < 0) {
        lose(live, host, sentence);
        return;
    }
    take_who(h, reply, asked->began);
    h->state = HOST_UP;
    h->why[0] = 0;
    live->line[host].pause = 0;
    if (!h->extra) {
        live_call(live, host, &(struct call_args){BG_METHOD_WATCH, .number = true}, live, ignore, NULL);
        list(live, host);
        live->listener.logged(live->listener.arg, host); /* what was written while it was not here */
    }
    moved(live);
}

static void on_who_again(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    struct asked_who *asked = arg;

    (void)sentence;
    if (r == 0)
        take_who(&asked->live->model->host[host], reply, asked->began);
    moved(asked->live);
}

void live_who(struct live *live, size_t host)
{
    struct asked_who *asked = calloc(1, sizeof *asked);

    if (!asked)
        return;
    *asked = (struct asked_who){live, live_now_ms()};
    (void)call_owned(live, host, &(struct call_args){.method = BG_METHOD_WHO}, on_who_again, asked);
}

static int on_again(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct line *line = userdata;

    (void)source, (void)usec;
    begin(line->live, (size_t)(line - line->live->line));
    return 0;
}

/* Later again, and each time a little later. */
static void schedule(struct live *live, size_t host)
{
    struct line *line = &live->line[host];

    line->pause = line->pause ? 2 * line->pause : FIRST_PAUSE;
    if (line->pause > LONGEST_PAUSE)
        line->pause = LONGEST_PAUSE;
    line->again = sd_event_source_disable_unref(line->again);
    if (!live->model->host[host].extra)
        (void)sd_event_add_time_relative(live->event, &line->again, CLOCK_MONOTONIC, line->pause * SECOND,
                                         SECOND / 2, on_again, line);
}

static void begin(struct live *live, size_t host)
{
    struct line *line = &live->line[host];
    struct host *h = &live->model->host[host];
    struct asked_who *asked = calloc(1, sizeof *asked);

    line->again = sd_event_source_disable_unref(line->again);
    if (!asked)
        return;
    *asked = (struct asked_who){live, live_now_ms()};
    line->open = true;
    line->lost = false;
    line->looking = 0;
    h->state = HOST_CONNECTING;
    if (connection_open(&line->dial, live->event, h->to, DIAL_UNSEEN, &line->error) < 0) {
        line->lost = true;
        free(asked);
    } else {
        (void)sd_bus_add_filter(line->dial.bus, NULL, on_message, line);
        if (!call_owned(live, host, &(struct call_args){.method = BG_METHOD_WHO}, on_who, asked))
            lose(live, host, "no memory left");
    }
    moved(live);
}

/* What was still asked will not be answered. */
static void fail_calls(struct live *live, size_t host)
{
    struct host *h = &live->model->host[host];

    while (live->line[host].calls) {
        struct pending *call = live->line[host].calls;

        unlink_call(call);
        call->answer(call->arg, call->host, -EHOSTUNREACH, NULL, h->why);
        pending_free(call);
    }
}

static void bury(struct live *live, size_t host)
{
    struct line *line = &live->line[host];
    struct host *h = &live->model->host[host];

    connection_hear_rest(&line->dial);
    (void)snprintf(h->why, sizeof(h->why), "%.*s", (int)sizeof(h->why) - 1,
                   h->to && *line->dial.last ? line->dial.last : line->error.text);
    h->state = HOST_DOWN;
    h->listed = false;
    line->open = false;
    bg_list_free(&line->looks);
    fail_calls(live, host);
    connection_close(&line->dial);
    schedule(live, host);
    moved(live);
}

void live_settle(struct live *live)
{
    for (size_t i = 0; i < live->model->n_hosts; i++)
        if (live->line[i].open && live->line[i].lost)
            bury(live, i);
}

int live_new(struct live **ret, sd_event *event, struct model *model, const struct live_listener *listener,
             bool alone)
{
    struct live *live = calloc(1, sizeof(*live));

    if (!live)
        return -ENOMEM;
    live->event = event;
    live->model = model;
    live->listener = *listener;
    live->alone = alone;
    for (size_t i = 0; i < MODEL_HOSTS; i++)
        live->line[i].live = live;
    *ret = live;
    return 0;
}

void live_free(struct live *live)
{
    if (!live)
        return;
    for (size_t i = 0; i < live->model->n_hosts; i++) {
        struct line *line = &live->line[i];

        while (line->calls) {
            struct pending *call = line->calls;

            unlink_call(call);
            pending_free(call);
        }
        bg_list_free(&line->looks);
        (void)sd_event_source_disable_unref(line->again);
        connection_close(&line->dial);
    }
    free(live);
}

static int on_begin(sd_event_source *source, void *userdata)
{
    struct line *line = userdata;

    (void)source;
    begin(line->live, (size_t)(line - line->live->line));
    return 0;
}

/* It begins in the event loop: the first screen does not wait until ssh was started for each host. */
int live_watch(struct live *live, const char *to)
{
    int host = to && live->alone ? -1 : model_add_host(live->model, to), r;

    if (host < 0)
        return to && live->alone ? -EPERM : -E2BIG;
    r = sd_event_add_defer(live->event, &live->line[host].again, on_begin, &live->line[host]);
    return r < 0 ? r : host;
}

int live_reach(struct live *live, const char *name)
{
    int host = model_find_host(live->model, name);

    if (host < 0) {
        if (live->alone)
            return -EPERM;
        if (!destination_is_valid(name))
            return -EINVAL;
        host = model_add_host(live->model, name);
        if (host < 0)
            return -E2BIG;
        live->model->host[host].extra = true;
    }
    if (!live->line[host].open)
        begin(live, (size_t)host);
    return host;
}

void live_refresh(struct live *live, const bool *all)
{
    if (all)
        live->all = *all;
    for (size_t i = 0; i < live->model->n_hosts; i++) {
        if (live->model->host[i].extra)
            continue;
        live->line[i].pause = 0;
        if (!live->line[i].open)
            begin(live, i);
        else if (live->model->host[i].state == HOST_UP)
            list(live, i);
    }
}
