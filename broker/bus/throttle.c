/* SPDX-License-Identifier: ISC */
/* Two descriptors, and a bounded frame or answer between them: nothing is read that could not be passed on.
 */
#include "policy/base/clock.h"
#include "broker/bus/throttle.h"
#include "broker/bus/frames.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000ULL
#define AUTH_TIME (10 * SECOND)   /* to authenticate */
#define FRAME_TIME (10 * SECOND)  /* to send the rest of a frame */
#define READ_TIME (20 * SECOND)   /* to read any of the replies that wait */
#define IDLE_TIME (1800 * SECOND) /* between two calls */
#define OUT_MAX 65536

struct throttle {
    sd_bus *bus;
    int client, inner;
    sd_event_source *client_source, *inner_source;
    struct frames in;
    unsigned char out[OUT_MAX];
    size_t out_len, out_sent;
    bool client_ended, ended;
    uint64_t born, frame_since, out_since, last; /* CLOCK_MONOTONIC, microseconds; 0: not now */
};

/* Ends it. During the authentication D-Bus has a line for the reason; among messages there is none. */
static void refuse(struct throttle *t, const char *why)
{
    char line[FRAME_AUTH_LINE];
    int n = snprintf(line, sizeof line, "ERROR %s\r\n", why);

    if (!t->ended && !t->in.messages && t->out_len == 0)
        (void)send(t->client, line, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
    t->ended = true;
}

static bool would_block(ssize_t n)
{
    return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* Client to frames. */
static void read_client(struct throttle *t)
{
    unsigned char *to = NULL;
    size_t room = 0;

    while (!t->ended && !t->client_ended) {
        if (frames_room(&t->in, &to, &room) < 0) {
            t->ended = true;
            return;
        }
        if (room == 0)
            return;
        ssize_t n = read(t->client, to, room);

        if (would_block(n))
            return;
        if (n <= 0) {
            t->client_ended = true;
            return;
        }
        if (t->in.len == 0)
            t->frame_since = bg_monotonic();
        frames_filled(&t->in, (size_t)n);
        if ((size_t)n < room)
            return;
    }
}

static bool answered(const struct throttle *t)
{
    uint64_t reading = 1, writing = 1;

    return t->out_len == 0 && sd_bus_get_n_queued_read(t->bus, &reading) >= 0 && reading == 0 &&
           sd_bus_get_n_queued_write(t->bus, &writing) >= 0 && writing == 0;
}

/* Frames to sd-bus. A frame always fits: the pair's buffer is empty when everything before was answered. */
static void pass_on(struct throttle *t)
{
    size_t n = 0;
    int r = 0;

    while (!t->ended && answered(t) && (r = frames_next(&t->in, &n)) > 0) {
        bool message = t->in.messages;
        ssize_t sent = send(t->inner, t->in.buf, n, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (would_block(sent))
            return;
        if (sent != (ssize_t)n) {
            t->ended = true;
            return;
        }
        frames_drop(&t->in, n);
        t->last = bg_monotonic();
        t->frame_since = t->in.len > 0 ? t->last : 0;
        if (message)
            return; /* one call at a time */
    }
    if (r < 0)
        refuse(t, r == -EMSGSIZE ? "this line or message is too long" : "this is not D-Bus");
    else if (t->client_ended && r == 0 && answered(t))
        t->ended = true;
}

static void read_inner(struct throttle *t)
{
    if (t->ended || t->out_len > 0)
        return;
    ssize_t n = read(t->inner, t->out, sizeof t->out);

    if (would_block(n))
        return;
    if (n <= 0) {
        t->ended = true;
        return;
    }
    t->out_len = (size_t)n;
    t->out_sent = 0;
    t->out_since = bg_monotonic();
}

static void write_client(struct throttle *t)
{
    while (!t->ended && t->out_len > 0) {
        ssize_t n =
            send(t->client, t->out + t->out_sent, t->out_len - t->out_sent, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (would_block(n))
            return;
        if (n < 0) {
            t->ended = true;
            return;
        }
        t->out_sent += (size_t)n;
        t->out_since = bg_monotonic();
        if (t->out_sent == t->out_len) {
            t->out_len = t->out_sent = 0;
            t->out_since = 0;
        }
    }
}

void throttle_move(struct throttle *t)
{
    write_client(t);
    for (unsigned i = 0; i < 4 && !t->ended && t->out_len == 0; i++) {
        read_inner(t);
        write_client(t);
    }
    pass_on(t);
    if (t->ended) {
        (void)sd_event_source_set_enabled(t->client_source, SD_EVENT_OFF);
        (void)sd_event_source_set_enabled(t->inner_source, SD_EVENT_OFF);
        return;
    }
    uint32_t want = t->out_len > 0 ? EPOLLOUT : 0;

    if (!t->client_ended && t->in.len < FRAME_MAX)
        want |= EPOLLIN;
    (void)sd_event_source_set_io_events(t->client_source, want);
    (void)sd_event_source_set_io_events(t->inner_source, t->out_len == 0 ? EPOLLIN : 0);
}

bool throttle_ended(const struct throttle *t)
{
    return t->ended;
}

bool throttle_waits(const struct throttle *t)
{
    return t->out_len > 0;
}

bool throttle_late(struct throttle *t, uint64_t now, bool watching)
{
    size_t n = 0;

    if (!t->in.messages) {
        if (now - t->born > AUTH_TIME)
            refuse(t, "the authentication took too long");
        return t->ended;
    }
    if (t->out_since != 0 && now - t->out_since > READ_TIME)
        return true;
    if (t->frame_since != 0 && frames_next(&t->in, &n) == 0 && now - t->frame_since > FRAME_TIME)
        return true;
    return !watching && now - t->last > IDLE_TIME;
}

static int on_client(sd_event_source *source, int fd, uint32_t events, void *arg)
{
    struct throttle *t = arg;

    (void)source;
    (void)fd;
    if ((events & (EPOLLERR | EPOLLHUP)) != 0 && (events & EPOLLIN) == 0)
        t->ended = true;
    if ((events & EPOLLIN) != 0)
        read_client(t);
    return 0; /* throttle_move follows, after the round */
}

static int on_inner(sd_event_source *source, int fd, uint32_t events, void *arg)
{
    (void)source;
    (void)fd;
    (void)events;
    read_inner(arg);
    return 0;
}

int throttle_new(struct throttle **ret, sd_event *event, int client, int inner, sd_bus *bus)
{
    struct throttle *t = calloc(1, sizeof *t);

    if (!t) {
        (void)close(client);
        (void)close(inner);
        return -ENOMEM;
    }
    t->bus = bus;
    t->client = client;
    t->inner = inner;
    t->born = t->last = bg_monotonic();
    int r = sd_event_add_io(event, &t->client_source, client, EPOLLIN, on_client, t);

    if (r >= 0)
        r = sd_event_add_io(event, &t->inner_source, inner, EPOLLIN, on_inner, t);
    if (r < 0) {
        throttle_free(t);
        return r;
    }
    *ret = t;
    return 0;
}

void throttle_free(struct throttle *t)
{
    if (!t)
        return;
    (void)sd_event_source_disable_unref(t->client_source);
    (void)sd_event_source_disable_unref(t->inner_source);
    (void)close(t->client);
    (void)close(t->inner);
    frames_free(&t->in);
    free(t);
}
