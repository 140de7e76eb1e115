/* SPDX-License-Identifier: ISC */
/* Ending a session that has many processes: all of them end, whatever descriptors are left, and meanwhile
 * others are served. */
#include "broker/sessions/terminate.h"
#include "tests/kit/scratch.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#define MANY 600
#define SECOND 1000000ULL

struct ended {
    bool done, all_gone;
};

static uint64_t monotonic(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec / 1000;
}

/* A process that a signal other than SIGKILL does not end, and that does not outlive the test. */
static void sit(void)
{
    (void)signal(SIGTERM, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    (void)alarm(60);
    for (;;)
        (void)pause();
}

/* A leader with n children; it has all of them when this comes back. */
static pid_t session(unsigned n)
{
    int ready[2];
    char byte;

    assert_int_equal(pipe(ready), 0);
    pid_t leader = fork();

    assert_true(leader >= 0);
    if (leader == 0) {
        for (unsigned i = 0; i < n; i++)
            if (fork() == 0)
                sit();
        (void)!write(ready[1], "x", 1);
        sit();
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    (void)close(ready[0]);
    (void)close(ready[1]);
    return leader;
}

static void on_done(struct termination *ending, bool all_gone, void *arg)
{
    struct ended *ended = arg;

    (void)ending;
    *ended = (struct ended){.done = true, .all_gone = all_gone};
}

/* Whether any of those that the leader left to us still lives. */
static bool any_alive(void)
{
    pid_t pid;

    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
        ;
    return pid == 0;
}

/* How often all of /proc was gone through. */
static unsigned looks;

DIR *__real_opendir(const char *name);
DIR *__wrap_opendir(const char *name);

DIR *__wrap_opendir(const char *name)
{
    looks += strcmp(name, "/proc") == 0;
    return __real_opendir(name);
}

/* Ends it, and gives how often /proc was gone through at most before others were served again. */
static unsigned end(struct broker *b, pid_t leader, struct ended *ended)
{
    struct bg_session rec = {.pid = leader};
    struct marks marks = {.audit = UINT32_MAX};
    struct termination *ending = NULL;
    unsigned most;

    assert_int_equal(bg_process_start(leader, &rec.starttime), 0);
    (void)strcpy(rec.account, "root");
    looks = 0;
    assert_int_equal(terminate_start(&ending, b, &rec, &marks, "a test", on_done, ended), 0);
    most = looks;
    for (uint64_t until = monotonic() + 60 * SECOND; !ended->done && monotonic() < until;) {
        looks = 0;
        assert_true(sd_event_run(b->event, SECOND / 10) >= 0);
        most = looks > most ? looks : most;
    }
    terminate_free(ending);
    return most;
}

static int setup(void **state)
{
    struct broker *b = calloc(1, sizeof *b);

    *state = b;
    /* What the leader leaves comes to us, and we can see that it is gone. */
    return b == NULL || sd_event_new(&b->event) < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 ? -1 : 0;
}

static int teardown(void **state)
{
    struct broker *b = *state;

    b->event = sd_event_unref(b->event);
    free(b);
    return 0;
}

static void many_hold_up_nobody(void **state)
{
    struct ended ended = {0};
    unsigned most = end(*state, session(MANY), &ended);

    assert_true(ended.done && ended.all_gone);
    assert_false(any_alive());
    assert_true(most < 30);
}

/* More than there are descriptors: none of them is taken for gone. */
static void more_than_descriptors(void **state)
{
    struct ended ended = {0};
    struct rlimit before, few = {.rlim_cur = 50};

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few.rlim_max = before.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    (void)end(*state, session(MANY), &ended);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_true(ended.done && ended.all_gone);
    assert_false(any_alive());
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(many_hold_up_nobody),
        T(more_than_descriptors),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
