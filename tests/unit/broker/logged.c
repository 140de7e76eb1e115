/* SPDX-License-Identifier: ISC */
/* The signals, over a real socket. Logged: once for all that came together, soon, and not piled up for who
 * does not read. Changed: each, in order, and who reads slowly costs no memory and is ended at last. */
#include "broker/api/api.h"
#include "broker/bus/changes.h"
#include "tests/kit/scratch.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include <cmocka.h>

#define ONE "K7Q4M2XP9D3F"
#define OTHER "0123456789AB"
#define MILLISECOND 1000ULL

/* --- a server and one client, in one loop --- */

struct world {
    struct scratch s;
    struct broker b;
    sd_bus *client;
    bool answered;
    unsigned logged;        /* signals that came */
    char grant[BG_ID_SIZE]; /* of the last of them */
    unsigned changed;       /* likewise, of Changed */
    bool lost;
};

static uint64_t monotonic(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000ULL + (uint64_t)t.tv_nsec / 1000;
}

static void run_for(struct world *w, uint64_t usec)
{
    uint64_t end = monotonic() + usec;

    for (uint64_t now; (now = monotonic()) < end;)
        assert_true(sd_event_run(w->b.event, end - now) >= 0);
}

/* Changes carry their number as the person's name (change). */
static void take_change(struct world *w, sd_bus_message *m)
{
    const char *person = NULL, *id = NULL, *state = NULL;
    unsigned number = 0;

    assert_true(sd_bus_message_read(m, "sss", &person, &id, &state) >= 0);
    assert_int_equal(sscanf(person, "p%u", &number), 1);
    assert_int_equal(number, w->changed);
    assert_string_equal(id, ONE);
    assert_string_equal(state, "open");
    w->changed++;
}

static int on_message(sd_bus_message *m, void *arg, sd_bus_error *error)
{
    struct world *w = arg;
    const char *grant = NULL;

    (void)error;
    if (sd_bus_message_is_signal(m, "org.freedesktop.DBus.Local", "Disconnected"))
        w->lost = true;
    if (sd_bus_message_is_signal(m, BG_BUS_INTERFACE, bg_signal_names[BG_SIGNAL_CHANGED]))
        take_change(w, m);
    if (!sd_bus_message_is_signal(m, BG_BUS_INTERFACE, bg_signal_names[BG_SIGNAL_LOGGED]))
        return 0;
    assert_true(sd_bus_message_read(m, "s", &grant) >= 0);
    assert_true(strlen(grant) < sizeof w->grant);
    (void)strcpy(w->grant, grant);
    w->logged++;
    return 0;
}

static int on_answer(sd_bus_message *m, void *arg, sd_bus_error *error)
{
    struct world *w = arg;

    (void)error;
    assert_false(sd_bus_message_is_method_error(m, NULL));
    w->answered = true;
    return 0;
}

static void watch(struct world *w, int on)
{
    w->answered = false;
    assert_true(sd_bus_call_method_async(w->client, NULL, NULL, BG_BUS_PATH, BG_BUS_INTERFACE, "Watch",
                                         on_answer, w, "b", on) >= 0);
    for (unsigned i = 0; i < 100 && !w->answered; i++)
        run_for(w, 10 * MILLISECOND);
    assert_true(w->answered);
}

static int listen_in(const struct scratch *s, struct sockaddr_un *at)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    *at = (struct sockaddr_un){.sun_family = AF_UNIX};
    (void)snprintf(at->sun_path, sizeof at->sun_path, "%s/bus", s->path);
    if (fd < 0 || bind(fd, (struct sockaddr *)at, sizeof *at) < 0 || listen(fd, 4) < 0)
        return -errno;
    return fd;
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    struct sockaddr_un at;
    char address[160];
    int fd;

    *state = w;
    if (w == NULL || scratch_make(&w->s) < 0 || (fd = listen_in(&w->s, &at)) < 0)
        return -1;
    w->b.site.root = w->s.root;
    (void)snprintf(address, sizeof address, "unix:path=%s", at.sun_path);
    if (sd_event_new(&w->b.event) < 0 || server_new(&w->b.server, &w->b, fd, api_attach) < 0 ||
        sd_bus_new(&w->client) < 0 || sd_bus_set_address(w->client, address) < 0 ||
        sd_bus_start(w->client) < 0 || sd_bus_attach_event(w->client, w->b.event, 0) < 0)
        return -1;
    return sd_bus_add_filter(w->client, NULL, on_message, w) < 0 ? -1 : 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    w->client = sd_bus_close_unref(w->client);
    server_free(w->b.server);
    w->b.event = sd_event_unref(w->b.event);
    scratch_drop(&w->s);
    free(w);
    return 0;
}

/* Events that come together, and what is said of them. */
static void assert_said(struct world *w, const char *const events[], const char *said)
{
    w->logged = 0;
    for (; *events != NULL; events++)
        server_logged(w->b.server, *events);
    run_for(w, 300 * MILLISECOND);
    assert_int_equal(w->logged, 1);
    assert_string_equal(w->grant, said);
}

static void once_for_all(void **state)
{
    struct world *w = *state;

    watch(w, 1);
    assert_said(w, (const char *const[]){ONE, NULL}, ONE);
    assert_said(w, (const char *const[]){OTHER, OTHER, OTHER, NULL}, OTHER);
    assert_said(w, (const char *const[]){ONE, OTHER, NULL}, "");
    assert_said(w, (const char *const[]){ONE, OTHER, ONE, NULL}, "");
    assert_said(w, (const char *const[]){"", ONE, "", NULL}, ONE);
    assert_said(w, (const char *const[]){"", NULL}, "");
    assert_said(w, (const char *const[]){"no\xff grant", NULL}, ""); /* the gate's records are not trusted */
    w->logged = 0;
    run_for(w, 300 * MILLISECOND);
    assert_int_equal(w->logged, 0);
}

