/* SPDX-License-Identifier: ISC */
/* Stands in for console/client/connection.c: calls go to played hosts, without a process. */
#include "tests/fuzz/screen_hosts.h"

#include "tests/fuzz/screen_answers.h"
#include "tests/fuzz/screen_input.h"
#include "tests/fuzz/screen_watch.h"

#include "policy/base/clean.h"
#include "policy/base/cleanup.h"
#include "console/client/connection.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define CONNECTIONS 300
#define HELD 32

struct fake_link {
    unsigned host;
    struct connection *dial; /* NULL: not in use */
    sd_bus *bus;             /* the host's end; NULL: it broke */
};

struct fake_host fake_hosts[HOSTS];
static struct fake_link connections[CONNECTIONS];
static struct {
    sd_bus_message *call;
    unsigned host;
} held[HELD];

static void check(int r)
{
    if (r < 0)
        abort();
}

/* --- calls come in --- */

static bool hold(sd_bus_message *call, unsigned host)
{
    for (size_t i = 0; i < HELD; i++)
        if (!held[i].call) {
            held[i].call = sd_bus_message_ref(call);
            held[i].host = host;
            return true;
        }
    return false; /* it is never answered, then */
}

static int on_call(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
    struct fake_link *c = userdata;
    const char *text = NULL;

    (void)error;
    if (!sd_bus_message_is_method_call(m, BG_BUS_INTERFACE, NULL))
        return 0;
    if (sd_bus_message_is_method_call(m, BG_BUS_INTERFACE, "Put") && sd_bus_message_read(m, "s", &text) >= 0)
        watch_put(text);
    check(sd_bus_message_rewind(m, 1));
    if (fake_hosts[c->host].mood == SILENCE)
        (void)hold(m, c->host);
    else
        answers_reply(c->host, m);
    return 1;
}

void hosts_answer_held(unsigned host)
{
    for (size_t i = 0; i < HELD; i++)
        if (held[i].call && held[i].host == host) {
            sd_bus_message *call = held[i].call;

            held[i].call = NULL;
            if (sd_bus_is_open(sd_bus_message_get_bus(call)) > 0)
                answers_reply(host, call);
            (void)sd_bus_message_unref(call);
        }
}

/* --- what hosts say by themselves --- */

void hosts_tell_changed(unsigned host, unsigned grant)
{
    char unknown[BG_ID_SIZE];
    const char *id = grant < GRANTS ? answers_id(grant) : grant == GRANTS ? answers_hostile() : unknown;

    (void)snprintf(unknown, sizeof(unknown), "ZZZZZZZZ%04u", grant % 10000);
    for (size_t i = 0; i < CONNECTIONS; i++)
        if (connections[i].bus && connections[i].host == host)
            (void)sd_bus_emit_signal(connections[i].bus, BG_BUS_PATH, BG_BUS_INTERFACE,
                                     bg_signal_names[BG_SIGNAL_CHANGED], "sss", "bob", id, "open");
}

void hosts_tell_logged(unsigned host)
{
    for (size_t i = 0; i < CONNECTIONS; i++)
        if (connections[i].bus && connections[i].host == host)
            (void)sd_bus_emit_signal(connections[i].bus, BG_BUS_PATH, BG_BUS_INTERFACE,
                                     bg_signal_names[BG_SIGNAL_LOGGED], "s", answers_id(0));
}

/* --- connections --- */

static void hang_up(struct fake_link *c)
{
    for (size_t i = 0; i < HELD; i++)
        if (held[i].call && sd_bus_message_get_bus(held[i].call) == c->bus)
            held[i].call = sd_bus_message_unref(held[i].call);
    c->bus = sd_bus_close_unref(c->bus);
}

void hosts_vanish(unsigned host)
{
    for (size_t i = 0; i < CONNECTIONS; i++)
        if (connections[i].bus && connections[i].host == host)
            hang_up(&connections[i]);
}

static unsigned host_of(const char *name)
{
    bool is_one = name && name[0] == 'd' && name[1] == 'b' && name[2] >= '0' && name[2] < '0' + HOSTS;

    return !name ? 0 : is_one ? (unsigned)(name[2] - '0') : HOSTS - 1;
}

static struct fake_link *connection_new(struct connection *d)
{
    for (size_t i = 0; i < CONNECTIONS; i++)
        if (!connections[i].dial) {
            connections[i] = (struct fake_link){.host = host_of(d->host), .dial = d};
            return &connections[i];
        }
    abort();
}

