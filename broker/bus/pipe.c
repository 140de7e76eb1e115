/* SPDX-License-Identifier: ISC */
#include "broker/bus/pipe.h"
#include "broker/bus/calls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000ULL
#define AUTH_TIME (10 * SECOND)   /* to authenticate */
#define FRAME_TIME (10 * SECOND)  /* to send the rest of a frame */
#define READ_TIME (20 * SECOND)   /* to take any of the answers that wait */
#define IDLE_TIME (1800 * SECOND) /* between two calls */
#define OUT_MAX 65536

struct pipe {
    sd_bus *bus;
    int client, inner;
    sd_event_source *client_source, *inner_source;
    struct frames in;
    unsigned char out[OUT_MAX];
    size_t out_len, out_sent;
    bool client_ended, over;
    const char *why;
    uint64_t born, frame_since, out_since, last; /* CLOCK_MONOTONIC, microseconds; 0: not now */
};

static uint64_t monotonic(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec / 1000;
}

static void finish(struct pipe *p, const char *why)
{
    if (!p->over)
        p->why = why;
    p->over = true;
}

static bool would_block(ssize_t n)
{
    return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* Client to frames. */
static void read_client(struct pipe *p)
{
    unsigned char *to = NULL;
    size_t room = 0;

    while (!p->over && !p->client_ended) {
        if (frames_room(&p->in, &to, &room) < 0) {
            finish(p, "no memory");
            return;
        }
        if (room == 0)
            return;
        ssize_t n = read(p->client, to, room);

        if (would_block(n))
            return;
        if (n <= 0) {
            p->client_ended = true;
            return;
        }
        if (p->in.len == 0)
            p->frame_since = monotonic();
        frames_filled(&p->in, (size_t)n);
        if ((size_t)n < room)
            return;
    }
}

static bool answered(const struct pipe *p)
{
    uint64_t reading = 1, writing = 1;

    return p->out_len == 0 && sd_bus_get_n_queued_read(p->bus, &reading) >= 0 && reading == 0 &&
           sd_bus_get_n_queued_write(p->bus, &writing) >= 0 && writing == 0;
}

/* Frames to sd-bus. A frame always fits: the pair's buffer is empty when everything before was answered. */
static void pass_on(struct pipe *p)
{
    size_t n = 0;
    int r = 0;

    while (!p->over && answered(p) && (r = frames_next(&p->in, &n)) > 0) {
        bool message = p->in.messages;
        ssize_t sent = send(p->inner, p->in.buf, n, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (would_block(sent))
            return;
        if (sent != (ssize_t)n) {
            finish(p, "it was refused");
            return;
        }
        frames_drop(&p->in, n);
        p->last = monotonic();
        p->frame_since = p->in.len > 0 ? p->last : 0;
        if (message)
            return; /* one call at a time */
    }
    if (r < 0)
        finish(p, r == -EMSGSIZE ? "a frame is larger than 64 KiB" : "it does not speak D-Bus");
    else if (p->client_ended && r == 0 && answered(p))
        finish(p, "closed");
}

static void read_inner(struct pipe *p)
{
    if (p->over || p->out_len > 0)
        return;
    ssize_t n = read(p->inner, p->out, sizeof p->out);

    if (would_block(n))
        return;
    if (n <= 0) {
        finish(p, "closed");
        return;
    }
    p->out_len = (size_t)n;
    p->out_sent = 0;
    p->out_since = monotonic();
}

static void write_client(struct pipe *p)
{
    while (!p->over && p->out_len > 0) {
        ssize_t n =
            send(p->client, p->out + p->out_sent, p->out_len - p->out_sent, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (would_block(n))
            return;
        if (n < 0) {
            finish(p, "closed");
            return;
        }
        p->out_sent += (size_t)n;
        p->out_since = monotonic();
        if (p->out_sent == p->out_len) {
            p->out_len = p->out_sent = 0;
            p->out_since = 0;
        }
    }
}

void pipe_move(struct pipe *p)
{
    write_client(p);
    for (unsigned i = 0; i < 4 && !p->over && p->out_len == 0; i++) {
        read_inner(p);
        write_client(p);
    }
    pass_on(p);
    if (p->over) {
        (void)sd_event_source_set_enabled(p->client_source, SD_EVENT_OFF);
        (void)sd_event_source_set_enabled(p->inner_source, SD_EVENT_OFF);
        return;
    }
    uint32_t want = p->out_len > 0 ? EPOLLOUT : 0;

    if (!p->client_ended && p->in.len < FRAME_MAX)
        want |= EPOLLIN;
    (void)sd_event_source_set_io_events(p->client_source, want);
    (void)sd_event_source_set_io_events(p->inner_source, p->out_len == 0 ? EPOLLIN : 0);
}

bool pipe_over(const struct pipe *p, const char **why)
{
    if (why != NULL)
        *why = p->why;
    return p->over;
}

bool pipe_waits(const struct pipe *p)
{
    return p->out_len > 0;
}

bool pipe_late(const struct pipe *p, uint64_t now, bool watching)
{
    size_t n = 0;

    if (!p->in.messages)
        return now - p->born > AUTH_TIME;
    if (p->out_since != 0 && now - p->out_since > READ_TIME)
        return true;
    if (p->frame_since != 0 && frames_next(&p->in, &n) == 0 && now - p->frame_since > FRAME_TIME)
        return true;
    return !watching && now - p->last > IDLE_TIME;
}

static int on_client(sd_event_source *source, int fd, uint32_t events, void *arg)
{
    struct pipe *p = arg;

    (void)source;
    (void)fd;
    if ((events & (EPOLLERR | EPOLLHUP)) != 0 && (events & EPOLLIN) == 0)
        finish(p, "closed");
    if ((events & EPOLLIN) != 0)
        read_client(p);
    return 0; /* pipe_move follows, after the round */
}

static int on_inner(sd_event_source *source, int fd, uint32_t events, void *arg)
{
    (void)source;
    (void)fd;
    (void)events;
    read_inner(arg);
    return 0;
}

int pipe_new(struct pipe **ret, sd_event *event, int client, int inner, sd_bus *bus)
{
    struct pipe *p = calloc(1, sizeof *p);

    if (p == NULL) {
        (void)close(client);
        (void)close(inner);
        return -ENOMEM;
    }
    p->bus = bus;
    p->client = client;
    p->inner = inner;
    p->born = p->last = monotonic();
    int r = sd_event_add_io(event, &p->client_source, client, EPOLLIN, on_client, p);

    if (r >= 0)
        r = sd_event_add_io(event, &p->inner_source, inner, EPOLLIN, on_inner, p);
    if (r < 0) {
        pipe_free(p);
        return r;
    }
    *ret = p;
    return 0;
}

void pipe_free(struct pipe *p)
{
    if (p == NULL)
        return;
    (void)sd_event_source_disable_unref(p->client_source);
    (void)sd_event_source_disable_unref(p->inner_source);
    (void)close(p->client);
    (void)close(p->inner);
    frames_free(&p->in);
    free(p);
}
