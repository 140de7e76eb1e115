#include "ending.h"
#include "cleanup.h"
#include "warn.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#define LOGIND_WAIT (1500 * 1000ULL) /* microseconds that logind has to answer */
#define TERM_WAIT (2 * 1000000ULL)   /* and that processes have after SIGTERM */
#define ROUND (300 * 1000ULL)        /* between two rounds of SIGKILL */
#define ROUNDS_MAX 400 /* two minutes: a process in uninterruptible sleep may outlast everything */

/* A process that is held by a descriptor: its number cannot come to mean another one. */
struct held {
    pid_t pid;
    int fd;
    bool gone;
};

struct ending {
    struct broker *b;
    struct bg_session session;
    struct marks marks;
    struct held *held; /* every process of the session that was seen since */
    size_t n_held;
    sd_bus *bus;
    sd_event_source *timer;
    bool asked_nicely; /* SIGTERM went out, by logind or by us */
    unsigned rounds;
    void (*done)(struct ending *ending, bool all_gone, void *arg);
    void *arg;
};

static bool leader_alive(const struct bg_session *s)
{
    uint64_t start = 0;

    return bg_process_start(s->pid, &start) == 0 && start == s->starttime;
}

int ending_processes(const struct bg_session *session, const struct marks *marks, struct procs *procs)
{
    bool leader = leader_alive(session);
    int r = procs_of_marks(procs, marks);

    return r < 0 || !leader ? r : procs_below(procs, session->pid);
}

static bool is_held(const struct ending *e, pid_t pid)
{
    for (size_t i = 0; i < e->n_held; i++)
        if (e->held[i].pid == pid && !e->held[i].gone)
            return true;
    return false;
}

static bool is_gone(int pidfd)
{
    struct pollfd p = {.fd = pidfd, .events = POLLIN};

    return poll(&p, 1, 0) > 0;
}

/* Holds a process, having looked again once its descriptor is open that it is the one meant. */
static int hold(struct ending *e, pid_t pid, bool marked)
{
    if (is_held(e, pid))
        return 0;
    bg_close_ int fd = pidfd_open(pid, 0);
    if (fd < 0 || is_gone(fd) || (marked && !procs_has_marks(pid, &e->marks)))
        return 0;
    struct held *held = reallocarray(e->held, e->n_held + 1, sizeof *held);

    if (held == NULL)
        return -ENOMEM;
    e->held = held;
    e->held[e->n_held++] = (struct held){.pid = pid, .fd = BG_TAKE_FD(fd)};
    return 0;
}

static int hold_all(struct ending *e, const struct procs *procs, bool marked)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < procs->n; i++)
        r = hold(e, procs->v[i], marked);
    return r;
}

/* Looks for all that belongs to the session now: what carries its marks, and what is below the leader or
 * below a process that was seen before, because children of a parent that died cannot be told any more. Gives
 * how many are alive, at least 1 when it could not look. */
static size_t look(struct ending *e)
{
    struct procs marked bg_cleanup_(procs_free) = {0}, below bg_cleanup_(procs_free) = {0};
    size_t alive = 0;
    int r = procs_of_marks(&marked, &e->marks);

    if (r == 0)
        r = hold_all(e, &marked, true);
    if (r == 0 && leader_alive(&e->session))
        r = procs_below(&below, e->session.pid);
    for (size_t i = 0; i < e->n_held; i++) {
        if (!e->held[i].gone)
            e->held[i].gone = is_gone(e->held[i].fd);
        if (r == 0 && !e->held[i].gone)
            r = procs_below(&below, e->held[i].pid);
    }
    if (r == 0)
        r = hold_all(e, &below, false);
    for (size_t i = 0; i < e->n_held; i++)
        alive += !e->held[i].gone;
    return r < 0 && alive == 0 ? 1 : alive;
}

/* Gives how many processes were left to signal. */
static size_t signal_all(struct ending *e, int signal)
{
    size_t alive = look(e);

    for (size_t i = 0; i < e->n_held; i++)
        if (!e->held[i].gone)
            (void)pidfd_send_signal(e->held[i].fd, signal, NULL, 0);
    return alive;
}

