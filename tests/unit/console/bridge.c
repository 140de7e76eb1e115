/* SPDX-License-Identifier: ISC */
/* The bridge's framing, and the bridge between two ends. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "console/door/bridge.h"
#include "console/door/frames.h"

/* A message in little or big endian with so many bytes of header fields and body. */
static size_t message(unsigned char *out, char endian, uint32_t fields, uint32_t body)
{
    size_t whole = 16 + ((fields + 7) & ~7u) + body;

    memset(out, 'x', whole);
    memset(out, 0, 16);
    out[0] = (unsigned char)endian;
    out[3] = 1;
    for (unsigned i = 0; i < 4; i++) {
        unsigned shift = endian == 'l' ? 8 * i : 8 * (3 - i);

        out[4 + i] = (unsigned char)(body >> shift);
        out[12 + i] = (unsigned char)(fields >> shift);
    }
    return whole;
}

/* Feeds bytes[0..n) in pieces of `step` and collects what comes through. The length, or -errno. */
static ssize_t through(struct frames *f, const unsigned char *bytes, size_t n, size_t step,
                       unsigned char *out)
{
    size_t len = 0;

    for (size_t at = 0; at < n;) {
        size_t room, take = n - at < step ? n - at : step;
        unsigned char *space = bridge_frames_space(f, &room);
        int r;

        assert_true(room > 0);
        take = take < room ? take : room;
        memcpy(space, bytes + at, take);
        at += take;
        r = bridge_frames_added(f, take);
        while (r >= 0 && f->ready) {
            memcpy(out + len, f->bytes, f->ready);
            len += f->ready;
            r = bridge_frames_passed(f);
        }
        if (r < 0)
            return r;
    }
    return (ssize_t)len;
}

static const char greeting[] = "\0AUTH EXTERNAL 30\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n";

static void whole_pieces_pass_in_any_cut(void **state)
{
    static struct frames f;
    unsigned char in[4096], out[4096];
    size_t n = sizeof(greeting) - 1;

    (void)state;
    memcpy(in, greeting, n);
    n += message(in + n, 'l', 61, 17);
    n += message(in + n, 'B', 8, 0);
    for (size_t step = 1; step <= n; step++) {
        bridge_frames_begin(&f, true);
        assert_int_equal(through(&f, in, n, step, out), n);
        assert_memory_equal(in, out, n);
        assert_false(bridge_frames_half(&f));
    }
}

static void the_server_side_passes(void **state)
{
    static struct frames f;
    static const char lines[] = "DATA\r\nOK 0123456789abcdef0123456789abcdef\r\nAGREE_UNIX_FD\r\n";
    unsigned char in[4096], out[4096];
    size_t n = sizeof(lines) - 1;

    (void)state;
    memcpy(in, lines, n);
    n += message(in + n, 'l', 40, 100);
    bridge_frames_begin(&f, false);
    assert_int_equal(through(&f, in, n, 7, out), n);
    assert_memory_equal(in, out, n);
    assert_true(f.began);
}

static void half_a_message_does_not_pass(void **state)
{
    static struct frames f;
    unsigned char in[4096], out[4096];
    size_t n = sizeof(greeting) - 1, whole;

    (void)state;
    memcpy(in, greeting, n);
    whole = message(in + n, 'l', 8, 500);
    bridge_frames_begin(&f, true);
    assert_int_equal(through(&f, in, n + whole - 1, 64, out), n);
    assert_true(bridge_frames_half(&f));
}

static void bounds_hold(void **state)
{
    static struct frames f;
    static unsigned char in[2 * FRAME_MAX], out[2 * FRAME_MAX];
    size_t n = sizeof(greeting) - 1, whole;

    (void)state;
    memcpy(in, greeting, n);
    whole = message(in + n, 'l', 8, FRAME_MAX - 24);
    bridge_frames_begin(&f, true);
    assert_int_equal(through(&f, in, n + whole, 4096, out), n + FRAME_MAX);
    (void)message(in + n, 'l', 8, FRAME_MAX - 23);
    bridge_frames_begin(&f, true);
    assert_int_equal(through(&f, in, n + 16, 4096, out), -EBADMSG);
    /* Lengths that would wrap around in 32 bits. */
    (void)message(in + n, 'l', 0, 0);
    memset(in + n + 4, 0xff, 4);
    memset(in + n + 12, 0xff, 4);
    bridge_frames_begin(&f, true);
    assert_int_equal(through(&f, in, n + 16, 4096, out), -EBADMSG);
}

