/* SPDX-License-Identifier: ISC */
/* The bridge as a pump between two ends: what passes, when it ends, and how much it holds. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "console/door/bridge.h"

/* --- a clock that runs only while the bridge waits for nothing that comes --- */

static int64_t waited; /* ms */

/* What the other ends do when nothing is left to do for the bridge, before it waits. */
static void (*on_idle)(void);

int __real_poll(struct pollfd *fds, nfds_t n, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);
int __wrap_clock_gettime(clockid_t clock, struct timespec *t);

int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
    int r = __real_poll(fds, n, 0);

    if (r != 0)
        return r;
    if (on_idle) {
        void (*act)(void) = on_idle;

        on_idle = NULL;
        act();
        return __real_poll(fds, n, 0);
    }
    assert_true(timeout >= 0); /* it would wait for ever */
    waited += timeout;
    return 0;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *t)
{
    (void)clock;
    *t = (struct timespec){.tv_sec = waited / 1000, .tv_nsec = waited % 1000 * 1000000};
    return 0;
}

/* --- two ends --- */

static int in[2], out[2], bus[2]; /* the client writes in[1] and reads out[0], the broker has bus[1] */

static int setup(void **state)
{
    (void)state;
    (void)signal(SIGPIPE, SIG_IGN);
    waited = 0;
    on_idle = NULL;
    return pipe(in) | pipe(out) | socketpair(AF_UNIX, SOCK_STREAM, 0, bus);
}

static void shut(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

static int teardown(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        shut(&in[i]);
        shut(&out[i]);
        shut(&bus[i]);
    }
    return 0;
}

static void send_text(int fd, const char *text)
{
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void assert_text(int fd, const char *text)
{
    char got[256] = "";

    assert_true(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
    assert_int_equal(read(fd, got, sizeof got - 1), strlen(text));
    assert_string_equal(got, text);
}

static void broker_ends(void)
{
    shut(&bus[1]);
}

static void broker_answers_and_ends(void)
{
    send_text(bus[1], "answer");
    shut(&bus[1]);
}

/* --- */

/* Bytes of any kind pass, and the end of the input reaches the broker, whose answer still comes. */
static void the_input_ends(void **state)
{
    (void)state;
    send_text(in[1], "no D-Bus at all");
    shut(&in[1]);
    on_idle = broker_answers_and_ends;
    assert_int_equal(bridge_run(in[0], out[1], bus[0]), 0);
    assert_int_equal(waited, 0);
    assert_text(out[0], "answer");
}

static void check_end_and_answer(void)
{
    char got[64] = "";

    assert_int_equal(read(bus[1], got, sizeof got), 5);
    assert_string_equal(got, "bytes");
    assert_int_equal(read(bus[1], got, sizeof got), 0);
    broker_answers_and_ends();
}

static void the_broker_sees_the_end(void **state)
{
    (void)state;
    send_text(in[1], "bytes");
    shut(&in[1]);
    on_idle = check_end_and_answer;
    assert_int_equal(bridge_run(in[0], out[1], bus[0]), 0);
    assert_text(out[0], "answer");
}

/* What the broker said before it ended is passed on. */
static void the_broker_ends(void **state)
{
    (void)state;
    send_text(in[1], "bytes");
    on_idle = broker_answers_and_ends;
    assert_int_equal(bridge_run(in[0], out[1], bus[0]), -ECONNRESET);
    assert_text(out[0], "answer");
}

/* A broker that has no room ends before it says anything, with our bytes unread or before we sent any. */
static void the_broker_has_no_room(void **state)
{
    (void)state;
    send_text(in[1], "bytes");
    on_idle = broker_ends;
    assert_int_equal(bridge_run(in[0], out[1], bus[0]), -EUSERS);
}

static void the_broker_is_gone_already(void **state)
{
    (void)state;
    send_text(in[1], "bytes");
    broker_ends();
    assert_int_equal(bridge_run(in[0], out[1], bus[0]), -EUSERS);
}

static void nobody_reads_the_output(void **state)
{
    (void)state;
    send_text(bus[1], "answer");
    shut(&out[0]);
    assert_int_equal(bridge_run(in[0], out[1], bus[0]), -EPIPE);
}

/* Fills what the kernel holds between two ends. */
static size_t fill(int fd)
{
    static const char bytes[4096];
    ssize_t n;
    size_t all = 0;

    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    while ((n = write(fd, bytes, sizeof bytes)) > 0)
        all += (size_t)n;
    return all;
}

/* A broker that takes nothing, and a client that reads nothing: it ends after 30 seconds and has held one
 * buffer. */
static void the_broker_takes_nothing(void **state)
{
    int left = 0;

    (void)state;
    (void)fill(bus[0]);
    assert_true(fcntl(in[1], F_SETPIPE_SZ, 4 * BRIDGE_BYTES) >= 4 * BRIDGE_BYTES);
    size_t sent = fill(in[1]);

    assert_int_equal(bridge_run(in[0], out[1], bus[0]), -ETIMEDOUT);
    assert_int_equal(waited, BRIDGE_MS);
    for (char c[4096]; (left = (int)read(in[0], c, sizeof c)) > 0;)
        sent -= (size_t)left;
    assert_true(sent > 0 && sent <= BRIDGE_BYTES);
}

static void the_client_reads_nothing(void **state)
{
    (void)state;
    (void)fill(out[1]);
    send_text(bus[1], "answer");
    assert_int_equal(bridge_run(in[0], out[1], bus[0]), -ETIMEDOUT);
    assert_int_equal(waited, BRIDGE_MS);
}

/* A broker that takes everything just in time. */
static void take_late(void)
{
    char bytes[8192];

    waited += BRIDGE_MS - 1;
    assert_int_equal(fcntl(bus[1], F_SETFL, O_NONBLOCK), 0);
    while (read(bus[1], bytes, sizeof bytes) > 0)
        ;
}

static void the_broker_is_slow(void **state)
{
    (void)state;
    (void)fill(bus[0]);
    send_text(in[1], "bytes");
    on_idle = take_late; /* then the bytes go after all, and the end of the input */
    shut(&in[1]);
    assert_int_equal(bridge_run(in[0], out[1], bus[0]), -ETIMEDOUT);
    assert_int_equal(waited, 2 * BRIDGE_MS - 1);
}

static void the_broker_does_not_end(void **state)
{
    (void)state;
    shut(&in[1]);
    assert_int_equal(bridge_run(in[0], out[1], bus[0]), -ETIMEDOUT);
    assert_int_equal(waited, BRIDGE_MS);
}

static void silence(void)
{
    waited += 100 * BRIDGE_MS;
    on_idle = broker_ends;
}

static void silence_ends_nothing(void **state)
{
    (void)state;
    send_text(bus[1], "answer");
    on_idle = silence;
    assert_int_equal(bridge_run(in[0], out[1], bus[0]), -ECONNRESET);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(the_input_ends),           T(the_broker_sees_the_end),    T(the_broker_ends),
        T(the_broker_has_no_room),   T(the_broker_is_gone_already), T(nobody_reads_the_output),
        T(the_broker_takes_nothing), T(the_client_reads_nothing),   T(the_broker_is_slow),
        T(the_broker_does_not_end),  T(silence_ends_nothing),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
