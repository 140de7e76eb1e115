/* SPDX-License-Identifier: ISC */
/* Sessions that the gate wrote down: none is taken for closed because it cannot be held right now, and many
 * that end together hold up nobody else. */
#include "broker/sessions/scope.h"
#include "broker/sessions/sessions.h"
#include "tests/kit/scratch.h"
#include "policy/base/cleanup.h"
#include "policy/record/spool.h"
#include "policy/base/timestamp.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#define GRANT "K7Q4M2XP9D3F"

static unsigned told_closed, told_killed, told_end;

/* Counts what is in the spool, and empties it. */
static void on_spooled(struct broker *b)
{
    struct bg_list names bg_cleanup_(bg_list_free) = {0};

    assert_int_equal(bg_spool_names(&b->site.root, 1000, &names), 0);
    for (size_t i = 0; i < names.n; i++) {
        bg_free_ char *text = NULL;
        struct bg_event event;

        assert_int_equal(bg_spool_read(&b->site.root, names.v[i], &text), 0);
        assert_int_equal(bg_event_parse(&event, text), 0);
        told_closed += event.id == BG_EVENT_SESSION_CLOSED;
        told_killed += event.id == BG_EVENT_SESSION_KILLED;
        assert_int_equal(bg_spool_drop(&b->site.root, names.v[i]), 0);
    }
}

/* --- */

static int trouble; /* errno of pidfd_open; 0: none */

int __real_pidfd_open(pid_t pid, unsigned flags);
int __wrap_pidfd_open(pid_t pid, unsigned flags);

int __wrap_pidfd_open(pid_t pid, unsigned flags)
{
    if (trouble == 0)
        return __real_pidfd_open(pid, flags);
    errno = trouble;
    return -1;
}

static pid_t someone(void)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        (void)alarm(60);
        for (;;)
            (void)pause();
    }
    return pid;
}

/* What the gate writes of somebody's login, which ends after that many seconds. */
static pid_t log_in(const struct scratch *s, int64_t seconds)
{
    struct bg_session rec = {.pid = someone(), .audit = UINT32_MAX, .kind = BG_SESSION_GRANT};

    assert_int_equal(bg_process_start(rec.pid, &rec.starttime), 0);
    (void)strcpy(rec.person, "bob");
    (void)strcpy(rec.account, "root");
    (void)strcpy(rec.grant, GRANT);
    (void)strcpy(rec.role, "db-admin");
    (void)strcpy(rec.service, "sshd");
    rec.opened = bg_now();
    rec.ends = rec.opened + seconds;
    assert_int_equal(bg_session_write(&s->root, &rec), 0);
    return rec.pid;
}

static void on_session_end(struct broker *b, pid_t pid, uint64_t start)
{
    (void)b;
    assert_true(pid > 0 && start > 0);
    told_end++;
}

static void begin(struct scratch *s, struct broker *b)
{
    told_closed = told_killed = told_end = 0;
    assert_int_equal(scratch_make(s), 0);
    b->site.root = b->site.store.root = s->root;
    b->on.spooled = on_spooled;
    b->on.session_end = on_session_end;
    assert_true(sd_event_new(&b->event) >= 0 && sessions_new(&b->sessions, b) >= 0);
}

static void finish(struct scratch *s, struct broker *b)
{
    sessions_free(b->sessions);
    sd_event_unref(b->event);
    scratch_drop(s);
}

static void without_descriptors(void **state)
{
    struct scratch s;
    struct broker b = {0};
    struct bg_list names = {0};

    (void)state;
    begin(&s, &b);
    pid_t pid = log_in(&s, 600);

    trouble = EMFILE;
    sessions_scan(b.sessions);
    assert_int_equal(told_closed, 0);
    assert_int_equal(bg_session_names(&s.root, &names), 0);
    assert_int_equal(names.n, 1);
    trouble = 0;
    sessions_scan(b.sessions);
    assert_int_equal(sessions_of_grant(b.sessions, GRANT), 1);

    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    for (unsigned i = 0; i < 20 && told_closed == 0; i++)
        assert_true(sd_event_run(b.event, 100000) >= 0);
    assert_int_equal(told_closed, 1);
    assert_int_equal(sessions_of_grant(b.sessions, GRANT), 0);
    bg_list_free(&names);
    finish(&s, &b);
}

