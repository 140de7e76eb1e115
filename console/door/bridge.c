/* SPDX-License-Identifier: ISC */
#include "console/door/bridge.h"

#include "policy/base/cleanup.h"
#include "console/door/frames.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define HALF_MS 30000 /* patience with a piece that is not all here, or not all gone */

struct pump {
    struct frames frames;
    int in, out;
    size_t written; /* of what is ready */
    int64_t since;  /* when the piece at hand began to wait; 0: nothing waits */
    bool ended;     /* no more input */
    bool came;      /* there was input */
};

static int64_t now_ms(void)
{
    struct timespec t;

    if (clock_gettime(CLOCK_MONOTONIC, &t) < 0)
        return 0;
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 + 1;
}

/* The clock of a piece starts with its first byte and again when it is whole. */
static void watch(struct pump *p, bool was_waiting)
{
    bool waits = bridge_frames_half(&p->frames) || p->frames.ready;

    if (!waits)
        p->since = 0;
    else if (!was_waiting || !p->since)
        p->since = now_ms();
}

static int pump_in(struct pump *p)
{
    size_t size;
    unsigned char *space = bridge_frames_space(&p->frames, &size);
    bool half = bridge_frames_half(&p->frames);
    ssize_t n = size ? read(p->in, space, size) : -1;
    int r = 0;

    if (size == 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
        return 0;
    if (n < 0)
        return -errno;
    p->came = p->came || n > 0;
    if (n == 0)
        p->ended = true;
    else
        r = bridge_frames_added(&p->frames, (size_t)n);
    watch(p, half && !p->frames.ready);
    return r;
}

static int pump_out(struct pump *p)
{
    while (p->frames.ready) {
        ssize_t n = write(p->out, p->frames.bytes + p->written, p->frames.ready - p->written);
        int r;

        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return 0;
        if (n < 0)
            return -errno;
        p->written += (size_t)n;
        if (p->written < p->frames.ready)
            continue;
        p->written = 0;
        r = bridge_frames_passed(&p->frames);
        watch(p, false);
        if (r < 0)
            return r;
    }
    return 0;
}

static bool done(const struct pump *p)
{
    return p->ended && !p->frames.ready;
}

static int timeout_of(const struct pump *a, const struct pump *b, int64_t now)
{
    int64_t first = a->since && (!b->since || a->since < b->since) ? a->since : b->since;
    int64_t left = first ? first + HALF_MS - now : -1;

    if (!first)
        return -1;
    return left < 0 ? 0 : (int)left;
}

static int once(struct pump *up, struct pump *down)
{
    struct pump *pumps[2] = {up, down};
    struct pollfd fds[4];
    int64_t now = now_ms();

    if ((up->since && now - up->since >= HALF_MS) || (down->since && now - down->since >= HALF_MS))
        return -ETIMEDOUT;
    for (int i = 0; i < 2; i++) {
        bool ready = pumps[i]->frames.ready > 0;

        fds[2 * i] = (struct pollfd){.fd = ready || pumps[i]->ended ? -1 : pumps[i]->in, .events = POLLIN};
        fds[2 * i + 1] = (struct pollfd){.fd = ready ? pumps[i]->out : -1, .events = POLLOUT};
    }
    if (poll(fds, 4, timeout_of(up, down, now)) < 0)
        return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < 2; i++) {
        int r = 0;

        if (fds[2 * i].revents)
            r = pump_in(pumps[i]);
        if (r >= 0 && (fds[2 * i].revents || fds[2 * i + 1].revents))
            r = pump_out(pumps[i]);
        if (r < 0)
            return r;
    }
    return 0;
}

static int no_wait(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}

int bridge_run(int in, int out, int socket)
{
    bg_free_ struct pump *up = calloc(1, sizeof(*up)), *down = calloc(1, sizeof(*down));
    int r;

    if (!up || !down)
        return -ENOMEM;
    bridge_frames_begin(&up->frames, true);
    bridge_frames_begin(&down->frames, false);
    up->in = in;
    up->out = down->in = socket;
    down->out = out;
    r = no_wait(in);
    if (r >= 0)
        r = no_wait(out);
    if (r >= 0)
        r = no_wait(socket);
    while (r >= 0 && !done(up) && !done(down))
        r = once(up, down);
    /* Whom the broker has no room for it lets go at once. */
    if (!down->came && !up->ended && (r == 0 || r == -EPIPE || r == -ECONNRESET))
        return -EUSERS;
    return r;
}

int bridge_connect(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    bg_close_ int fd = -1;

    if (strlen(path) >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    strcpy(address.sun_path, path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        return -errno;
    return BG_TAKE_FD(fd);
}
