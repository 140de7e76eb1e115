/* SPDX-License-Identifier: ISC */
/* breakglassd(8): takes statements, ends sessions, tells the journal, wakes those who wait. */
#include "broker/api/api.h"
#include "broker/base/broker.h"
#include "policy/base/cleanup.h"
#include "policy/intake/intake.h"
#include "broker/journal/writer.h"
#include "broker/base/load.h"
#include "broker/bus/server.h"
#include "broker/sessions/sessions.h"
#include "policy/record/spool.h"
#include "broker/grants/lifecycle.h"
#include "broker/grants/intake_log.h"
#include "broker/watch.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define BUS_PATH BG_RUN "/bus"
#define TICK (10 * 1000000ULL)
#define CLOCK_JUMP 60 /* seconds that the clock may move against the time since boot between two ticks */

/* --- news from part to part --- */

static void on_spooled(struct broker *b)
{
    writer_wake(b->writer);
}

static void on_logged(struct broker *b, const struct bg_event *event)
{
    lifecycle_logged(b->lifecycle, event);
    server_logged(b->server, event->field[BG_FIELD_GRANT]);
}

static void judge_all(struct broker *b)
{
    lifecycle_all(b->lifecycle);
    sessions_judge(b->sessions, NULL);
}

static void on_statement(struct broker *b, const char *person, const char *id)
{
    lifecycle_one(b->lifecycle, person, id);
    sessions_judge(b->sessions, person);
}

static void on_grant(struct broker *b, const char *person, const char *id, enum bg_state state)
{
    server_changed(b->server, person, id, state);
}

static void on_session(struct broker *b, const char *person, const char *id)
{
    lifecycle_tell(b->lifecycle, person, id);
}

static void on_session_end(struct broker *b, pid_t pid, uint64_t start)
{
    server_drop_session(b->server, pid, start);
}

static const struct broker_listener connected = {
    .spooled = on_spooled,
    .logged = on_logged,
    .rules = judge_all,
    .statement = on_statement,
    .grant = on_grant,
    .session = on_session,
    .session_end = on_session_end,
};

/* --- the tick: what no event announces --- */

struct tick {
    struct broker *b;
    sd_event_source *source;
    int64_t offset; /* clock minus time since boot, seconds */
};

static int64_t clock_offset(void)
{
    struct bg_clock clock;

    bg_clock_read(&clock);
    return clock.wall - clock.since_boot;
}

static void check_clock(struct tick *t)
{
    int64_t offset = clock_offset(), moved = offset - t->offset;
    struct bg_event e = {.id = BG_EVENT_HOST_CLOCK};
    struct bg_sentence why;
    char now[BG_TIME_SIZE];

    t->offset = offset;
    if (moved == 0)
        return;
    /* What is due is due by the wall clock. */
    lifecycle_all(t->b->lifecycle);
    if (moved >= -CLOCK_JUMP && moved <= CLOCK_JUMP)
        return;
    bg_time_format(now, bg_now());
    bg_say(&why, "the clock was set %s by %lld seconds, to %s", moved > 0 ? "forward" : "back",
           (long long)(moved > 0 ? moved : -moved), now);
    e.field[BG_FIELD_WHY] = why.text;
    broker_event(t->b, &e);
}

static int on_tick(sd_event_source *source, uint64_t usec, void *arg)
{
    struct tick *t = arg;

    watch_tick(t->b->watch);
    check_clock(t);
    sessions_scan(t->b->sessions);
    sessions_judge(t->b->sessions, NULL);
    lifecycle_tick(t->b->lifecycle);
    writer_wake(t->b->writer);
    (void)sd_event_source_set_time(source, usec + TICK);
    return sd_event_source_set_enabled(source, SD_EVENT_ON);
}

/* --- start --- */

/* The socket that systemd hands over, or in tests one of our own below the root. */
static int open_socket(const struct broker *b)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int n = sd_listen_fds(1);

    if (n == 1 && sd_is_socket_unix(SD_LISTEN_FDS_START, SOCK_STREAM, 1, NULL, 0) > 0) {
        int r = fcntl(SD_LISTEN_FDS_START, F_SETFL, O_NONBLOCK);

        return r < 0 ? -errno : SD_LISTEN_FDS_START;
    }
    if (n != 0 || b->real)
        return -EDESTADDRREQ;
    bg_close_ int run = bg_dir_make(&b->site.root, BG_RUN, 0755);
    bg_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (run < 0 || fd < 0)
        return run < 0 ? run : -errno;
    (void)unlinkat(run, "bus", 0);
    (void)snprintf(at.sun_path, sizeof at.sun_path, "/proc/self/fd/%d/bus", run);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(fd, 64) < 0)
        return -errno;
    return BG_TAKE_FD(fd);
}

/* A broker that was killed may have stored a request and not looked at what waited for it. */
static void take_waiting(struct broker *b)
{
    struct bg_intake in = broker_intake(b);

    if (b->site.has_host)
        (void)bg_intake_waiting(&in);
}

/* What must be ended is ended before anybody is served. */
static int reconcile(struct broker *b)
{
    int r = load_first(b);

    if (r < 0)
        return r;
    (void)bg_store_migrate(&b->site.store);
    intake_log_recover(b);
    take_waiting(b);
    sessions_scan(b->sessions);
    judge_all(b);
    (void)writer_pump(b->writer);
    return 0;
}

