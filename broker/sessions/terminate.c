/* SPDX-License-Identifier: ISC */
/* First politely (logind, or SIGTERM and SIGHUP), then SIGKILL in rounds until nothing is left. */
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
    void (*done)(struct termination *t, bool all_gone, void *arg);
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

static bool has_seen(const struct termination *t, pid_t pid)
{
    for (size_t i = 0; i < t->n_seen; i++)
        if (t->seen[i].pid == pid)
            return true;
    return false;
}

static void forget_gone(struct termination *t)
{
    size_t n = 0;

    for (size_t i = 0; i < t->n_seen; i++)
        if (procs_lives(t->seen[i].pid, t->seen[i].start))
            t->seen[n++] = t->seen[i];
    t->n_seen = n;
}

/* Remembers a process, having looked again once its start is known that it is the one meant. */
static int remember(struct termination *t, pid_t pid, bool marked)
{
    uint64_t start = 0;
    int r = has_seen(t, pid) ? -ESRCH : bg_process_start(pid, &start);

    if (r < 0)
        return r == -ESRCH ? 0 : r;
    if (!procs_lives(pid, start) || (marked && !procs_has_marks(pid, &t->marks)))
        return 0;
    /* Grows by doubling, as in procs.c. */
    struct seen *seen = t->seen;

    if ((t->n_seen & (t->n_seen - 1)) == 0)
        seen = reallocarray(seen, t->n_seen == 0 ? 1 : 2 * t->n_seen, sizeof *seen);
    if (!seen)
        return -ENOMEM;
    t->seen = seen;
    t->seen[t->n_seen++] = (struct seen){pid, start};
    return 0;
}

static int remember_all(struct termination *t, const struct procs *procs, bool marked)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < procs->n; i++)
        r = remember(t, procs->v[i], marked);
    return r;
}

/* Looks for all that belongs to the session now: what carries its marks, and what is below the leader or
 * below a process that was seen before, because children of a parent that died cannot be told any more. Gives
 * how many are alive, at least 1 when it could not look. */
static size_t look(struct termination *t)
{
    struct procs marked bg_cleanup_(procs_free) = {0}, below bg_cleanup_(procs_free) = {0};
    int r;

    forget_gone(t);
    r = procs_of_marks(&marked, &t->marks);
    if (r == 0)
        r = remember_all(t, &marked, true);
    if (r == 0 && procs_lives(t->session.pid, t->session.starttime))
        r = procs_add(&below, t->session.pid);
    for (size_t i = 0; r == 0 && i < t->n_seen; i++)
        r = procs_add(&below, t->seen[i].pid);
    if (r == 0)
        r = procs_below(&below);
    if (r == 0)
        r = remember_all(t, &below, false);
    return r < 0 && t->n_seen == 0 ? 1 : t->n_seen;
}

/* By a descriptor that is open only meanwhile: its number cannot come to mean another one. */
static void send_signal(const struct seen *seen, int signal)
{
    bg_close_ int fd = pidfd_open(seen->pid, 0);

    if (fd >= 0 && procs_lives(seen->pid, seen->start))
        (void)pidfd_send_signal(fd, signal, NULL, 0);
}

/* Gives how many processes were left to signal. */
static size_t signal_all(struct termination *t, int signal)
{
    size_t alive = look(t);

    for (size_t i = 0; i < t->n_seen; i++)
        send_signal(&t->seen[i], signal);
    return alive;
}

static void wait_for(struct termination *t, uint64_t usec)
{
    (void)sd_event_source_set_time_relative(t->timer, usec);
    (void)sd_event_source_set_enabled(t->timer, SD_EVENT_ONESHOT);
}

static void drop_bus(struct termination *t)
{
    t->bus = sd_bus_close_unref(t->bus);
}

static void terminate_ourselves(struct termination *t)
{
    drop_bus(t);
    if (t->asked_nicely)
        return;
    t->asked_nicely = true;
    (void)signal_all(t, SIGTERM);
    /* An interactive shell takes no notice of SIGTERM. */
    (void)signal_all(t, SIGHUP);
    wait_for(t, TERM_WAIT);
}

static int on_logind(sd_bus_message *reply, void *arg, sd_bus_error *error)
{
    struct termination *t = arg;

    (void)error;
    if (sd_bus_message_is_method_error(reply, NULL)) {
        terminate_ourselves(t);
        return 0;
    }
    t->asked_nicely = true;
    drop_bus(t);
    wait_for(t, TERM_WAIT);
    return 0;
}

/* Asks logind to end "session-N.scope", which the leader is in. -errno when the call cannot be made. */
static int ask_logind(struct termination *t)
{
    char id[sizeof t->marks.unit];

    if (!t->b->real || t->marks.unit[0] == '\0')
        return -ENOENT;
    (void)snprintf(id, sizeof id, "%s", t->marks.unit + strlen("session-"));
    id[strlen(id) - strlen(".scope")] = '\0';
    int r = sd_bus_open_system(&t->bus);
    if (r >= 0)
        r = sd_bus_attach_event(t->bus, t->b->event, SD_EVENT_PRIORITY_NORMAL);
    if (r >= 0)
        r = sd_bus_call_method_async(t->bus, NULL, "org.freedesktop.login1", "/org/freedesktop/login1",
                                     "org.freedesktop.login1.Manager", "TerminateSession", on_logind, t, "s",
                                     id);
    return r < 0 ? r : 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
    struct termination *t = arg;

    (void)source;
    (void)usec;
    if (!t->asked_nicely) {
        terminate_ourselves(t);
        return 0;
    }
    size_t left = signal_all(t, SIGKILL);

    if (left == 0 || ++t->rounds >= ROUNDS_MAX) {
        t->done(t, left == 0, t->arg);
        return 0;
    }
    wait_for(t, ROUND);
    return 0;
}

static void say_why(struct termination *t, const char *why)
{
    struct procs procs bg_cleanup_(procs_free) = {0};
    struct bg_sentence text;

    if (terminate_processes(&t->session, &t->marks, &procs) < 0)
        return;
    bg_say(&text, "your session as %s ends now: %s", t->session.account, why);
    (void)notify_terminals(&procs, text.text, NULL);
}

int terminate_start(struct termination **ret, struct broker *b, const struct bg_session *session,
                    const struct marks *marks, const char *why,
                    void (*done)(struct termination *t, bool all_gone, void *arg), void *arg)
{
    struct termination *t = calloc(1, sizeof *t);

    if (!t)
        return -ENOMEM;
    t->b = b;
    t->session = *session;
    t->marks = *marks;
    t->done = done;
    t->arg = arg;
    int r = sd_event_add_time_relative(b->event, &t->timer, CLOCK_MONOTONIC, LOGIND_WAIT, 10000, on_timer, t);

    if (r < 0) {
        terminate_free(t);
        return r;
    }
    *ret = t;
    say_why(t, why);
    (void)look(t);
    if (ask_logind(t) < 0)
        terminate_ourselves(t);
    return 0;
}

void terminate_free(struct termination *t)
{
    if (!t)
        return;
    drop_bus(t);
    (void)sd_event_source_disable_unref(t->timer);
    free(t->seen);
    free(t);
}
