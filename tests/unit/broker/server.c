/* SPDX-License-Identifier: ISC */
/* How many connections there may be, and how long one may take: over a real socket, with a clock that is set
 * ahead. */
#include "broker/api/api.h"
#include "tests/kit/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include <cmocka.h>

#define SECOND 1000000ULL

/* --- the broker's clock --- */

static time_t ahead; /* seconds */

int __real_clock_gettime(clockid_t clock, struct timespec *t);
int __wrap_clock_gettime(clockid_t clock, struct timespec *t);

int __wrap_clock_gettime(clockid_t clock, struct timespec *t)
{
    int r = __real_clock_gettime(clock, t);

    t->tv_sec += ahead;
    return r;
}

/* --- a server, and clients that are only sockets --- */

static struct scratch s;
static struct broker b;
static struct sockaddr_un at;

static int setup(void **state)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    (void)state;
    ahead = 0;
    b = (struct broker){0};
    at = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (fd < 0 || scratch_make(&s) < 0)
        return -1;
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s/bus", s.path);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(fd, 64) < 0)
        return -1;
    b.site.root = s.root;
    return sd_event_new(&b.event) < 0 || server_new(&b.server, &b, fd, api_attach) < 0 ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    server_free(b.server);
    b.event = sd_event_unref(b.event);
    scratch_drop(&s);
    return 0;
}

/* Until nothing happens any more, and at least for that long. */
static void run_for(uint64_t usec)
{
    struct timespec t;

    (void)__real_clock_gettime(CLOCK_MONOTONIC, &t);
    for (uint64_t start = (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec / 1000, now = start;
         now < start + usec; now = (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec / 1000) {
        assert_true(sd_event_run(b.event, start + usec - now) >= 0);
        (void)__real_clock_gettime(CLOCK_MONOTONIC, &t);
    }
}

static int come(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    assert_true(fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0);
    run_for(SECOND / 50);
    return fd;
}

static bool is_open(int fd)
{
    char bytes[4096];
    ssize_t n;

    while ((n = read(fd, bytes, sizeof bytes)) > 0)
        ;
    return n < 0 && errno == EAGAIN;
}

static void send_bytes(int fd, const char *bytes, size_t n)
{
    assert_int_equal(write(fd, bytes, n), n);
    run_for(SECOND / 50);
}

static void authenticate(int fd)
{
    static const char auth[] = "\0AUTH ANONYMOUS\r\nBEGIN\r\n";

    send_bytes(fd, auth, sizeof auth - 1);
    assert_true(is_open(fd));
}

/* One that ends makes room for one more. */
static void assert_room(unsigned n)
{
    int fds[32];

    for (unsigned i = 0; i < n; i++) {
        fds[i] = come();
        assert_true(is_open(fds[i]));
    }
    int more = come();

    assert_false(is_open(more));
    (void)close(more);
    (void)close(fds[0]);
    run_for(SECOND / 50);
    fds[0] = come();
    assert_true(is_open(fds[0]));
    for (unsigned i = 0; i < n; i++)
        (void)close(fds[i]);
}

static void four_of_one_uid(void **state)
{
    (void)state;
    b.site.root.owner++; /* we are somebody */
    assert_room(4);
}

static void sixteen_of_root(void **state)
{
    (void)state;
    assert_room(16);
}

static void the_authentication_takes_too_long(void **state)
{
    char got[128] = "";
    int quick = come(), slow = come();

    (void)state;
    authenticate(quick);
    send_bytes(slow, "\0AUTH", 5);
    ahead = 8;
    run_for(SECOND + SECOND / 5);
    assert_true(is_open(slow));
    ahead = 11;
    run_for(SECOND + SECOND / 5);
    assert_true(read(slow, got, sizeof got - 1) > 0);
    assert_string_equal(got, "ERROR the authentication took too long\r\n");
    assert_false(is_open(slow));
    assert_true(is_open(quick));
    (void)close(quick);
    (void)close(slow);
}

static void half_a_message_ends_it(void **state)
{
    static const char half[] = "l\1\0\1\20\0\0\0\1\0\0\0\0";
    int half_way = come(), idle = come();

    (void)state;
    authenticate(half_way);
    authenticate(idle);
    send_bytes(half_way, half, sizeof half - 1);
    ahead = 8;
    run_for(SECOND + SECOND / 5);
    assert_true(is_open(half_way));
    ahead = 12;
    run_for(SECOND + SECOND / 5);
    assert_false(is_open(half_way));
    assert_true(is_open(idle));
    ahead = 1810;
    run_for(SECOND + SECOND / 5);
    assert_false(is_open(idle));
    (void)close(half_way);
    (void)close(idle);
}

static void a_large_message_ends_it(void **state)
{
    static const char large[] = "l\1\0\1\0\0\1\0\1\0\0\0\0\0\0\0"; /* a body of 64 KiB, after the header */
    int fd = come();

    (void)state;
    authenticate(fd);
    send_bytes(fd, large, sizeof large - 1);
    assert_false(is_open(fd));
    (void)close(fd);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(four_of_one_uid),        T(sixteen_of_root),         T(the_authentication_takes_too_long),
        T(half_a_message_ends_it), T(a_large_message_ends_it),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
