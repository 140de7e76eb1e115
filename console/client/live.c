/* SPDX-License-Identifier: ISC */
/* Hosts that stay connected while the screen is up: lists, changes, and calls that never wait. */
#include "console/client/live.h"

#include "policy/base/cleanup.h"
#include "policy/base/clock.h"
#include "console/base/destination.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLOW_MS 2000 /* an answer that is due longer than this is worth a word */
#define SECOND ((uint64_t)1000000)
#define FIRST_PAUSE 2 /* seconds until a lost host is tried again; doubled each time up to */
#define LONGEST_PAUSE 60
#define LOOKS_AT_ONCE 4
#define LOOKS_MAX 64 /* more changes at once than this: its list is read anew */
#define ROWS_MAX 20000
#define SHOWN_EVERY_MS 100 /* while a list is being read: each time all of it is put in order */

struct line {
    struct live *live;
    struct connection dial;
    bool open;
    int64_t who_asked;      /* when it was asked who it is, ms */
    sd_event_source *again; /* when to try again */
    unsigned pause;         /* before that, seconds */
    size_t rows;            /* of the list that is being read */
    int64_t shown;          /* when rows of it were shown last, ms */
    struct bg_list to_look; /* grants to look at */
    struct look {
        struct line *line;
        char id[BG_ID_SIZE]; /* "": nothing is looked at here */
    } look[LOOKS_AT_ONCE];
};

struct live {
    sd_event *event;
    struct model *model;
    struct live_listener listener;
    struct line line[MODEL_HOSTS];
    bool alone;
    bool all; /* lists have what is archived, too */
};

static void look_on(struct line *line);

int64_t live_now_ms(void)
{
    return (int64_t)(bg_monotonic() / 1000);
}

bool live_hangs(const struct host *h)
{
    return h->state != HOST_DOWN && h->asked_at && live_now_ms() - h->asked_at > SLOW_MS;
}

static void moved(struct live *live)
{
    live->model->dirty = true;
    live->listener.moved(live->listener.arg);
}

static size_t host_of(const struct line *line)
{
    return (size_t)(line - line->live->line);
}

static struct host *model_of(const struct line *line)
{
    return &line->live->model->host[host_of(line)];
}

/* --- calls --- */

void live_call(struct live *live, size_t host, const struct call_args *args, const void *owner,
               call_answer *answer, void *arg)
{
    call_start(&live->line[host].dial, host, args, owner, answer, arg);
}

/* One of our own. */
static void call(struct line *line, const struct call_args *args, call_answer *answer, void *arg)
{
    live_call(line->live, host_of(line), args, arg, answer, arg);
}

void live_forget(struct live *live, const void *owner)
{
    for (size_t i = 0; i < live->model->n_hosts; i++)
        call_forget(&live->line[i].dial, owner);
}

/* --- the list of a host --- */

static void ask_page(struct line *line, const char *after);

static void on_page(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    struct line *line = arg;
    struct live *live = line->live;

    if (r == -EBADMSG)
        connection_lose(&line->dial, sentence);
    if (r < 0)
        return; /* a lost host is told elsewhere; one that refuses its list has none */
    line->rows += reply->n;
    bool more = *reply->text && reply->n > 0 && line->rows < ROWS_MAX;
    if (more) /* first, so that the host goes on while we read */
        ask_page(line, reply->text);
    for (size_t i = 0; i < reply->n; i++)
        (void)model_take(live->model, host, reply, i);
    if (!more) {
        model_list_end(live->model, host);
        model_of(line)->listed = true;
        live->listener.listed(live->listener.arg, host);
    }
    if (!more || live_now_ms() - line->shown >= SHOWN_EVERY_MS) {
        line->shown = live_now_ms();
        moved(live);
    }
}

static void ask_page(struct line *line, const char *after)
{
    const char *which = line->live->all ? "all" : "live";

    call(line, &(struct call_args){BG_METHOD_LIST, .text = {which, after}}, on_page, line);
}

/* A list that is still being read is not read to its end: the end of an older one would take away what the
 * new one has not named yet. */
static void list(struct line *line)
{
    call_forget(&line->dial, line);
    line->rows = 0;
    bg_list_free(&line->to_look);
    model_list_begin(line->live->model, host_of(line));
    ask_page(line, "");
}

/* --- grants that changed --- */

static void on_look(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    struct look *look = arg;
    struct live *live = look->line->live;
    const struct bg_grant_row *grant = reply_grant(reply, 0);

    (void)sentence;
    if (grant && strcmp(grant->id, look->id) == 0) {
        if (!grant->archived || live->all)
            (void)model_take(live->model, host, reply, 0);
        else
            model_drop(live->model, host, look->id);
        live->listener.changed(live->listener.arg, host, look->id, reply);
    } else if (r == -EREMOTEIO) {
        model_drop(live->model, host, look->id);
        live->listener.changed(live->listener.arg, host, look->id, NULL);
    }
    look->id[0] = '\0';
    moved(live);
    look_on(look->line);
}

/* Takes the next grants from the queue; a few at a time, so that a burst does not fill the connection. */
static void look_on(struct line *line)
{
    for (size_t i = 0; i < LOOKS_AT_ONCE && line->to_look.n > 0 && line->open && !line->dial.lost; i++) {
        struct look *look = &line->look[i];

        if (*look->id)
            continue;
        bg_free_ char *id = line->to_look.v[--line->to_look.n];
        look->line = line;
        memcpy(look->id, id, sizeof look->id);
        call(line, &(struct call_args){BG_METHOD_SHOW, .text = {look->id}}, on_look, look);
    }
}