static void wait_for(struct ending *e, uint64_t usec)
{
    (void)sd_event_source_set_time_relative(e->timer, usec);
    (void)sd_event_source_set_enabled(e->timer, SD_EVENT_ONESHOT);
}

static void drop_bus(struct ending *e)
{
    e->bus = sd_bus_close_unref(e->bus);
}

static void terminate_ourselves(struct ending *e)
{
    drop_bus(e);
    if (e->asked_nicely)
        return;
    e->asked_nicely = true;
    (void)signal_all(e, SIGTERM);
    /* An interactive shell takes no notice of SIGTERM. */
    (void)signal_all(e, SIGHUP);
    wait_for(e, TERM_WAIT);
}

static int on_logind(sd_bus_message *reply, void *arg, sd_bus_error *error)
{
    struct ending *e = arg;

    (void)error;
    if (sd_bus_message_is_method_error(reply, NULL)) {
        terminate_ourselves(e);
        return 0;
    }
    e->asked_nicely = true;
    drop_bus(e);
    wait_for(e, TERM_WAIT);
    return 0;
}

/* Asks logind to end "session-N.scope", which the leader is in. -errno when it cannot even be asked. */
static int ask_logind(struct ending *e)
{
    char id[sizeof e->marks.unit];

    if (!e->b->real || e->marks.unit[0] == '\0')
        return -ENOENT;
    (void)snprintf(id, sizeof id, "%s", e->marks.unit + strlen("session-"));
    id[strlen(id) - strlen(".scope")] = '\0';
    int r = sd_bus_open_system(&e->bus);
    if (r >= 0)
        r = sd_bus_attach_event(e->bus, e->b->event, SD_EVENT_PRIORITY_NORMAL);
    if (r >= 0)
        r = sd_bus_call_method_async(e->bus, NULL, "org.freedesktop.login1", "/org/freedesktop/login1",
                                     "org.freedesktop.login1.Manager", "TerminateSession", on_logind, e, "s",
                                     id);
    return r < 0 ? r : 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
    struct ending *e = arg;

    (void)source;
    (void)usec;
    if (!e->asked_nicely) {
        terminate_ourselves(e);
        return 0;
    }
    size_t left = signal_all(e, SIGKILL);

    if (left == 0 || ++e->rounds >= ROUNDS_MAX) {
        e->done(e, left == 0, e->arg);
        return 0;
    }
    wait_for(e, ROUND);
    return 0;
}

static void say_why(struct ending *e, const char *why)
{
    struct procs procs bg_cleanup_(procs_free) = {0};
    char text[600];

    if (ending_processes(&e->session, &e->marks, &procs) < 0)
        return;
    (void)snprintf(text, sizeof text, "your session as %s ends now: %.400s", e->session.account, why);
    (void)warn_terminals(&procs, text);
}

int ending_start(struct ending **ret, struct broker *b, const struct bg_session *session,
                 const struct marks *marks, const char *why,
                 void (*done)(struct ending *ending, bool all_gone, void *arg), void *arg)
{
    struct ending *e = calloc(1, sizeof *e);

    if (e == NULL)
        return -ENOMEM;
    e->b = b;
    e->session = *session;
    e->marks = *marks;
    e->done = done;
    e->arg = arg;
    int r = sd_event_add_time_relative(b->event, &e->timer, CLOCK_MONOTONIC, LOGIND_WAIT, 10000, on_timer, e);

    if (r < 0) {
        ending_free(e);
        return r;
    }
    *ret = e;
    say_why(e, why);
    (void)look(e);
    if (ask_logind(e) < 0)
        terminate_ourselves(e);
    return 0;
}

void ending_free(struct ending *e)
{
    if (e == NULL)
        return;
    drop_bus(e);
    (void)sd_event_source_disable_unref(e->timer);
    for (size_t i = 0; i < e->n_held; i++)
        (void)close(e->held[i].fd);
    free(e->held);
    free(e);
}