static void not_too_often(void **state)
{
    struct world *w = *state;

    watch(w, 1);
    for (unsigned i = 0; i < 100; i++) {
        server_logged(w->b.server, NULL);
        run_for(w, 10 * MILLISECOND);
    }
    assert_true(w->logged >= 1 && w->logged <= 6);
}

static void only_to_who_watches(void **state)
{
    struct world *w = *state;

    watch(w, 0);
    server_logged(w->b.server, ONE);
    run_for(w, 300 * MILLISECOND);
    assert_int_equal(w->logged, 0);
    watch(w, 1);
    server_logged(w->b.server, ONE);
    watch(w, 0); /* what was not said yet is not said any more */
    run_for(w, 300 * MILLISECOND);
    assert_int_equal(w->logged, 0);
}

static void change(struct world *w, unsigned from, unsigned n)
{
    char person[16];

    for (unsigned i = from; i < from + n; i++) {
        (void)snprintf(person, sizeof person, "p%u", i);
        server_changed(w->b.server, person, ONE, BG_STATE_OPEN);
    }
}

static void wait_for_changes(struct world *w, unsigned n)
{
    for (unsigned i = 0; i < 1000 && w->changed < n; i++)
        run_for(w, 10 * MILLISECOND);
}

/* Who reads nothing for a while is told once, afterwards. */
static void nothing_piles_up(void **state)
{
    struct world *w = *state;

    watch(w, 1);
    assert_true(sd_bus_detach_event(w->client) >= 0);
    for (unsigned i = 0; i < 6000; i++) { /* more than the sockets hold */
        change(w, i, 1);
        if (i % 100 == 0)
            run_for(w, MILLISECOND);
    }
    for (unsigned i = 0; i < 10; i++) {
        server_logged(w->b.server, i % 2 == 0 ? ONE : OTHER);
        run_for(w, 100 * MILLISECOND);
    }
    assert_true(sd_bus_attach_event(w->client, w->b.event, 0) >= 0);
    wait_for_changes(w, 6000);
    run_for(w, 300 * MILLISECOND);
    assert_int_equal(w->logged, 1);
    assert_string_equal(w->grant, "");
}

/* However much changes at once: a policy that does not parse changes every grant. */
static void who_reads_misses_nothing(void **state)
{
    struct world *w = *state;

    watch(w, 1);
    change(w, 0, CHANGES_MAX);
    wait_for_changes(w, CHANGES_MAX);
    assert_int_equal(w->changed, CHANGES_MAX);
    change(w, CHANGES_MAX, 10);
    wait_for_changes(w, CHANGES_MAX + 10);
    assert_int_equal(w->changed, CHANGES_MAX + 10);
    assert_false(w->lost);
}

/* What happened before the watch, and after it, is not told. */
static void only_while_it_watches(void **state)
{
    struct world *w = *state;

    watch(w, 0);
    change(w, 5, 5);
    watch(w, 1);
    change(w, 0, 5);
    watch(w, 1); /* again: nothing is forgotten for that */
    wait_for_changes(w, 5);
    assert_int_equal(w->changed, 5);
    watch(w, 0);
    change(w, 5, 5);
    run_for(w, 100 * MILLISECOND);
    assert_int_equal(w->changed, 5);
}

static void who_reads_late_is_told_late(void **state)
{
    struct world *w = *state;

    watch(w, 1);
    assert_true(sd_bus_detach_event(w->client) >= 0);
    for (unsigned i = 0; i < 100; i++) {
        change(w, i * 150, 150);
        run_for(w, MILLISECOND);
    }
    assert_true(sd_bus_attach_event(w->client, w->b.event, 0) >= 0);
    wait_for_changes(w, 15000);
    assert_int_equal(w->changed, 15000);
    assert_false(w->lost);
}

/* Reads nothing, or a byte now and then, which keeps its deadline away. */
static void who_falls_behind_is_ended(void **state)
{
    struct world *w = *state;

    watch(w, 1);
    assert_true(sd_bus_detach_event(w->client) >= 0);
    size_t before = mallinfo2().uordblks; /* 0 where another allocator is in its place */

    for (unsigned i = 0; i < 100; i++) {
        change(w, i * 1000, 1000);
        run_for(w, MILLISECOND);
    }
    assert_true(mallinfo2().uordblks < before + 1024UL * 1024);
    assert_true(sd_bus_attach_event(w->client, w->b.event, 0) >= 0);
    for (unsigned i = 0; i < 50 && !w->lost; i++)
        run_for(w, 100 * MILLISECOND);
    assert_true(w->lost);
    assert_true(w->changed < CHANGES_MAX);
}

/* A stranger's bytes end the connection, and during the authentication with the reason. */
static void noise_is_told_why(void **state)
{
    struct world *w = *state;
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    char got[128] = "";
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s/bus", w->s.path);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(write(fd, "GET / HTTP/1.0\r\n", 16), 16);
    run_for(w, 20 * MILLISECOND);
    assert_true(read(fd, got, sizeof got - 1) > 0);
    assert_string_equal(got, "ERROR this is not D-Bus\r\n");
    assert_int_equal(read(fd, got, sizeof got), 0);
    assert_int_equal(close(fd), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(noise_is_told_why),
        T(once_for_all),
        T(not_too_often),
        T(only_to_who_watches),
        T(nothing_piles_up),
        T(who_reads_misses_nothing),
        T(only_while_it_watches),
        T(who_reads_late_is_told_late),
        T(who_falls_behind_is_ended),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
