/* SPDX-License-Identifier: ISC */
/* One record of the gate, one pidfd, and a timer for the next end: whatever nothing covers any more is ended.
 */
#include "broker/sessions/sessions.h"
#include "policy/base/cleanup.h"
#include "broker/sessions/entitlement.h"
#include "broker/sessions/terminate.h"
#include "broker/sessions/procs.h"
#include "broker/sessions/scope.h"
#include "broker/sessions/notify.h"
#include "policy/base/clock.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <unistd.h>

#define LEARN (500 * 1000ULL) /* after a login, when pam_loginuid and logind have done their part */
#define ENDS_ONCE 16          /* sessions ended in one round: each reads all of /proc while others wait */
#define LOOKS_ONCE 16         /* likewise, searched for what they left behind */
#define NOTIFY_FIRST 300
#define NOTIFY_LAST 60
#define EXTENDED 5      /* seconds more that are an extension; fewer are two clocks that drift apart */
#define LOGIN_TAKES 600 /* seconds from a process's start to its session, at most */

struct tracked {
    struct sessions *owner;
    struct bg_session rec;
    char name[BG_SESSION_NAME_SIZE];
    struct marks marks; /* learnt after the login */
    int pidfd;
    sd_event_source *exit;
    char grant[BG_ID_SIZE]; /* the one that covers it furthest */
    int64_t until;          /* until then */
    /* Seconds since boot, which nobody can set: when it opened, when systemd ends its scope (0: never). */
    int64_t opened, scope_until;
    bool notified_first, notified_last;
    bool closed; /* its leader is gone or it closed itself; what it left behind may still run */
    bool ended;  /* by us: what still runs does not die */
    bool to_end; /* as soon as it is its turn */
    unsigned turn;
    struct termination *termination;
    struct tracked *next;
};

struct sessions {
    struct broker *b;
    struct tracked *list;
    sd_event_source *timer; /* the next end or warning */
    sd_event_source *learn;
    sd_event_source *more; /* the next that are to end */
    unsigned begun;        /* to end, in this go */
    unsigned looks,
        turn;    /* for what was left behind; everything has been looked at once before the next turn */
    bool behind; /* not everything, this time */
};

static void tell(struct tracked *t, enum bg_event_id id, const char *why)
{
    char ends[BG_TIME_SIZE];
    struct bg_event e = {.id = id};

    e.field[BG_FIELD_PERSON] = t->rec.person;
    e.field[BG_FIELD_ACCOUNT] = t->rec.account;
    e.field[BG_FIELD_GRANT] = t->rec.grant[0] != '\0' ? t->rec.grant : NULL;
    e.field[BG_FIELD_ROLE] = t->rec.role[0] != '\0' ? t->rec.role : NULL;
    e.field[BG_FIELD_KEY] = t->rec.key;
    e.field[BG_FIELD_RHOST] = t->rec.rhost;
    e.field[BG_FIELD_SERVICE] = t->rec.service;
    e.field[BG_FIELD_SESSION] = t->name;
    e.field[BG_FIELD_WHY] = why;
    if (t->until > 0 && t->until < INT64_MAX) {
        bg_time_format(ends, t->until);
        e.field[BG_FIELD_EXPIRES] = ends;
    }
    broker_event(t->owner->b, &e);
}

/* Watchers of the grant see its sessions. */
static void tell_watchers(const struct tracked *t)
{
    if (t->rec.kind == BG_SESSION_GRANT)
        broker_session(t->owner->b, t->rec.person, t->rec.grant);
}

/* Learns what a login only gets after the gate has spoken: its audit session and its scope. What the
 * listening sshd has too (it was started by hand from somebody's login) is not this session's own. */
static void learn(struct tracked *t)
{
    struct marks own = {.audit = UINT32_MAX}, above = {.audit = UINT32_MAX};
    uint64_t start = 0;
    pid_t parent = 0;

    if (t->closed || bg_process_parent(t->rec.pid, &parent) < 0)
        return;
    (void)bg_process_audit(t->rec.pid, &own.audit);
    (void)procs_scope(t->rec.pid, own.unit, sizeof own.unit);
    if (parent > 1) {
        (void)bg_process_audit(parent, &above.audit);
        (void)procs_scope(parent, above.unit, sizeof above.unit);
    }
    /* Still the same process after all that was read of it? */
    if (bg_process_start(t->rec.pid, &start) < 0 || start != t->rec.starttime)
        return;
    if (own.audit != above.audit)
        t->marks.audit = own.audit;
    if (strcmp(own.unit, above.unit) != 0)
        memcpy(t->marks.unit, own.unit, sizeof own.unit);
}