void live_look(struct live *live, size_t host, const char *id)
{
    struct line *line = &live->line[host];

    if (!bg_is_id(id) || bg_list_has(&line->to_look, id))
        return;
    if (line->to_look.n >= LOOKS_MAX)
        list(line);
    else if (bg_list_add(&line->to_look, id, strlen(id)) >= 0)
        look_on(line);
}

/* --- what hosts say by themselves --- */

static int on_message(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
    struct line *line = userdata;
    struct live *live = line->live;
    const char *person = NULL, *id = NULL, *state = NULL;

    (void)error;
    if (sd_bus_message_is_signal(m, "org.freedesktop.DBus.Local", "Disconnected") > 0)
        connection_lose(&line->dial, call_why_closed(&line->dial));
    else if (sd_bus_message_is_signal(m, BG_BUS_INTERFACE, bg_signal_names[BG_SIGNAL_CHANGED]) > 0) {
        if (sd_bus_message_read(m, "sss", &person, &id, &state) >= 0)
            live_look(live, host_of(line), id);
    } else if (sd_bus_message_is_signal(m, BG_BUS_INTERFACE, bg_signal_names[BG_SIGNAL_LOGGED]) > 0)
        live->listener.logged(live->listener.arg, host_of(line));
    return 0;
}

/* --- connections --- */

/* Who it is, as it says at first and whenever it is asked again. */
static void on_who(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    struct line *line = arg;
    struct live *live = line->live;
    struct host *h = model_of(line);
    bool came = h->state != HOST_UP;

    if (r < 0 && came)
        connection_lose(&line->dial, sentence);
    if (r < 0)
        return;
    greeting_take(&h->is, reply, (live_now_ms() - line->who_asked) / 1000);
    const char *name = greeting_name(&h->is, h->to);
    if (*name)
        (void)snprintf(h->name, sizeof h->name, "%s", name);
    h->state = HOST_UP;
    h->why[0] = '\0';
    line->pause = 0;
    if (came && !h->extra) {
        call(line, &(struct call_args){BG_METHOD_WATCH, .number = true}, NULL, live);
        list(line);
        live->listener.logged(live->listener.arg, host); /* what was written while it was not here */
    }
    moved(live);
}

static void ask_who(struct line *line)
{
    line->who_asked = live_now_ms();
    live_call(line->live, host_of(line), &(struct call_args){.method = BG_METHOD_WHO}, line->live, on_who,
              line);
}

void live_who(struct live *live, size_t host)
{
    ask_who(&live->line[host]);
}

static void begin(struct line *line)
{
    struct host *h = model_of(line);

    line->again = sd_event_source_disable_unref(line->again);
    line->open = true;
    h->state = HOST_CONNECTING;
    if (connection_open(&line->dial, line->live->event, h->to, DIAL_UNSEEN) >= 0) {
        (void)sd_bus_add_filter(line->dial.bus, NULL, on_message, line);
        ask_who(line);
    }
    moved(line->live);
}

static int on_again(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source, (void)usec;
    begin(userdata);
    return 0;
}

static int begin_in(struct line *line, uint64_t usec)
{
    line->again = sd_event_source_disable_unref(line->again);
    return sd_event_add_time_relative(line->live->event, &line->again, CLOCK_MONOTONIC, usec, usec / 4 + 1,
                                      on_again, line);
}

/* It is tried again later, and each time a little later. */
static void bury(struct line *line)
{
    struct connection *d = &line->dial;
    struct host *h = model_of(line);

    connection_hear_rest(d);
    if (h->to && *d->last)
        bg_say(&d->why, "%s", d->last);
    (void)snprintf(h->why, sizeof h->why, "%.*s", (int)sizeof h->why - 1, d->why.text);
    h->state = HOST_DOWN;
    h->listed = false;
    line->open = false;
    bg_list_free(&line->to_look);
    call_give_up(d, h->why);
    connection_close(d);
    line->pause = !line->pause                      ? FIRST_PAUSE
                  : line->pause < LONGEST_PAUSE / 2 ? 2 * line->pause
                                                    : LONGEST_PAUSE;
    if (!h->extra)
        (void)begin_in(line, line->pause * SECOND);
    moved(line->live);
}

void live_settle(struct live *live)
{
    for (size_t i = 0; i < live->model->n_hosts; i++) {
        struct line *line = &live->line[i];

        if (line->open && line->dial.lost)
            bury(line);
        live->model->host[i].asked_at = (int64_t)(call_oldest(&line->dial) / 1000);
    }
}

int live_new(struct live **ret, sd_event *event, struct model *model, const struct live_listener *listener,
             bool alone)
{
    struct live *live = calloc(1, sizeof *live);

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

        call_forget(&line->dial, NULL);
        bg_list_free(&line->to_look);
        (void)sd_event_source_disable_unref(line->again);
        connection_close(&line->dial);
    }
    free(live);
}

/* It begins in the event loop: the first screen does not wait until ssh was started for each host. */
int live_watch(struct live *live, const char *to)
{
    int host = to && live->alone ? -1 : model_add_host(live->model, to), r;

    if (host < 0)
        return to && live->alone ? -EPERM : -E2BIG;
    r = begin_in(&live->line[host], 0);
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
        begin(&live->line[host]);
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
            begin(&live->line[i]);
        else if (live->model->host[i].state == HOST_UP)
            list(&live->line[i]);
    }
}
