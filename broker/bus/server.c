/* SPDX-License-Identifier: ISC */
/* Connections from accept to close: who they are, how many there may be, and what each is told. */
#include "broker/bus/server.h"
#include "broker/bus/changes.h"
#include "policy/base/clock.h"
#include "policy/base/cleanup.h"
#include "broker/bus/throttle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNS_PERSON 4 /* of one person, or of one uid that belongs to nobody known */
#define CONNS_ROOT 16  /* root's come on top */
#define CONNS_ALL 64
#define TICK 1000000ULL
#define TOLD_ONCE 256          /* changes sent to one connection in one round, while the others wait */
#define LOGGED_AFTER 190000ULL /* microseconds from an event to Logged; at most 200 ms with the slack */
#define LOGGED_SLACK 10000ULL

struct server {
    struct broker *b;
    int fd;
    int (*attach)(struct conn *c);
    sd_event_source *listen, *post, *tick, *changed, *logged;
    struct conn *conns;
    struct changes changes;
    struct rates rates;
};

/* The name that limits are counted under. */
static void owner(const struct peer *peer, char out[RATE_NAME])
{
    if (peer->person[0] != '\0')
        (void)snprintf(out, RATE_NAME, "%s", peer->person);
    else
        (void)snprintf(out, RATE_NAME, "uid %u", (unsigned)peer->uid);
}

bool server_allows(struct conn *c, enum rate_kind what)
{
    char who[RATE_NAME];

    owner(&c->peer, who);
    return c->peer.how == PEER_ROOT || rates_allow(&c->server->rates, who, what, bg_monotonic());
}

void server_counts(struct conn *c, enum rate_kind what)
{
    char who[RATE_NAME];

    owner(&c->peer, who);
    if (c->peer.how != PEER_ROOT)
        rates_count(&c->server->rates, who, what, bg_monotonic());
}

static void conn_free(struct conn *c)
{
    struct server *s = c->server;

    for (struct conn **p = &s->conns; *p; p = &(*p)->next)
        if (*p == c) {
            *p = c->next;
            break;
        }
    /* First sd-bus, whose end of the pair the throttle asks about. */
    throttle_free(c->throttle);
    c->bus = sd_bus_close_unref(c->bus);
    free(c);
}

static bool is_full(const struct server *s, const struct peer *peer)
{
    unsigned own = 0, others = 0, root = 0;
    char who[RATE_NAME], its[RATE_NAME];

    owner(peer, who);
    for (const struct conn *c = s->conns; c; c = c->next) {
        owner(&c->peer, its);
        own += strcmp(who, its) == 0;
        root += c->peer.how == PEER_ROOT;
        others += c->peer.how != PEER_ROOT;
    }
    if (peer->how == PEER_ROOT)
        return root >= CONNS_ROOT;
    return own >= CONNS_PERSON || others >= CONNS_ALL;
}

/* sd-bus at one end of a pair, the throttle at the other. The creds that sd-bus would see are our own, so
 * it lets everybody in: the peer is identified before (peer.h). */
