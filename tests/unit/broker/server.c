/* SPDX-License-Identifier: ISC */
/* How many connections there may be, how long one may take, and that one that does not read costs nothing:
 * over a real socket, with a clock that is set ahead. */
#include "broker/api/api.h"
#include "tests/kit/scratch.h"

#include "policy/base/clock.h"
#include "policy/record/spool.h"

#include <poll.h>
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

#define LARGE 60000     /* bytes of one answer */
#define ANSWERS_HELD 16 /* more of them than sockets and buffers take */

static struct scratch s;
static struct broker b;
static unsigned calls; /* that were served */

static int on_large(sd_bus_message *m, void *arg, sd_bus_error *error)
{
    static char text[LARGE + 1];

    (void)arg;
    (void)error;
    calls++;
    memset(text, 'x', LARGE);
    return sd_bus_reply_method_return(m, "s", text);
}

static const sd_bus_vtable wordy[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Large", "", "s", on_large, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

static int attach(struct conn *c)
{
    int r = api_attach(c);

    return r < 0 ? r : sd_bus_add_object_vtable(c->bus, NULL, BG_BUS_PATH, "test.Large", wordy, c);
}

static struct sockaddr_un at;

static int setup(void **state)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    (void)state;
    ahead = 0;
    calls = 0;
    b = (struct broker){0};
    at = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (fd < 0 || scratch_make(&s) < 0)
        return -1;
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s/bus", s.path);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(fd, 64) < 0)
        return -1;
    b.site.root = s.root;
    return sd_event_new(&b.event) < 0 || server_new(&b.server, &b, fd, attach) < 0 ? -1 : 0;
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

/* Until there is nothing to do: both ends are in this process, so what was sent has arrived. */
static void settle(void)
{
    int r;

    while ((r = sd_event_run(b.event, 0)) > 0)
        ;
    assert_int_equal(r, 0);
}

static int come(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    assert_true(fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0);
    settle();
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
    settle();
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
    settle();
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

/* --- of all people together --- */

/* From here on we come as that person, in a session of theirs; NULL: as ourselves, who are root here. */
static void come_as(const char *person)
{
    struct bg_session rec = {.pid = getpid(), .audit = UINT32_MAX, .kind = BG_SESSION_DOOR};

    assert_int_equal(bg_process_start(rec.pid, &rec.starttime), 0);
    if (!person) {
        assert_int_equal(bg_session_drop(&s.root, rec.pid, rec.starttime), 0);
        return;
    }
    (void)snprintf(rec.person, sizeof rec.person, "%s", person);
    (void)snprintf(rec.account, sizeof rec.account, "breakglass");
    (void)snprintf(rec.service, sizeof rec.service, "sshd");
    assert_int_equal(bg_session_write(&s.root, &rec), 0);
}

static void sixty_four_of_all(void **state)
{
    char person[16];
    int fds[64];

    (void)state;
    for (unsigned i = 0; i < 64; i++) {
        (void)snprintf(person, sizeof person, "person%u", i / 4);
        come_as(person);
        fds[i] = come();
        assert_true(is_open(fds[i]));
    }
    come_as("another");
    int more = come();

    assert_false(is_open(more));
    (void)close(more);
    /* Root's come on top: a crowd keeps nobody from closing it. */
    come_as(NULL);
    more = come();
    assert_true(is_open(more));
    (void)close(more);
    (void)close(fds[0]);
    settle();
    come_as("another");
    fds[0] = come();
    assert_true(is_open(fds[0]));
    for (unsigned i = 0; i < 64; i++)
        (void)close(fds[i]);
    come_as(NULL);
}

/* --- one that does not read --- */

struct bytes {
    char v[65536];
    size_t n;
};

static void put(struct bytes *to, size_t align, const void *bytes, size_t n)
{
    while (to->n % align != 0)
        to->v[to->n++] = '\0';
    memcpy(to->v + to->n, bytes, n);
    to->n += n;
}

static void put_number(struct bytes *to, uint32_t number)
{
    put(to, 4, &number, sizeof number);
}

/* One field of a header: its code, the signature of its value, and that. */
static void put_field(struct bytes *to, char code, char type, const char *value)
{
    const char begin[] = {code, 1, type, '\0'};

    put(to, 8, begin, sizeof begin);
    put_number(to, (uint32_t)strlen(value));
    put(to, 1, value, strlen(value) + 1);
}

/* A call of the method that answers at length, as the D-Bus specification has messages. */
static void put_call(struct bytes *to, uint32_t serial)
{
    const char order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 'l' : 'B';
    const char begin[] = {order, 1, 0, 1};

    put(to, 8, begin, sizeof begin);
    put_number(to, 0);
    put_number(to, serial);
    size_t length = to->n;

    put_number(to, 0);
    put_field(to, 1, 'o', BG_BUS_PATH);
    put_field(to, 2, 's', "test.Large");
    put_field(to, 3, 's', "Large");
    uint32_t n = (uint32_t)(to->n - length - 4);

    memcpy(to->v + length, &n, sizeof n);
    put(to, 8, "", 0);
}

/* Calls that many times, in one piece. */
static void call_at_once(int fd, unsigned n)
{
    static struct bytes out;

    out.n = 0;
    for (unsigned i = 0; i < n; i++)
        put_call(&out, i + 1);
    assert_true(out.n < sizeof out.v);
    send_bytes(fd, out.v, out.n);
}

static void one_call_at_a_time(void **state)
{
    static char bytes[65536];
    size_t got = 0;
    int fd = come();

    (void)state;
    authenticate(fd);
    call_at_once(fd, 300);
    assert_in_range(calls, 1, ANSWERS_HELD);
    for (uint64_t until = bg_monotonic() + 60 * SECOND;
         got < 300 * (size_t)LARGE && bg_monotonic() < until;) {
        ssize_t n = read(fd, bytes, sizeof bytes);

        if (n > 0) {
            got += (size_t)n;
            /* What it has read makes room for as much, and no more. */
            assert_true(calls <= got / LARGE + ANSWERS_HELD);
        } else
            assert_true(sd_event_run(b.event, SECOND) >= 0);
    }
    assert_true(got > 300 * (size_t)LARGE);
    assert_int_equal(calls, 300);
    (void)close(fd);
}

/* Without reading what is there. */
static bool is_hung_up(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLRDHUP};

    return poll(&p, 1, 0) == 1;
}

/* Until the server has looked at all connections: it ends one that does not authenticate. */
static void look(void)
{
    int slow = come();

    ahead += 11;
    for (unsigned i = 0; i < 100 && is_open(slow); i++)
        assert_true(sd_event_run(b.event, SECOND / 10) >= 0);
    assert_false(is_open(slow));
    (void)close(slow);
}

static void unread_answers_end_it(void **state)
{
    int idle = come(), deaf = come();

    (void)state;
    authenticate(idle);
    authenticate(deaf);
    call_at_once(deaf, 100);
    ahead = 6;
    look(); /* at 17 s, and what the test takes */
    assert_false(is_hung_up(deaf));
    look(); /* at 28 s */
    assert_true(is_hung_up(deaf));
    assert_true(is_open(idle));
    (void)close(idle);
    (void)close(deaf);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(four_of_one_uid),        T(sixteen_of_root),         T(the_authentication_takes_too_long),
        T(half_a_message_ends_it), T(a_large_message_ends_it), T(sixty_four_of_all),
        T(one_call_at_a_time),     T(unread_answers_end_it),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