static void what_is_no_dbus_ends(void **state)
{
    static struct frames f;
    unsigned char in[4096], out[16384];
    size_t n = sizeof(greeting) - 1;

    (void)state;
    bridge_frames_begin(&f, true);
    assert_int_equal(through(&f, (const unsigned char *)"GET / HTTP/1.0\r\n", 16, 16, out), -EBADMSG);
    memcpy(in, greeting, n);
    (void)message(in + n, 'l', 8, 8);
    in[n + 3] = 2;
    bridge_frames_begin(&f, true);
    assert_int_equal(through(&f, in, n + 32, 4096, out), -EBADMSG);
    in[n] = 'x';
    bridge_frames_begin(&f, true);
    assert_int_equal(through(&f, in, n + 32, 4096, out), -EBADMSG);
    memset(in, 'A', sizeof(in));
    in[0] = 0;
    bridge_frames_begin(&f, true);
    assert_int_equal(through(&f, in, sizeof(in), 4096, out), -EBADMSG);
    for (size_t i = 1; i + 1 < 64; i += 2)
        memcpy(in + i, "\r\n", 2);
    bridge_frames_begin(&f, true);
    assert_int_equal(through(&f, in, 64, 64, out), -EBADMSG);
}

struct ends {
    int in, out, socket, r;
};

static void *run(void *arg)
{
    struct ends *ends = arg;

    ends->r = bridge_run(ends->in, ends->out, ends->socket);
    close(ends->out);
    close(ends->socket);
    return NULL;
}

static size_t read_n(int fd, unsigned char *out, size_t n)
{
    size_t have = 0;
    ssize_t got;

    while (have < n && (got = read(fd, out + have, n - have)) > 0)
        have += (size_t)got;
    return have;
}

/* A broker that has no room closes before it says anything: that is another end than the client's own. */
static void let_go_at_once(void **state)
{
    int client[2], broker[2];

    (void)state;
    (void)signal(SIGPIPE, SIG_IGN);
    for (int first = 0; first < 2; first++) {
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, client), 0);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, broker), 0);
        assert_int_equal(write(client[0], greeting, sizeof(greeting) - 1), sizeof(greeting) - 1);
        if (first == 0)
            assert_int_equal(close(broker[1]), 0);
        else
            assert_int_equal(shutdown(client[0], SHUT_WR), 0);
        assert_int_equal(bridge_run(client[1], client[1], broker[0]), first == 0 ? -EUSERS : 0);
        (void)close(client[0]);
        (void)close(client[1]);
        (void)close(broker[0]);
        if (first == 1)
            (void)close(broker[1]);
    }
}

static void both_ends_speak(void **state)
{
    int in[2], out[2], bus[2];
    unsigned char bytes[1024], got[1024];
    struct ends ends;
    pthread_t thread;
    size_t n = sizeof(greeting) - 1, whole;

    (void)state;
    assert_int_equal(pipe(in) | pipe(out) | socketpair(AF_UNIX, SOCK_STREAM, 0, bus), 0);
    ends = (struct ends){in[0], out[1], bus[0], 0};
    assert_int_equal(pthread_create(&thread, NULL, run, &ends), 0);
    memcpy(bytes, greeting, n);
    whole = message(bytes + n, 'l', 8, 100);
    assert_int_equal(write(in[1], bytes, n + whole), n + whole);
    assert_int_equal(read_n(bus[1], got, n + whole), n + whole);
    assert_memory_equal(bytes, got, n + whole);
    assert_int_equal(write(bus[1], "OK\r\n", 4), 4);
    whole = message(bytes, 'l', 16, 60);
    assert_int_equal(write(bus[1], bytes, whole), whole);
    assert_int_equal(read_n(out[0], got, 4 + whole), 4 + whole);
    assert_memory_equal(bytes, got + 4, whole);
    /* Half a message and the end: the broker sees none of it. */
    (void)message(bytes, 'l', 8, 100);
    assert_int_equal(write(in[1], bytes, 50), 50);
    close(in[1]);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(ends.r, 0);
    assert_int_equal(read_n(bus[1], got, 1), 0);
    close(in[0]);
    close(out[0]);
    close(bus[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_pieces_pass_in_any_cut),
        cmocka_unit_test(the_server_side_passes),
        cmocka_unit_test(half_a_message_does_not_pass),
        cmocka_unit_test(bounds_hold),
        cmocka_unit_test(what_is_no_dbus_ends),
        cmocka_unit_test(let_go_at_once),
        cmocka_unit_test(both_ends_speak),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
