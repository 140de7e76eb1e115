/* SPDX-License-Identifier: ISC */
#include "broker/sessions/terminate.h"
#include "policy/base/cleanup.h"
#include "broker/sessions/notify.h"

#include <errno.h>
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

/* A process, by its number and start time: a session may have more of them than we have descriptors. */
struct seen {
    pid_t pid;
    uint64_t start;
};

struct termination {
    struct broker *b;
    struct bg_session session;
    struct marks marks;
    struct seen *seen; /* the processes of the session that live */
    size_t n_seen;
    sd_bus *bus;
    sd_event_source *timer;
    bool asked_nicely; /* SIGTERM went out, by logind or by us */
    unsigned rounds;
    void (*done)(struct termination *ending, bool all_gone, void *arg);
    void *arg;
};

int terminate_processes(const struct bg_session *session, const struct marks *marks, struct procs *procs)
{
    bool leader = procs_lives(session->pid, session->starttime);
    int r = procs_of_marks(procs, marks);

    if (r == 0 && leader)
        r = procs_add(procs, session->pid);
    return r < 0 || !leader ? r : procs_below(procs);
}

static bool has_seen(const struct termination *e, pid_t pid)
{
    for (size_t i = 0; i < e->n_seen; i++)
        if (e->seen[i].pid == pid)
            return true;
    return false;
}

static void forget_gone(struct termination *e)
{
    size_t n = 0;

    for (size_t i = 0; i < e->n_seen; i++)
        if (procs_lives(e->seen[i].pid, e->seen[i].start))
            e->seen[n++] = e->seen[i];
    e->n_seen = n;
}

/* Remembers a process, having looked again once its start is known that it is the one meant. */
static int remember(struct termination *e, pid_t pid, bool marked)
{
    uint64_t start = 0;
    int r = has_seen(e, pid) ? -ESRCH : bg_process_start(pid, &start);

    if (r < 0)
        return r == -ESRCH ? 0 : r;
    if (!procs_lives(pid, start) || (marked && !procs_has_marks(pid, &e->marks)))
        return 0;
    /* Grows by doubling, as in procs.c. */
    struct seen *seen = e->seen;

    if ((e->n_seen & (e->n_seen - 1)) == 0)
        seen = reallocarray(seen, e->n_seen == 0 ? 1 : 2 * e->n_seen, sizeof *seen);
    if (seen == NULL)
        return -ENOMEM;
    e->seen = seen;
    e->seen[e->n_seen++] = (struct seen){pid, start};
    return 0;
}

static int remember_all(struct termination *e, const struct procs *procs, bool marked)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < procs->n; i++)
        r = remember(e, procs->v[i], marked);
    return r;
}

/* Looks for all that belongs to the session now: what carries its marks, and what is below the leader or
 * below a process that was seen before, because children of a parent that died cannot be told any more. Gives
 * how many are alive, at least 1 when it could not look. */
static size_t look(struct termination *e)
{
    struct procs marked bg_cleanup_(procs_free) = {0}, below bg_cleanup_(procs_free) = {0};
    int r;

    forget_gone(e);
    r = procs_of_marks(&marked, &e->marks);
    if (r == 0)
        r = remember_all(e, &marked, true);
    if (r == 0 && procs_lives(e->session.pid, e->session.starttime))
        r = procs_add(&below, e->session.pid);
    for (size_t i = 0; r == 0 && i < e->n_seen; i++)
        r = procs_add(&below, e->seen[i].pid);
    if (r == 0)
        r = procs_below(&below);
    if (r == 0)
        r = remember_all(e, &below, false);
    return r < 0 && e->n_seen == 0 ? 1 : e->n_seen;
}

/* By a descriptor that is open only meanwhile: its number cannot come to mean another one. */
static void send_signal(const struct seen *seen, int signal)
{
    bg_close_ int fd = pidfd_open(seen->pid, 0);

    if (fd >= 0 && procs_lives(seen->pid, seen->start))
        (void)pidfd_send_signal(fd, signal, NULL, 0);
}

/* Gives how many processes were left to signal. */
static size_t signal_all(struct termination *e, int signal)
{
    size_t alive = look(e);

    for (size_t i = 0; i < e->n_seen; i++)
        send_signal(&e->seen[i], signal);
    return alive;
}

static void wait_for(struct termination *e, uint64_t usec)
{
    (void)sd_event_source_set_time_relative(e->timer, usec);
    (void)sd_event_source_set_enabled(e->timer, SD_EVENT_ONESHOT);
}

static void drop_bus(struct termination *e)
{
    e->bus = sd_bus_close_unref(e->bus);
}

static void terminate_ourselves(struct termination *e)
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
    struct termination *e = arg;

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
static int ask_logind(struct termination *e)
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
    struct termination *e = arg;

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

static void say_why(struct termination *e, const char *why)
{
    struct procs procs bg_cleanup_(procs_free) = {0};
    char text[600];

    if (terminate_processes(&e->session, &e->marks, &procs) < 0)
        return;
    (void)snprintf(text, sizeof text, "your session as %s ends now: %.400s", e->session.account, why);
    (void)notify_terminals(&procs, text, NULL);
}

int terminate_start(struct termination **ret, struct broker *b, const struct bg_session *session,
                    const struct marks *marks, const char *why,
                    void (*done)(struct termination *ending, bool all_gone, void *arg), void *arg)
{
    struct termination *e = calloc(1, sizeof *e);

    if (e == NULL)
        return -ENOMEM;
    e->b = b;
    e->session = *session;
    e->marks = *marks;
    e->done = done;
    e->arg = arg;
    int r = sd_event_add_time_relative(b->event, &e->timer, CLOCK_MONOTONIC, LOGIND_WAIT, 10000, on_timer, e);

    if (r < 0) {
        terminate_free(e);
        return r;
    }
    *ret = e;
    say_why(e, why);
    (void)look(e);
    if (ask_logind(e) < 0)
        terminate_ourselves(e);
    return 0;
}

void terminate_free(struct termination *e)
{
    if (e == NULL)
        return;
    drop_bus(e);
    (void)sd_event_source_disable_unref(e->timer);
    free(e->seen);
    free(e);
}