static void forget(struct tracked *t)
{
    struct sessions *s = t->owner;

    for (struct tracked **p = &s->list; *p; p = &(*p)->next)
        if (*p == t) {
            *p = t->next;
            break;
        }
    if (t->closed)
        scope_forget(s->b, t->marks.unit);
    terminate_free(t->termination);
    (void)sd_event_source_disable_unref(t->exit);
    if (t->pidfd >= 0)
        (void)close(t->pidfd);
    free(t);
}

/* True also where there was no time to look: another look follows. */
static bool anything_left(struct tracked *t)
{
    struct procs procs bg_cleanup_(procs_free) = {0};
    struct sessions *s = t->owner;

    if (t->ended || t->turn == s->turn)
        return !t->ended;
    if (s->looks >= LOOKS_ONCE) {
        s->behind = true;
        return true;
    }
    s->looks++;
    t->turn = s->turn;
    return procs_of_marks(&procs, &t->marks) == 0 && procs.n > 0;
}

static void closed(struct tracked *t)
{
    if (!t->closed) {
        t->closed = true;
        broker_session_end(t->owner->b, t->rec.pid, t->rec.starttime);
        /* The gate tells of it and takes its record away, unless it was killed before it could. */
        if (bg_session_drop(&t->owner->b->site.root, t->rec.pid, t->rec.starttime) == 0)
            tell(t, BG_EVENT_SESSION_CLOSED, NULL);
        (void)sd_event_source_set_enabled(t->exit, SD_EVENT_OFF);
        tell_watchers(t);
    }
    /* What was left running with nohup or setsid is watched on, and ended with the grant. */
    if (!t->termination && (t->rec.kind != BG_SESSION_GRANT || !anything_left(t)))
        forget(t);
}

static void ended(struct termination *termination, bool all_gone, void *arg)
{
    struct tracked *t = arg;

    if (!all_gone)
        (void)dprintf(STDERR_FILENO,
                      "<3>cannot end every process of session %s of %s: some survive SIGKILL\n", t->name,
                      t->rec.person);
    terminate_free(termination);
    t->termination = NULL;
    t->ended = true;
    closed(t);
}

static void end(struct tracked *t, const char *why)
{
    if (t->termination)
        return;
    learn(t);
    tell(t, BG_EVENT_SESSION_KILLED, why);
    broker_session_end(t->owner->b, t->rec.pid, t->rec.starttime);
    int r = terminate_start(&t->termination, t->owner->b, &t->rec, &t->marks, why, ended, t);

    if (r < 0)
        (void)dprintf(STDERR_FILENO, "<3>cannot end session %s of %s: %s\n", t->name, t->rec.person,
                      strerrordesc_np(-r));
}

static void end_in_turn(struct tracked *t, const char *why)
{
    struct sessions *s = t->owner;

    t->to_end = s->begun >= ENDS_ONCE;
    if (t->to_end) {
        (void)sd_event_source_set_enabled(s->more, SD_EVENT_ONESHOT);
        return;
    }
    s->begun++;
    end(t, why);
}

static void notify_end(struct tracked *t, int64_t left)
{
    struct procs procs bg_cleanup_(procs_free) = {0};
    const struct broker *b = t->owner->b;
    struct bg_sentence text, more;
    char at[BG_TIME_SIZE], id[BG_ID_SHOWN_SIZE] = "";

    bg_time_format(at, t->until);
    if (bg_is_id(t->grant))
        bg_id_show(id, t->grant);
    bg_say(&text, "your access as %s ends in %lld %s, at %s. To stay, request it again.", t->rec.account,
           (long long)(left > NOTIFY_LAST ? (left + 30) / 60 : left),
           left > NOTIFY_LAST ? "minutes" : "seconds", at);
    bg_say(&more, "On your own machine: breakglass extend %s -H %s", id,
           b->site.has_host ? b->site.host.name : "HOST");
    if (terminate_processes(&t->rec, &t->marks, &procs) == 0)
        (void)notify_terminals(&procs, text.text, more.text);
}

static void notify_when_due(struct tracked *t, int64_t now)
{
    int64_t left = t->until - now;

    if (t->until == INT64_MAX)
        return;
    if (left > NOTIFY_FIRST)
        t->notified_first = t->notified_last = false;
    else if (left > NOTIFY_LAST)
        t->notified_last = false;
    if (left <= NOTIFY_LAST && !t->notified_last) {
        t->notified_first = t->notified_last = true;
        notify_end(t, left);
    } else if (left <= NOTIFY_FIRST && !t->notified_first) {
        t->notified_first = true;
        notify_end(t, left);
    }
}

