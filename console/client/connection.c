/* SPDX-License-Identifier: ISC */
/* A D-Bus connection over a socket or over ssh, and what ssh says on the way. */
#include "console/client/connection.h"

#include "policy/base/clean.h"
#include "policy/base/cleanup.h"
#include "policy/base/file.h"
#include "policy/contract/contract.h"
#include "console/base/destination.h"
#include "console/base/print.h"
#include "console/base/run_program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECOND ((uint64_t)1000000)
/* A person may have to type a passphrase or touch a key while ssh connects; a screen must not seem dead. */
#define PATIENCE (120 * SECOND)
#define PATIENCE_UNSEEN (20 * SECOND)
#define ARGS_MAX 16  /* of ssh */
#define END_STEPS 10 /* of a millisecond each, until ssh is ended the hard way */

/* --- what ssh and the host say on the way --- */

static void heard_line(struct connection *d)
{
    if (d->said_len == 0)
        return;
    (void)bg_clean_bytes(d->last, sizeof d->last, d->said, d->said_len);
    d->said_len = 0;
    if (d->aloud)
        say(stderr, "%s: %s", d->host, d->last);
}

static void heard(struct connection *d, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '\n' || bytes[i] == '\r')
            heard_line(d);
        else if (d->said_len < sizeof d->said)
            d->said[d->said_len++] = bytes[i];
    }
}

static ssize_t hear(struct connection *d, int fd)
{
    char bytes[1024];
    ssize_t n = read(fd, bytes, sizeof bytes);

    if (n > 0)
        heard(d, bytes, (size_t)n);
    return n;
}

static int on_stderr(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    struct connection *d = userdata;
    ssize_t n = hear(d, fd);

    (void)events;
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        heard_line(d);
        (void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
    }
    return 0;
}

void connection_hear_rest(struct connection *d)
{
    int on = SD_EVENT_OFF;

    if (!d->stderr_source || sd_event_source_get_enabled(d->stderr_source, &on) <= 0)
        return;
    while (hear(d, sd_event_source_get_io_fd(d->stderr_source)) > 0)
        ;
    heard_line(d);
}

/* --- ssh --- */

static int start_ssh(struct connection *d, sd_event *event, enum connection_ssh how)
{
    const char *argv[ARGS_MAX];
    int talk[2], ends[2], r;
    size_t n = 0;

    argv[n++] = "ssh";
    argv[n++] = "-Txa"; /* no terminal, no X11, no agent: a host gets nothing of ours */
    argv[n++] = "-oConnectTimeout=10";
    argv[n++] = "-oClearAllForwardings=yes";
    argv[n++] = "-oRemoteCommand=none";
    if (how != DIAL_ASKING)
        argv[n++] = "-oBatchMode=yes";
    if (how == DIAL_UNSEEN) { /* it stays: a host that vanishes must be noticed */
        argv[n++] = "-oServerAliveInterval=15";
        argv[n++] = "-oServerAliveCountMax=2";
    }
    argv[n++] = "-lbreakglass";
    argv[n++] = "--";
    argv[n++] = d->host;
    argv[n++] = "bridge";
    argv[n] = NULL;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, talk) < 0)
        return -errno;
    bg_close_ int ours = talk[0], theirs = talk[1];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    bg_close_ int reader = ends[0], writer = ends[1];
    if (fcntl(reader, F_SETFL, O_NONBLOCK) < 0)
        return -errno;
    r = start_program(&d->ssh, argv, NULL, (const int[]){theirs, theirs, writer, -1}, how == DIAL_UNSEEN);
    if (r < 0)
        return r;
    r = sd_event_add_io(event, &d->stderr_source, reader, EPOLLIN, on_stderr, d);
    if (r >= 0)
        r = sd_event_source_set_io_fd_own(d->stderr_source, true);
    if (r >= 0)
        reader = -1;
    if (r >= 0)
        r = sd_bus_set_fd(d->bus, ours, ours);
    if (r >= 0)
        ours = -1; /* the bus closes it */
    return r < 0 ? r : sd_bus_start(d->bus);
}

static void end_ssh(struct connection *d)
{
    const struct timespec step = {0, 1000000};
    int status;

    if (d->ssh <= 0)
        return;
    (void)kill(d->ssh, SIGTERM);
    for (int i = 0; i < END_STEPS; i++) {
        if (waitpid(d->ssh, &status, WNOHANG) != 0)
            return;
        (void)nanosleep(&step, NULL);
    }
    (void)kill(d->ssh, SIGKILL);
    while (waitpid(d->ssh, &status, 0) < 0 && errno == EINTR)
        ;
}

/* --- the connection --- */

static int start_local(struct connection *d)
{
    bg_free_ char *path = destination_bus_path();
    bg_free_ char *address = NULL;
    int r;

    if (!path || asprintf(&address, "unix:path=%s", path) < 0) {
        address = NULL;
        return -ENOMEM;
    }
    r = sd_bus_set_address(d->bus, address);
    return r < 0 ? r : sd_bus_start(d->bus);
}

static int say_why_not(const struct connection *d, int r, struct bg_sentence *err)
{
    if (d->host)
        return bg_fail(err, r, "unreachable: cannot start ssh: %s", strerrordesc_np(-r));
    if (r == -EACCES || r == -EPERM)
        return bg_fail(
            err, r,
            "only root and the group breakglass may speak to the broker here; use -H HOST, which comes in by "
            "ssh breakglass@HOST");
    if (r == -ENOENT)
        return bg_fail(err, r,
                       "there is no broker on this machine (/" BG_RUN
                       "/bus): name a host with -H HOST, or see "
                       "systemctl status breakglassd.socket");
    if (r == -EPIPE || r == -ECONNRESET)
        return bg_fail(err, r, DIAL_NO_ROOM);
    return bg_fail(err, r, "the broker does not answer: %s; see systemctl status breakglassd",
                   strerrordesc_np(-r));
}

static int start(struct connection *d, sd_event *event, const char *host, enum connection_ssh how,
                 struct bg_sentence *err)
{
    int r;

    if (host && !destination_is_valid(host))
        return bg_fail(err, -EINVAL, "unreachable: that is no name of a host for ssh");
    if (host && !(d->host = strdup(host)))
        return bg_fail(err, -ENOMEM, "no memory left");
    r = sd_bus_new(&d->bus);
    if (r >= 0)
        r = sd_bus_negotiate_fds(d->bus, 0);
    if (r >= 0)
        r = host ? start_ssh(d, event, how) : start_local(d);
    if (r >= 0)
        r = sd_bus_attach_event(d->bus, event, SD_EVENT_PRIORITY_NORMAL);
    return r < 0 ? say_why_not(d, r, err) : 0;
}

int connection_open(struct connection *d, sd_event *event, const char *host, enum connection_ssh how)
{
    *d = (struct connection){.aloud = how == DIAL_ASKING,
                             .patience = how == DIAL_UNSEEN ? PATIENCE_UNSEEN : PATIENCE};
    int r = start(d, event, host, how, &d->why);

    d->lost = r < 0;
    return r;
}

void connection_close(struct connection *d)
{
    d->bus = sd_bus_close_unref(d->bus);
    d->stderr_source = sd_event_source_disable_unref(d->stderr_source);
    end_ssh(d);
    d->ssh = 0;
    free(d->host);
    d->host = NULL;
}

int connection_send(struct connection *d, sd_bus_message *m, sd_bus_message_handler_t on_reply,
                    void *userdata, sd_bus_slot **slot)
{
    return sd_bus_call_async(d->bus, slot, m, on_reply, userdata, d->patience);
}
