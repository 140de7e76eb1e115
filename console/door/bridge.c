/* SPDX-License-Identifier: ISC */
/* A pump for bytes, with one buffer each way. It knows nothing of D-Bus: the broker cuts the stream into
 * messages, and ends it where it is no such stream. */
#include "console/door/bridge.h"

#include "policy/base/cleanup.h"
#include "policy/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct pump {
    int in, out;
    unsigned char bytes[BRIDGE_BYTES];
    size_t have, sent;
    int64_t since; /* when `out` began to keep us waiting, ms; 0: it does not */
    bool ended;    /* no more input */
    bool came;     /* there was input */
};

static int64_t now_ms(void)
{
    return (int64_t)(bg_monotonic() / 1000) + 1;
}

static bool would_block(ssize_t n)
{
    return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static void pump_in(struct pump *p)
{
    ssize_t n = read(p->in, p->bytes, sizeof p->bytes);

    if (would_block(n))
        return;
    if (n <= 0) {
        p->ended = true;
        return;
    }
    p->have = (size_t)n;
    p->came = true;
    p->since = now_ms();
}

static void emptied(struct pump *p)
{
    p->have = p->sent = 0;
    p->since = 0;
}

static int pump_out(struct pump *p)
{
    while (p->have > 0) {
        ssize_t n = write(p->out, p->bytes + p->sent, p->have - p->sent);

        if (would_block(n))
            return 0;
        if (n < 0)
            return -errno;
        p->sent += (size_t)n;
        p->since = now_ms();
        if (p->sent == p->have)
            emptied(p);
    }
    return 0;
}

static void pump_up(struct pump *up)
{
    if (up->have == 0 && !up->ended) {
        pump_in(up);
        if (up->ended) { /* the broker has yet to answer and to end */
            (void)shutdown(up->out, SHUT_WR);
            up->since = now_ms();
        }
    }
    /* A broker that ended takes nothing; what it said before is still to be read. */
    if (pump_out(up) < 0)
        emptied(up);
}

static int pump_down(struct pump *down)
{
    if (down->have == 0 && !down->ended)
        pump_in(down);
    return pump_out(down);
}

static bool is_late(const struct pump *p, int64_t now)
{
    return p->since && now - p->since >= BRIDGE_MS;
}

static int timeout_of(const struct pump *a, const struct pump *b, int64_t now)
{
    int64_t first = a->since && (!b->since || a->since < b->since) ? a->since : b->since;

    return first ? (int)(first + BRIDGE_MS - now) : -1;
}

static int once(struct pump *up, struct pump *down)
{
    int64_t now = now_ms();

    if (is_late(up, now) || is_late(down, now))
        return -ETIMEDOUT;
    struct pollfd fds[] = {
        {.fd = up->have > 0 || up->ended ? -1 : up->in, .events = POLLIN},
        {.fd = up->have > 0 ? up->out : -1, .events = POLLOUT},
        {.fd = down->have > 0 ? -1 : down->in, .events = POLLIN},
        {.fd = down->have > 0 ? down->out : -1, .events = POLLOUT},
    };
    if (poll(fds, BG_COUNT(fds), timeout_of(up, down, now)) < 0)
        return errno == EINTR ? 0 : -errno;
    if (fds[0].revents || fds[1].revents)
        pump_up(up);
    return fds[2].revents || fds[3].revents ? pump_down(down) : 0;
}

static int no_wait(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}

int bridge_run(int in, int out, int socket)
{
    bg_free_ struct pump *up = calloc(1, sizeof *up), *down = calloc(1, sizeof *down);

    if (!up || !down)
        return -ENOMEM;
    up->in = in;
    up->out = down->in = socket;
    down->out = out;
    int r = no_wait(in);

    if (r >= 0)
        r = no_wait(out);
    if (r >= 0)
        r = no_wait(socket);
    while (r >= 0 && (!down->ended || down->have > 0))
        r = once(up, down);
    if (r < 0 || up->ended)
        return r;
    return down->came ? -ECONNRESET : -EUSERS;
}

int bridge_connect(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    bg_close_ int fd = -1;

    if (strlen(path) >= sizeof address.sun_path)
        return -ENAMETOOLONG;
    strcpy(address.sun_path, path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) < 0)
        return -errno;
    return BG_TAKE_FD(fd);
}