static void extend(struct tracked *t)
{
    struct bg_clock clock;

    if (t->scope_until == 0 || t->until == INT64_MAX || t->closed)
        return;
    bg_clock_read(&clock);
    int64_t until = clock.since_boot + (t->until - clock.wall);
    if (until < t->scope_until + EXTENDED)
        return;
    int r = scope_extend(t->owner->b, t->marks.unit, until - t->opened);

    if (r == 0)
        t->scope_until = until;
    else if (r != -ENOENT)
        (void)dprintf(STDERR_FILENO, "<4>cannot extend session %s of %s: %s\n", t->name, t->rec.person,
                      strerrordesc_np(-r));
}

static void judge(struct tracked *t, int64_t now)
{
    struct entitlement entitled;

    if (t->termination)
        return;
    entitlement_of_session(&entitled, t->owner->b, &t->rec, t->grant, now);
    if (!entitled.covered) {
        end_in_turn(t, entitled.why.text);
        return;
    }
    t->to_end = false;
    t->until = entitled.until;
    memcpy(t->grant, entitled.grant, sizeof t->grant);
    extend(t);
    notify_when_due(t, now);
}

/* When something is due for this session next. */
static int64_t due(const struct tracked *t, int64_t now)
{
    if (t->termination || t->to_end || t->until == INT64_MAX)
        return INT64_MAX;
    if (t->until - NOTIFY_FIRST > now && !t->notified_first)
        return t->until - NOTIFY_FIRST;
    if (t->until - NOTIFY_LAST > now && !t->notified_last)
        return t->until - NOTIFY_LAST;
    return t->until;
}

static void arm(struct sessions *s)
{
    int64_t now = bg_now(), next = INT64_MAX;

    for (struct tracked *t = s->list; t; t = t->next)
        if (due(t, now) < next)
            next = due(t, now);
    if (next == INT64_MAX) {
        (void)sd_event_source_set_enabled(s->timer, SD_EVENT_OFF);
        return;
    }
    (void)sd_event_source_set_time(s->timer, (uint64_t)next * 1000000ULL);
    (void)sd_event_source_set_enabled(s->timer, SD_EVENT_ONESHOT);
}

void sessions_judge(struct sessions *s, const char *person)
{
    int64_t now = bg_now();

    if (!s)
        return;
    s->begun = 0;
    for (struct tracked *t = s->list, *next; t; t = next) {
        next = t->next;
        if (!person || strcmp(person, t->rec.person) == 0)
            judge(t, now);
    }
    arm(s);
}

