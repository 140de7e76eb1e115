/* SPDX-License-Identifier: ISC */
/* The spool and the session records: what the gate leaves for the broker. */
#include "policy/base/cleanup.h"
#include "tests/kit/scratch.h"
#include "policy/record/spool.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int setup(void **state)
{
    static struct scratch s;

    *state = &s;
    return scratch_make(&s);
}

static int teardown(void **state)
{
    scratch_drop(*state);
    return 0;
}

static const struct bg_event event = {
    .id = BG_EVENT_GRANT_REFUSED, .time = 1795435200, .field = {[BG_FIELD_PERSON] = "bob"}};

static void keeps_and_gives_back(void **state)
{
    struct scratch *s = *state;
    struct bg_list names bg_cleanup_(bg_list_free) = {0};
    bg_free_ char *text = NULL;
    struct stat st;

    assert_int_equal(bg_spool_names(&s->root, 10, &names), 0);
    assert_int_equal(names.n, 0);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(bg_spool_write(&s->root, &event), 0);
    assert_int_equal(bg_spool_names(&s->root, 10, &names), 0);
    assert_int_equal(names.n, 3);
    assert_true(strncmp(names.v[0], "run/", 4) == 0);
    assert_true(strcmp(names.v[0], names.v[1]) < 0 && strcmp(names.v[1], names.v[2]) < 0);
    assert_int_equal(stat(scratch_path(s, "run/breakglass/spool"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(bg_spool_read(&s->root, names.v[0], &text), 0);
    assert_string_equal(text, "EVENT=grant.refused\nTIME=2026-11-23T12:00:00Z\nPERSON=bob\n");
    assert_int_equal(bg_spool_drop(&s->root, names.v[0]), 0);
    assert_int_equal(bg_spool_drop(&s->root, names.v[0]), -ENOENT);
    bg_list_free(&names);
    assert_int_equal(bg_spool_names(&s->root, 1, &names), 0);
    assert_int_equal(names.n, 1);
}

/* Two events in one file are read and dropped as two records, with others before and after. */
static void two_are_one_file(void **state)
{
    static const struct bg_event used = {.id = BG_EVENT_GRANT_USED, .time = 1795435200},
                                 opened = {.id = BG_EVENT_SESSION_OPENED, .time = 1795435200};
    static const char *const expected[] = {"EVENT=grant.refused\n", "EVENT=grant.used\n",
                                           "EVENT=session.opened\n", "EVENT=grant.refused\n"};
    struct scratch *s = *state;

    assert_int_equal(bg_spool_write(&s->root, &event), 0);
    assert_int_equal(bg_spool_write_two(&s->root, &used, &opened), 0);
    assert_int_equal(bg_spool_write(&s->root, &event), 0);
    for (size_t done = 0; done < BG_COUNT(expected); done++) {
        struct bg_list names bg_cleanup_(bg_list_free) = {0};

        assert_int_equal(bg_spool_names(&s->root, 10, &names), 0);
        assert_int_equal(names.n, BG_COUNT(expected) - done);
        for (size_t i = 0; i < names.n; i++) {
            bg_free_ char *text = NULL;
            struct bg_event back;

            assert_int_equal(bg_spool_read(&s->root, names.v[i], &text), 0);
            assert_memory_equal(text, expected[done + i], strlen(expected[done + i]));
            assert_int_equal(bg_event_parse(&back, text), 0);
        }
        assert_int_equal(bg_spool_drop(&s->root, names.v[0]), 0);
        assert_int_equal(bg_spool_drop(&s->root, names.v[0]), -ENOENT);
    }
}

/* A record of two that holds one is damaged, in both its parts. */
static void one_is_not_two(void **state)
{
    struct scratch *s = *state;
    bg_free_ char *text = NULL;

    assert_int_equal(scratch_folder(s, "run/breakglass/spool"), 0);
    assert_int_equal(
        scratch_write(s, "run/breakglass/spool/1.2.3.4.a", "EVENT=grant.used\nTIME=2026-11-23T12:00:00Z\n"),
        0);
    assert_int_equal(bg_spool_read(&s->root, "run/1.2.3.4.a", &text), -EINVAL);
    assert_int_equal(bg_spool_read(&s->root, "run/1.2.3.4.b", &text), -EINVAL);
    assert_int_equal(bg_spool_read(&s->root, "run/1.2.3.4.c", &text), -EINVAL);
    assert_int_equal(bg_spool_drop(&s->root, "run/1.2.3.4.a"), 0);
    assert_int_equal(bg_spool_read(&s->root, "run/1.2.3.4.a", &text), -ENOENT);
    assert_int_equal(bg_spool_drop(&s->root, "run/1.2.3.4.b"), 0);
    assert_int_equal(bg_spool_read(&s->root, "run/1.2.3.4.b", &text), -ENOENT);
}

/* Written by a version before: a number in place of the uptime. */
static void older_names(void **state)
{
    struct scratch *s = *state;
    struct bg_list names bg_cleanup_(bg_list_free) = {0};
    bg_free_ char *text = NULL;

    assert_int_equal(scratch_folder(s, "run/breakglass/spool"), 0);
    assert_int_equal(scratch_write(s, "run/breakglass/spool/000000000001.000000002.0000000003.000",
                                   "EVENT=grant.used\nTIME=2026-11-23T12:00:00Z\n"),
                     0);
    assert_int_equal(bg_spool_write(&s->root, &event), 0);
    assert_int_equal(bg_spool_names(&s->root, 10, &names), 0);
    assert_int_equal(names.n, 2);
    assert_int_equal(bg_spool_read(&s->root, names.v[0], &text), 0);
    assert_memory_equal(text, "EVENT=grant.used\n", 17);
}

/* /run cannot take it: /var does, and the order by time holds across both. */
static void falls_back_to_var(void **state)
{
    struct scratch *s = *state;
    struct bg_list names bg_cleanup_(bg_list_free) = {0};

    assert_int_equal(bg_spool_write(&s->root, &event), 0);
    assert_int_equal(rename(scratch_path(s, "run/breakglass/spool"), scratch_path(s, "run/breakglass/kept")),
                     0);
    assert_int_equal(scratch_write(s, "run/breakglass/spool", "not a folder"), 0);
    assert_int_equal(bg_spool_write(&s->root, &event), 0);
    assert_int_equal(unlink(scratch_path(s, "run/breakglass/spool")), 0);
    assert_int_equal(rename(scratch_path(s, "run/breakglass/kept"), scratch_path(s, "run/breakglass/spool")),
                     0);
    assert_int_equal(bg_spool_write(&s->root, &event), 0);
    assert_int_equal(bg_spool_names(&s->root, 10, &names), 0);
    assert_int_equal(names.n, 3);
    assert_true(strncmp(names.v[0], "run/", 4) == 0);
    assert_true(strncmp(names.v[1], "var/", 4) == 0);
    assert_true(strncmp(names.v[2], "run/", 4) == 0);
}

static void nowhere_is_an_error(void **state)
{
    struct scratch *s = *state;

    assert_int_equal(scratch_write(s, "run", ""), 0);
    assert_int_equal(scratch_write(s, "var", ""), 0);
    assert_true(bg_spool_write(&s->root, &event) < 0);
    assert_true(bg_spool_write_two(&s->root, &event, &event) < 0);
}

/* A folder that others may write to is not believed, and temporary files are not records. */
static void ignores_what_is_not_ours(void **state)
{
    struct scratch *s = *state;
    struct bg_list names bg_cleanup_(bg_list_free) = {0};
    bg_free_ char *text = NULL;

    assert_int_equal(scratch_folder(s, "run/breakglass/spool"), 0);
    assert_int_equal(scratch_write(s, "run/breakglass/spool/.000.tmp", "half"), 0);
    assert_int_equal(scratch_write(s, "run/breakglass/spool/readme", "x"), 0);
    assert_int_equal(symlink("/etc/passwd", scratch_path(s, "run/breakglass/spool/000000000001.0.1.0")), 0);
    assert_int_equal(bg_spool_names(&s->root, 10, &names), 0);
    assert_int_equal(names.n, 1);
    assert_int_equal(bg_spool_read(&s->root, names.v[0], &text), -EPERM);
    assert_int_equal(bg_spool_read(&s->root, "run/../sessions/1.2", &text), -EINVAL);
    assert_int_equal(bg_spool_read(&s->root, "etc/passwd", &text), -EINVAL);
    assert_int_equal(bg_spool_drop(&s->root, "run/.000.tmp"), -EINVAL);
    assert_int_equal(chmod(scratch_path(s, "run/breakglass/spool"), 0777), 0);
    bg_list_free(&names);
    assert_int_equal(bg_spool_names(&s->root, 10, &names), -EPERM);
}

static void *write_many(void *arg)
{
    struct scratch *s = arg;

    for (unsigned i = 0; i < 100; i++)
        if (bg_spool_write(&s->root, &event) < 0)
            return arg;
    return NULL;
}

/* Logins happen at once; none takes another's record. */
static void writers_do_not_collide(void **state)
{
    struct scratch *s = *state;
    struct bg_list names bg_cleanup_(bg_list_free) = {0};
    pthread_t threads[4];
    void *failed;

    for (size_t i = 0; i < BG_COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, s), 0);
    for (size_t i = 0; i < BG_COUNT(threads); i++) {
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    assert_int_equal(bg_spool_names(&s->root, 1000, &names), 0);
    assert_int_equal(names.n, 400);
}

static struct bg_session example(void)
{
    struct bg_session s = {.pid = 4711,
                           .starttime = 18446744073709551615u,
                           .audit = UINT32_MAX,
                           .kind = BG_SESSION_GRANT,
                           .opened = 1795435200,
                           .ends = 1795437000};

    (void)snprintf(s.person, sizeof s.person, "bob");
    (void)snprintf(s.account, sizeof s.account, "root");
    (void)snprintf(s.grant, sizeof s.grant, "K7Q4M2XP9D3F");
    (void)snprintf(s.rhost, sizeof s.rhost, "bad\nkind: door");
    return s;
}

static void sessions_come_back(void **state)
{
    struct scratch *s = *state;
    struct bg_list names bg_cleanup_(bg_list_free) = {0};
    struct bg_session in = example(), out;

    assert_int_equal(bg_session_names(&s->root, &names), 0);
    assert_int_equal(names.n, 0);
    assert_int_equal(bg_session_write(&s->root, &in), 0);
    assert_int_equal(bg_session_names(&s->root, &names), 0);
    assert_int_equal(names.n, 1);
    assert_string_equal(names.v[0], "4711.18446744073709551615");
    assert_int_equal(bg_session_read(&s->root, names.v[0], &out), 0);
    assert_int_equal(out.pid, 4711);
    assert_true(out.starttime == in.starttime && out.audit == UINT32_MAX);
    assert_int_equal(out.kind, BG_SESSION_GRANT);
    assert_string_equal(out.person, "bob");
    assert_string_equal(out.rhost, "bad kind: door");
    assert_string_equal(out.service, "");
    assert_int_equal(out.opened, in.opened);
    assert_int_equal(out.ends, in.ends);
    assert_int_equal(bg_session_drop(&s->root, 4711, in.starttime), 0);
    assert_int_equal(bg_session_read(&s->root, names.v[0], &out), -ENOENT);
}

/* Something else stands where /run's records should be, or it is full: /var takes them. */
static void sessions_fall_back(void **state)
{
    struct scratch *s = *state;
    struct bg_list names bg_cleanup_(bg_list_free) = {0};
    struct bg_session in = example(), out;

    assert_int_equal(scratch_folder(s, "run/breakglass"), 0);
    assert_int_equal(scratch_write(s, "run/breakglass/sessions", ""), 0);
    assert_int_equal(bg_session_write(&s->root, &in), 0);
    assert_int_equal(bg_session_read(&s->root, "4711.18446744073709551615", &out), 0);
    assert_string_equal(out.person, "bob");
    assert_int_equal(unlinkat(s->root.fd, "run/breakglass/sessions", 0), 0);
    assert_int_equal(bg_session_names(&s->root, &names), 0);
    assert_int_equal(names.n, 1);
    assert_string_equal(names.v[0], "4711.18446744073709551615");
    assert_int_equal(bg_session_drop(&s->root, 4711, in.starttime), 0);
    assert_int_equal(bg_session_drop(&s->root, 4711, in.starttime), -ENOENT);
    assert_int_equal(bg_session_read(&s->root, names.v[0], &out), -ENOENT);
}

static void refuses_other_records(void **state)
{
    static const char *const bad[] = {
        "pid: 1\nstart: 2\naudit: 3\nkind: door\nperson: a\x1b[2J\n",
        "pid: 1\nstart: 2\naudit: 3\nkind: door\ngrant: ../../etc\n",
        "pid: 1\nstart: 2\naudit: 3\nkind: door\nperson: \n",
        "",
        "pid: 1\n",
        "pid: 1\nstart: 2\naudit: 3\n",
        "pid: 1\nstart: 2\naudit: 3\nkind: king\n",
        "pid: 2\nstart: 2\naudit: 3\nkind: door\n", /* another process's */
        "pid: 1\nstart: 2\naudit: 3\nkind: door\nperson: a\nperson: b\n",
        "pid: 1\nstart: 2\naudit: -3\nkind: door\n",
        "pid: 1\nstart: 2\naudit: 3\nkind: door\nperson: a", /* cut off */
        "pid: 01\nstart: 2\naudit: 3\nkind: door\n",
        "start: 2\npid: 1\naudit: 3\nkind: door\n",
        "pid: 1\nstart: 2\naudit: 4294967296\nkind: door\n",
        "pid: 1\nstart: 2\naudit: 3\nkind: door\nuid: 0\n",
        "pid: 1\nstart: 2\naudit: 3\nkind: door\naccount: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
    };
    struct scratch *s = *state;
    struct bg_session out;

    assert_int_equal(scratch_folder(s, "run/breakglass/sessions"), 0);
    assert_int_equal(
        scratch_write(s, "run/breakglass/sessions/1.2", "pid: 1\nstart: 2\naudit: 3\nkind: door\n"), 0);
    assert_int_equal(bg_session_read(&s->root, "1.2", &out), 0);
    for (size_t i = 0; i < BG_COUNT(bad); i++) {
        assert_int_equal(scratch_write(s, "run/breakglass/sessions/1.2", bad[i]), 0);
        assert_int_equal(bg_session_read(&s->root, "1.2", &out), -EINVAL);
        assert_int_equal(out.pid, 0);
    }
    assert_int_equal(bg_session_read(&s->root, "../sessions/1.2", &out), -EINVAL);
}

static void knows_processes(void **state)
{
    uint64_t start = 0, again = 0;
    uint32_t audit = 0;
    pid_t parent = 0;

    (void)state;
    assert_int_equal(bg_process_start(getpid(), &start), 0);
    assert_int_equal(bg_process_start(getpid(), &again), 0);
    assert_true(start > 0 && start == again);
    assert_int_equal(bg_process_parent(getpid(), &parent), 0);
    assert_int_equal(parent, getppid());
    assert_int_equal(bg_process_start(0, &start), -ESRCH);
    assert_int_equal(bg_process_start(-1, &start), -ESRCH);
    assert_int_equal(bg_process_start(0x3fffffff, &start), -ESRCH);
    int r = bg_process_audit(getpid(), &audit);
    assert_true(r == 0 || r == -ESRCH); /* a kernel without audit has no such file */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keeps_and_gives_back, setup, teardown),
        cmocka_unit_test_setup_teardown(two_are_one_file, setup, teardown),
        cmocka_unit_test_setup_teardown(one_is_not_two, setup, teardown),
        cmocka_unit_test_setup_teardown(older_names, setup, teardown),
        cmocka_unit_test_setup_teardown(falls_back_to_var, setup, teardown),
        cmocka_unit_test_setup_teardown(nowhere_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(ignores_what_is_not_ours, setup, teardown),
        cmocka_unit_test_setup_teardown(writers_do_not_collide, setup, teardown),
        cmocka_unit_test_setup_teardown(sessions_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(sessions_fall_back, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_other_records, setup, teardown),
        cmocka_unit_test(knows_processes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