/* Another process has the number by now: it is neither held nor ended. */
static void a_number_that_came_again(void **state)
{
    struct scratch s;
    struct broker b = {0};
    struct bg_session rec;
    struct bg_list names = {0};

    (void)state;
    begin(&s, &b);
    pid_t pid = log_in(&s, 600);

    assert_int_equal(bg_session_names(&s.root, &names), 0);
    assert_int_equal(bg_session_read(&s.root, names.v[0], &rec), 0);
    assert_int_equal(bg_session_drop(&s.root, rec.pid, rec.starttime), 0);
    rec.starttime--;
    rec.ends = bg_now() - 1;
    assert_int_equal(bg_session_write(&s.root, &rec), 0);
    sessions_scan(b.sessions);
    sessions_judge(b.sessions, NULL);
    assert_int_equal(told_closed, 1);
    assert_int_equal(told_killed, 0);
    assert_int_equal(kill(pid, 0), 0);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    bg_list_free(&names);
    finish(&s, &b);
}

static bool has_drop_in(const struct scratch *s, const char *text)
{
    bg_free_ char *found = NULL;
    size_t len = 0;

    return bg_file_read(&s->root, "run/systemd/system/session-7.scope.d/50-breakglass.conf", 4096, &found,
                        &len) == 0 &&
           strstr(found, text);
}

/* systemd counts from the scope's start. */
static void extends_a_scope(void **state)
{
    struct scratch s;
    struct broker b = {0};

    (void)state;
    begin(&s, &b);
    assert_int_equal(scope_extend(&b, "", 540), -ENOENT);
    assert_int_equal(scope_extend(&b, "session-7.scope", 540), 0);
    assert_true(has_drop_in(&s, "[Scope]\nRuntimeMaxSec=540\n"));
    scope_forget(&b, "session-7.scope");
    assert_false(has_drop_in(&s, ""));
    assert_int_not_equal(access(scratch_path(&s, "run/systemd/system/session-7.scope.d"), F_OK), 0);
    finish(&s, &b);
}

/* --- whose scope it is --- */

static pid_t scoped; /* it is in session-7.scope; 0: nobody is */

int __real_procs_scope(pid_t pid, char *unit, size_t size);
int __wrap_procs_scope(pid_t pid, char *unit, size_t size);

int __wrap_procs_scope(pid_t pid, char *unit, size_t size)
{
    if (scoped == 0 || pid != scoped)
        return __real_procs_scope(pid, unit, size);
    return snprintf(unit, size, "session-7.scope") > 0 ? 0 : -EINVAL;
}

/* It outlives the broker, and not the session: a scope of that name may come again. */
static void the_drop_in_goes_with_its_session(void **state)
{
    struct scratch s;
    struct broker b = {0};

    (void)state;
    begin(&s, &b);
    scoped = log_in(&s, 600);
    sessions_scan(b.sessions);
    assert_int_equal(scope_extend(&b, "session-7.scope", 540), 0);
    sessions_free(b.sessions);
    assert_true(has_drop_in(&s, "[Scope]\n"));
    assert_true(sessions_new(&b.sessions, &b) >= 0);
    sessions_scan(b.sessions);
    assert_int_equal(kill(scoped, SIGKILL), 0);
    assert_int_equal(waitpid(scoped, NULL, 0), scoped);
    for (unsigned i = 0; i < 200 && told_closed == 0; i++)
        assert_true(sd_event_run(b.event, 100000) >= 0);
    assert_int_equal(told_closed, 1);
    assert_int_not_equal(access(scratch_path(&s, "run/systemd/system/session-7.scope.d"), F_OK), 0);
    scoped = 0;
    finish(&s, &b);
}

#define MANY 100
#define SECOND 1000000ULL

static uint64_t monotonic(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec / 1000;
}

/* A grant that is closed while many use it. */
static void many_end_together(void **state)
{
    struct scratch s;
    struct broker b = {0};
    unsigned most = 0;

    (void)state;
    begin(&s, &b);
    for (unsigned i = 0; i < MANY; i++)
        (void)log_in(&s, 1);
    (void)sleep(2);
    for (uint64_t until = monotonic() + 60 * SECOND; told_closed < MANY && monotonic() < until;) {
        unsigned before = told_killed;

        if (told_killed == 0)
            sessions_scan(b.sessions);
        else
            assert_true(sd_event_run(b.event, SECOND / 10) >= 0);
        assert_true(told_end >= told_killed); /* its connections end first */
        if (told_killed - before > most)
            most = told_killed - before;
    }
    assert_int_equal(told_killed, MANY);
    assert_int_equal(told_closed, MANY);
    assert_true(most < 30);
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    finish(&s, &b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_descriptors), cmocka_unit_test(a_number_that_came_again),
        cmocka_unit_test(extends_a_scope),     cmocka_unit_test(the_drop_in_goes_with_its_session),
        cmocka_unit_test(many_end_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