/* Those that were to wait: judged again, since more time may have come meanwhile. */
static int on_more(sd_event_source *source, void *arg)
{
    struct sessions *s = arg;
    int64_t now = bg_now();

    (void)source;
    s->begun = 0;
    for (struct tracked *t = s->list; t; t = t->next) {
        if (!t->to_end)
            continue;
        judge(t, now);
        if (s->begun >= ENDS_ONCE)
            break;
    }
    (void)sd_event_source_set_enabled(s->more, s->begun >= ENDS_ONCE ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
    arm(s);
    return 0;
}

static int on_exit_of_leader(sd_event_source *source, int fd, uint32_t events, void *arg)
{
    (void)source;
    (void)fd;
    (void)events;
    closed(arg);
    return 0;
}

static int hold(struct tracked *t)
{
    uint64_t start = 0;

    t->pidfd = pidfd_open(t->rec.pid, 0);
    if (t->pidfd < 0)
        return -errno;
    int r = bg_process_start(t->rec.pid, &start);

    if (r < 0 || start != t->rec.starttime)
        return r < 0 ? r : -ESRCH;
    return sd_event_add_io(t->owner->b->event, &t->exit, t->pidfd, EPOLLIN, on_exit_of_leader, t);
}

/* By the wall clock, where it was not set since: its process began shortly before. */
static int64_t opened_since_boot(const struct bg_session *rec)
{
    int64_t began = (int64_t)rec->starttime / sysconf(_SC_CLK_TCK);
    struct bg_clock clock;

    bg_clock_read(&clock);
    int64_t opened = clock.since_boot - (clock.wall - rec->opened);
    return opened < began - 1 || opened > began + LOGIN_TAKES ? began : opened;
}

static int take_on(struct sessions *s, const char *name)
{
    struct tracked *t = calloc(1, sizeof *t);
    int64_t now = bg_now();

    if (!t)
        return -ENOMEM;
    t->owner = s;
    t->pidfd = -1;
    t->marks.audit = UINT32_MAX;
    (void)snprintf(t->name, sizeof t->name, "%s", name);
    int r = bg_session_read(&s->b->site.root, name, &t->rec);

    if (r < 0) {
        free(t);
        return r;
    }
    memcpy(t->grant, t->rec.grant, sizeof t->grant);
    t->until = t->rec.ends > 0 ? t->rec.ends : INT64_MAX;
    t->opened = opened_since_boot(&t->rec);
    t->scope_until = t->rec.ends > 0 ? t->opened + (t->rec.ends - t->rec.opened) : 0;
    /* One that begins with little time left was told so by the gate's banner. */
    t->notified_first = t->until - now <= NOTIFY_FIRST;
    t->notified_last = t->until - now <= NOTIFY_LAST;
    t->next = s->list;
    s->list = t;
    r = hold(t);
    if (r < 0 && r != -ESRCH) {
        /* It is there, and we lack what it takes to hold it: the next look takes it on. */
        (void)dprintf(STDERR_FILENO, "<3>cannot watch session %s of %s yet: %s\n", t->name, t->rec.person,
                      strerrordesc_np(-r));
        forget(t);
        return r;
    }
    if (r < 0) {
        /* Gone before it was seen (the broker was not running): closed, and what it left cannot be told any
         * more. */
        closed(t);
        return r;
    }
    learn(t);
    (void)sd_event_source_set_time_relative(s->learn, LEARN);
    (void)sd_event_source_set_enabled(s->learn, SD_EVENT_ONESHOT);
    judge(t, now);
    tell_watchers(t);
    return 0;
}

static struct tracked *find(const struct sessions *s, const char *name)
{
    for (struct tracked *t = s->list; t; t = t->next)
        if (strcmp(t->name, name) == 0)
            return t;
    return NULL;
}

void sessions_scan(struct sessions *s)
{
    struct bg_list names bg_cleanup_(bg_list_free) = {0};
    int r = bg_session_names(&s->b->site.root, &names);

    if (r < 0 && r != -ENOENT)
        return;
    s->begun = s->looks = 0;
    s->turn += !s->behind;
    s->behind = false;
    for (struct tracked *t = s->list, *next; t; t = next) {
        next = t->next;
        learn(t);
        if (!bg_list_has(&names, t->name))
            closed(t);
    }
    for (size_t i = 0; i < names.n; i++)
        if (!find(s, names.v[i]))
            (void)take_on(s, names.v[i]);
    arm(s);
}

unsigned sessions_of_grant(const struct sessions *s, const char *id)
{
    unsigned n = 0;

    for (struct tracked *t = s->list; t; t = t->next)
        n += !t->closed && strcmp(t->rec.grant, id) == 0;
    return n;
}

int sessions_each(const struct sessions *s, const char *id,
                  int (*each)(const struct bg_session *session, void *arg), void *arg)
{
    int r = 0;

    for (struct tracked *t = s->list; r >= 0 && t; t = t->next) {
        struct bg_session session = t->rec;

        if (t->closed || strcmp(t->rec.grant, id) != 0)
            continue;
        session.ends = t->until == INT64_MAX ? 0 : t->until;
        r = each(&session, arg);
    }
    return r;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
    (void)source;
    (void)usec;
    sessions_judge(arg, NULL);
    return 0;
}

static int on_learn(sd_event_source *source, uint64_t usec, void *arg)
{
    struct sessions *s = arg;

    (void)source;
    (void)usec;
    for (struct tracked *t = s->list; t; t = t->next)
        learn(t);
    return 0;
}

int sessions_new(struct sessions **ret, struct broker *b)
{
    struct sessions *s = calloc(1, sizeof *s);

    if (!s)
        return -ENOMEM;
    s->b = b;
    int r = sd_event_add_time(b->event, &s->timer, CLOCK_REALTIME, 0, 20000, on_timer, s);

    if (r >= 0)
        r = sd_event_add_time_relative(b->event, &s->learn, CLOCK_MONOTONIC, LEARN, 10000, on_learn, s);
    if (r >= 0)
        r = sd_event_add_defer(b->event, &s->more, on_more, s);
    if (r < 0) {
        sessions_free(s);
        return r;
    }
    *ret = s;
    return 0;
}

void sessions_free(struct sessions *s)
{
    if (!s)
        return;
    while (s->list)
        forget(s->list);
    (void)sd_event_source_disable_unref(s->timer);
    (void)sd_event_source_disable_unref(s->learn);
    (void)sd_event_source_disable_unref(s->more);
    free(s);
}