static int start_bus(struct conn *c, int client)
{
    int pair[2] = {-1, -1};
    sd_id128_t id;
    int r = sd_id128_randomize(&id);

    if (r >= 0)
        r = sd_bus_new(&c->bus);
    if (r >= 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
        r = -errno;
    if (r >= 0)
        r = sd_bus_set_fd(c->bus, pair[0], pair[0]);
    if (r < 0) {
        if (pair[0] >= 0)
            (void)close(pair[0]);
        if (pair[1] >= 0)
            (void)close(pair[1]);
        (void)close(client);
        return r;
    }
    r = throttle_new(&c->throttle, c->b->event, client, pair[1], c->bus);
    if (r >= 0)
        r = sd_bus_set_server(c->bus, 1, id);
    if (r >= 0)
        r = sd_bus_set_anonymous(c->bus, 1);
    if (r >= 0)
        r = sd_bus_set_trusted(c->bus, 1);
    if (r >= 0)
        r = sd_bus_negotiate_fds(c->bus, 0);
    if (r >= 0)
        r = c->server->attach(c);
    if (r >= 0)
        r = sd_bus_start(c->bus);
    if (r >= 0)
        r = sd_bus_attach_event(c->bus, c->b->event, SD_EVENT_PRIORITY_NORMAL);
    return r;
}

static int welcome(struct server *s, int client)
{
    struct peer peer;
    int r = peer_identify(&peer, client, &s->b->site.root, &s->b->site.policy);

    if (r == 0 && is_full(s, &peer))
        r = -EUSERS;
    struct conn *c = r == 0 ? calloc(1, sizeof *c) : NULL;

    if (!c) {
        (void)close(client);
        return r < 0 ? r : -ENOMEM;
    }
    c->server = s;
    c->b = s->b;
    c->peer = peer;
    c->next = s->conns;
    s->conns = c;
    r = start_bus(c, client);
    if (r < 0)
        conn_free(c);
    return r;
}

static int on_connect(sd_event_source *source, int fd, uint32_t events, void *arg)
{
    struct server *s = arg;
    int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    (void)source;
    (void)events;
    if (client >= 0)
        (void)welcome(s, client);
    /* Out of descriptors: the queue waits until the next tick. */
    else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
        (void)sd_event_source_set_enabled(s->listen, SD_EVENT_OFF);
    (void)sd_event_source_set_enabled(s->tick, SD_EVENT_ON);
    return 0;
}

/* --- Changed --- */

void server_watch(struct conn *c, bool on)
{
    if (on && !c->watching)
        c->told = c->server->changes.n;
    c->watching = on;
    c->logged = (struct logged){0};
}

void server_changed(struct server *s, const char *person, const char *id, enum bg_state state)
{
    if (!s)
        return;
    changes_add(&s->changes, person, id, state);
    (void)sd_event_source_set_enabled(s->changed, SD_EVENT_ONESHOT);
}

static int on_changed(sd_event_source *source, void *arg)
{
    (void)source;
    (void)arg;
    return 0; /* on_post follows */
}

static bool is_lost(const struct conn *c)
{
    char who[RATE_NAME];

    if (!c->watching || !changes_lost(&c->server->changes, c->told))
        return false;
    owner(&c->peer, who);
    (void)dprintf(STDERR_FILENO, "<5>closed a connection of %s: it has not read the last %d changes\n", who,
                  CHANGES_MAX);
    return true;
}

/* One at a time: the next when the client has read the one before. */
static void tell_changes(struct conn *c)
{
    for (unsigned i = 0; c->watching && !throttle_waits(c->throttle) && !throttle_ended(c->throttle); i++) {
        const struct change *change = changes_at(&c->server->changes, c->told);

        if (!change)
            return;
        if (i == TOLD_ONCE) {
            (void)sd_event_source_set_enabled(c->server->changed, SD_EVENT_ONESHOT);
            return;
        }
        if (sd_bus_emit_signal(c->bus, BG_BUS_PATH, BG_BUS_INTERFACE, bg_signal_names[BG_SIGNAL_CHANGED],
                               "sss", change->person, change->id, bg_state_name(change->state)) < 0)
            return; /* no memory: again after another round */
        c->told++;
        throttle_move(c->throttle);
    }
}

/* After every round: moves bytes, and buries connections, which must not happen inside their own methods. */
static int on_post(sd_event_source *source, void *arg)
{
    struct server *s = arg;

    (void)source;
    for (struct conn *c = s->conns, *next; c; c = next) {
        next = c->next;
        throttle_move(c->throttle);
        tell_changes(c);
        if (throttle_ended(c->throttle) || sd_bus_is_open(c->bus) <= 0 || is_lost(c))
            conn_free(c);
    }
    return 0;
}

static int on_tick(sd_event_source *source, uint64_t usec, void *arg)
{
    struct server *s = arg;
    uint64_t now = bg_monotonic();

    for (struct conn *c = s->conns, *next; c; c = next) {
        next = c->next;
        if (throttle_late(c->throttle, now, c->watching))
            conn_free(c);
    }
    (void)sd_event_source_set_enabled(s->listen, SD_EVENT_ON);
    (void)sd_event_source_set_time(source, usec + TICK);
    (void)sd_event_source_set_enabled(source, s->conns ? SD_EVENT_ON : SD_EVENT_OFF);
    return 0;
}

/* --- Logged --- */

/* Events that come while it waits share the signal. */
static void logged_soon(struct server *s)
{
    int enabled = SD_EVENT_OFF;

    (void)sd_event_source_get_enabled(s->logged, &enabled);
    if (enabled != SD_EVENT_OFF)
        return;
    (void)sd_event_source_set_time_relative(s->logged, LOGGED_AFTER);
    (void)sd_event_source_set_enabled(s->logged, SD_EVENT_ONESHOT);
}

static void add_logged(struct logged *logged, const char *grant)
{
    logged->due = true;
    /* An event of no grant does not hide the grant of the others. */
    if (!grant || !bg_is_id(grant) || logged->several || strcmp(logged->grant, grant) == 0)
        return;
    logged->several = logged->grant[0] != '\0';
    (void)snprintf(logged->grant, sizeof logged->grant, "%s", logged->several ? "" : grant);
}

void server_logged(struct server *s, const char *grant)
{
    if (!s)
        return;
    for (struct conn *c = s->conns; c; c = c->next)
        if (c->watching) {
            add_logged(&c->logged, grant);
            logged_soon(s);
        }
}

static int on_logged(sd_event_source *source, uint64_t usec, void *arg)
{
    struct server *s = arg;
    bool later = false;

    (void)source;
    (void)usec;
    for (struct conn *c = s->conns; c; c = c->next) {
        if (!c->logged.due)
            continue;
        /* One that has earlier bytes to read is told after them: nothing piles up for the slow. */
        if (throttle_waits(c->throttle)) {
            later = true;
            continue;
        }
        (void)sd_bus_emit_signal(c->bus, BG_BUS_PATH, BG_BUS_INTERFACE, bg_signal_names[BG_SIGNAL_LOGGED],
                                 "s", c->logged.grant);
        c->logged = (struct logged){0};
    }
    if (later)
        logged_soon(s);
    return 0;
}

void server_drop_session(struct server *s, pid_t pid, uint64_t start)
{
    if (!s)
        return;
    for (struct conn *c = s->conns; c; c = c->next)
        if (c->peer.session_pid == pid && c->peer.session_start == start)
            sd_bus_close(c->bus); /* on_post buries it */
}

int server_new(struct server **ret, struct broker *b, int listen_fd, int (*attach)(struct conn *c))
{
    struct server *s = calloc(1, sizeof *s);

    if (!s) {
        (void)close(listen_fd);
        return -ENOMEM;
    }
    s->b = b;
    s->fd = listen_fd;
    s->attach = attach;
    int r = sd_event_add_io(b->event, &s->listen, listen_fd, EPOLLIN, on_connect, s);

    if (r >= 0)
        r = sd_event_add_post(b->event, &s->post, on_post, s);
    if (r >= 0)
        r = sd_event_add_time_relative(b->event, &s->tick, CLOCK_MONOTONIC, TICK, 100000, on_tick, s);
    if (r >= 0)
        r = sd_event_add_defer(b->event, &s->changed, on_changed, s);
    if (r >= 0)
        r = sd_event_add_time_relative(b->event, &s->logged, CLOCK_MONOTONIC, LOGGED_AFTER, LOGGED_SLACK,
                                       on_logged, s);
    if (r >= 0)
        r = sd_event_source_set_enabled(s->logged, SD_EVENT_OFF);
    if (r < 0) {
        server_free(s);
        return r;
    }
    *ret = s;
    return 0;
}

void server_free(struct server *s)
{
    if (!s)
        return;
    while (s->conns)
        conn_free(s->conns);
    (void)sd_event_source_disable_unref(s->listen);
    (void)sd_event_source_disable_unref(s->post);
    (void)sd_event_source_disable_unref(s->tick);
    (void)sd_event_source_disable_unref(s->changed);
    (void)sd_event_source_disable_unref(s->logged);
    (void)close(s->fd);
    free(s);
}