/* Without the boot's id no mark `opened` can be left, and every minute is the wall clock's. */
static void check_boot(void)
{
    struct bg_clock clock;

    bg_clock_read(&clock);
    if (clock.boot[0] == '\0')
        (void)dprintf(STDERR_FILENO, "<3>cannot read the id of this boot in /proc/sys/kernel/random: grants "
                                     "are timed by the wall clock, which can be set\n");
}

static int start(struct broker *b, struct tick *tick)
{
    int socket = -1;
    /* Others look into it; its folders are closed to them. */
    bg_close_ int run = bg_dir_make(&b->site.root, BG_RUN, 0755);
    int r = run < 0 ? run : sd_event_default(&b->event);

    if (r >= 0)
        r = writer_new(&b->writer, b);
    if (r >= 0)
        r = lifecycle_new(&b->lifecycle, b);
    if (r >= 0)
        r = sessions_new(&b->sessions, b);
    if (r >= 0)
        r = watch_new(&b->watch, b);
    if (r >= 0)
        r = reconcile(b);
    if (r >= 0)
        r = socket = open_socket(b);
    if (r >= 0)
        r = server_new(&b->server, b, socket, api_attach);
    check_boot();
    tick->b = b;
    tick->offset = clock_offset();
    if (r >= 0)
        r = sd_event_add_time_relative(b->event, &tick->source, CLOCK_MONOTONIC, TICK, 100000, on_tick, tick);
    if (r >= 0)
        r = sd_event_source_set_enabled(tick->source, SD_EVENT_ON);
    return r;
}

static int run(struct broker *b, struct tick *tick)
{
    int r = start(b, tick);

    if (r >= 0)
        r = sd_event_add_signal(b->event, NULL, SIGTERM, NULL, NULL);
    if (r >= 0)
        r = sd_event_add_signal(b->event, NULL, SIGINT, NULL, NULL);
    if (r >= 0)
        r = sd_event_set_watchdog(b->event, 1);
    if (r < 0) {
        (void)dprintf(STDERR_FILENO, "<3>cannot start: %s\n",
                      r == -EDESTADDRREQ ? "systemd passed no socket; start breakglassd.socket"
                                         : strerrordesc_np(-r));
        return EXIT_FAILURE;
    }
    (void)sd_notify(0, "READY=1\nSTATUS=serving");
    r = sd_event_loop(b->event);
    (void)sd_notify(0, "STOPPING=1");
    /* What is in the spool goes out now or after the next start. */
    (void)writer_pump(b->writer);
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static void stop(struct broker *b, struct tick *tick)
{
    (void)sd_event_source_disable_unref(tick->source);
    server_free(b->server);
    watch_free(b->watch);
    sessions_free(b->sessions);
    lifecycle_free(b->lifecycle);
    writer_free(b->writer);
    load_free(b);
    bg_root_close(&b->site.root);
    (void)sd_event_unref(b->event);
}

/* A stuck reader of our own words must not stop the broker, secrets of the host's key must not be dumped, and
 * the loop wants its signals as descriptors. */
static int prepare(void)
{
    sigset_t signals;
    int flags = fcntl(STDERR_FILENO, F_GETFL);

    if (flags >= 0)
        (void)fcntl(STDERR_FILENO, F_SETFL, flags | O_NONBLOCK);
    (void)prctl(PR_SET_DUMPABLE, 0);
    (void)umask(0077);
    if (sigemptyset(&signals) < 0 || sigaddset(&signals, SIGTERM) < 0 || sigaddset(&signals, SIGINT) < 0 ||
        sigprocmask(SIG_BLOCK, &signals, NULL) < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        return -errno;
    return sodium_init() < 0 ? -EIO : 0;
}

static int usage(int status)
{
    (void)dprintf(status == 0 ? STDOUT_FILENO : STDERR_FILENO,
                  "breakglassd " PACKAGE_VERSION
                  ", the broker of breakglass; systemd starts it. See breakglassd(8).\n"
                  "  --root DIR  work below DIR, with a socket of its own there (tests)\n"
                  "  --help, --version\n");
    return status;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"root", required_argument, NULL, 'r'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {0},
    };
    const char *root = "/";
    struct broker b = {.site.root.fd = -1, .on = connected};
    struct tick tick = {0};

    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == 'r')
            root = optarg;
        else if (c == 'h')
            return usage(0);
        else if (c == 'V')
            return dprintf(STDOUT_FILENO, "breakglassd " PACKAGE_VERSION "\n") < 0;
        else
            return usage(2);
    }
    if (optind < argc)
        return usage(2);
    int r = prepare();

    if (r == 0)
        r = bg_root_open(&b.site.root, root);
    if (r < 0) {
        (void)dprintf(STDERR_FILENO, "<3>cannot start: %s: %s\n", root, strerrordesc_np(-r));
        return EXIT_FAILURE;
    }
    b.real = strcmp(root, "/") == 0;
    b.site.store.root = b.site.root;
    int status = run(&b, &tick);

    stop(&b, &tick);
    return status;
}