static struct fake_link *connection_of(const struct connection *d)
{
    for (size_t i = 0; i < CONNECTIONS; i++)
        if (connections[i].dial == d)
            return &connections[i];
    return NULL;
}

static void serve(struct fake_link *c, sd_event *event, int fd)
{
    check(sd_bus_new(&c->bus));
    check(sd_bus_set_fd(c->bus, fd, fd));
    check(sd_bus_set_server(c->bus, 1, SD_ID128_NULL));
    check(sd_bus_set_anonymous(c->bus, 1));
    check(sd_bus_add_filter(c->bus, NULL, on_call, c));
    check(sd_bus_start(c->bus));
    check(sd_bus_attach_event(c->bus, event, SD_EVENT_PRIORITY_NORMAL));
}

void hosts_begin(void)
{
    /* of others, then ours: pending, open, to be reviewed, early */
    static const unsigned states[GRANTS] = {2, 2, 2, 0, 5, 2, 0, 1};

    memset(fake_hosts, 0, sizeof(fake_hosts));
    for (unsigned i = 0; i < HOSTS; i++) {
        fake_hosts[i].events = 10 * (i + 1);
        fake_hosts[i].sessions = i;
        for (unsigned g = 0; g < GRANTS; g++) {
            fake_hosts[i].knows[g] = (g + i) % 3 != 2;
            fake_hosts[i].state[g] = states[g];
        }
    }
}

void hosts_end(void)
{
    for (size_t i = 0; i < CONNECTIONS; i++)
        if (connections[i].dial || connections[i].bus)
            abort();
}

static bool is_quiet(sd_bus *bus)
{
    uint64_t reads = 0, writes = 0;
    struct pollfd fd = {.fd = sd_bus_get_fd(bus), .events = POLLIN};

    if (sd_bus_get_n_queued_read(bus, &reads) < 0 || sd_bus_get_n_queued_write(bus, &writes) < 0)
        return true; /* it is closed */
    return reads == 0 && writes == 0 && (fd.fd < 0 || poll(&fd, 1, 0) == 0);
}

bool hosts_quiet(void)
{
    for (size_t i = 0; i < CONNECTIONS; i++) {
        if (connections[i].dial && connections[i].dial->bus && !is_quiet(connections[i].dial->bus))
            return false;
        if (connections[i].bus && !is_quiet(connections[i].bus))
            return false;
    }
    return true;
}

/* --- in place of connection.c --- */

int connection_open(struct connection *d, sd_event *event, const char *host, enum connection_ssh how)
{
    struct fake_link *c;
    int ends[2];

    *d = (struct connection){0};
    watch_dials(host);
    if (how != DIAL_UNSEEN)
        abort();
    if (host && !(d->host = strdup(host)))
        abort();
    d->lost = fake_hosts[host_of(host)].is_gone;
    if (d->lost)
        return bg_fail(&d->why, -ECONNREFUSED, "unreachable: %s", answers_hostile());
    c = connection_new(d);
    check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends));
    serve(c, event, ends[0]);
    check(sd_bus_new(&d->bus));
    check(sd_bus_negotiate_fds(d->bus, 0));
    check(sd_bus_set_fd(d->bus, ends[1], ends[1]));
    check(sd_bus_start(d->bus));
    check(sd_bus_attach_event(d->bus, event, SD_EVENT_PRIORITY_NORMAL));
    return 0;
}

void connection_close(struct connection *d)
{
    struct fake_link *c = connection_of(d);

    if (c) {
        hang_up(c);
        c->dial = NULL;
    }
    d->bus = sd_bus_close_unref(d->bus);
    free(d->host);
    d->host = NULL;
}

void connection_hear_rest(struct connection *d)
{
    if (input_below(2))
        (void)bg_clean(d->last, sizeof(d->last), answers_hostile());
}

int connection_send(struct connection *d, sd_bus_message *m, sd_bus_message_handler_t on_reply,
                    void *userdata, sd_bus_slot **slot)
{
    uint64_t patience = fake_hosts[host_of(d->host)].is_hasty ? 1 : d->patience;

    watch_call(sd_bus_message_get_member(m));
    return sd_bus_call_async(d->bus, slot, m, on_reply, userdata, patience);
}
