/* SPDX-License-Identifier: ISC */
/* The broker's pure parts: frames, whose process it is, scopes, terminals, the chain's state. */
#include "broker/journal/chain.h"
#include "broker/bus/frames.h"
#include "broker/bus/peer.h"
#include "broker/sessions/procs.h"
#include "broker/bus/rates.h"
#include "broker/grants/usage.h"
#include "tests/kit/scratch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <cmocka.h>

/* --- frames --- */

static void feed(struct frames *f, const void *bytes, size_t n)
{
    const unsigned char *from = bytes;

    while (n > 0) {
        unsigned char *to = NULL;
        size_t room = 0;

        assert_int_equal(frames_room(f, &to, &room), 0);
        assert_true(room > 0);
        if (room > n)
            room = n;
        memcpy(to, from, room);
        frames_filled(f, room);
        from += room;
        n -= room;
    }
}

static void authenticate(struct frames *f)
{
    static const char auth[] = "\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n";
    static const size_t lengths[] = {1, 15, 6, 7};
    size_t n = 0;

    feed(f, auth, sizeof auth - 1);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(frames_next(f, &n), 1);
        assert_int_equal(n, lengths[i]);
        frames_drop(f, n);
    }
    assert_true(f->messages);
}

/* A method call's fixed header, little endian. */
static void header(unsigned char h[16], char order, unsigned char type, uint32_t body, uint32_t fields)
{
    memset(h, 0, 16);
    h[0] = (unsigned char)order;
    h[1] = type;
    h[3] = 1;
    for (unsigned i = 0; i < 4; i++) {
        unsigned shift = order == 'l' ? 8 * i : 8 * (3 - i);

        h[4 + i] = (unsigned char)(body >> shift);
        h[12 + i] = (unsigned char)(fields >> shift);
    }
}

static int judge(char order, unsigned char type, uint32_t body, uint32_t fields, size_t *n)
{
    struct frames f = {0};
    unsigned char h[16];

    authenticate(&f);
    header(h, order, type, body, fields);
    feed(&f, h, sizeof h);
    int r = frames_next(&f, n);

    frames_free(&f);
    return r;
}

static void bounds_frames(void **state)
{
    size_t n = 0;

    (void)state;
    assert_int_equal(judge('l', 1, 10, 5, &n), 0); /* more is to come */
    assert_int_equal(n, 16 + 8 + 10);
    assert_int_equal(judge('B', 1, 10, 5, &n), 0);
    assert_int_equal(n, 16 + 8 + 10);
    assert_int_equal(judge('l', 1, 0, 0, &n), 1);
    assert_int_equal(judge('l', 1, FRAME_MAX - 16, 0, &n), 0);
    assert_int_equal(judge('l', 1, FRAME_MAX - 15, 0, &n), -EMSGSIZE);
    assert_int_equal(judge('l', 1, 0, FRAME_MAX - 15, &n), -EMSGSIZE);
    assert_int_equal(judge('l', 1, UINT32_MAX, UINT32_MAX, &n), -EMSGSIZE);
    assert_int_equal(judge('l', 1, 1U << 27, 0, &n), -EMSGSIZE);
    assert_int_equal(judge('l', 2, 0, 0, &n), -EBADMSG); /* a reply */
    assert_int_equal(judge('l', 4, 0, 0, &n), -EBADMSG); /* a signal */
    assert_int_equal(judge('x', 1, 0, 0, &n), -EBADMSG);
}

static void bounds_the_authentication(void **state)
{
    struct frames f = {0};
    char line[FRAME_AUTH_LINE + 1];
    size_t n = 0;

    (void)state;
    feed(&f, "A", 1);
    assert_int_equal(frames_next(&f, &n), -EBADMSG); /* no NUL first */
    frames_free(&f);
    feed(&f, "\0AUTH", 5);
    frames_drop(&f, 1);
    assert_int_equal(frames_next(&f, &n), 0);
    memset(line, 'x', sizeof line);
    feed(&f, line, sizeof line);
    assert_int_equal(frames_next(&f, &n), -EMSGSIZE);
    frames_free(&f);
    feed(&f, "\0", 1);
    frames_drop(&f, 1);
    for (unsigned i = 0; i < FRAME_AUTH_LINES; i++) {
        feed(&f, "AUTH\r\n", 6);
        assert_int_equal(frames_next(&f, &n), 1);
        frames_drop(&f, n);
    }
    feed(&f, "AUTH\r\n", 6);
    assert_int_equal(frames_next(&f, &n), -EMSGSIZE);
    frames_free(&f);
    feed(&f, "\0BEGIN\n", 7);
    frames_drop(&f, 1);
    assert_int_equal(frames_next(&f, &n), -EBADMSG); /* a bare LF */
    frames_free(&f);
}

/* --- whose process it is --- */

/* 900 is sshd; 1000 and 2000 are two logins of the front door; 1001 to 1003 a chain below 1000; 1500 was
 * detached from it; 3000 is nobody's; 2500 is below 2000 and in another audit session. 700 is an sshd that
 * somebody started by hand from the login 600, and 800 a login through it whose own audit session was not
 * set. */
static const struct {
    pid_t pid, parent;
    uint64_t start;
    uint32_t audit;
} table[] = {
    {900, 1, 10, UINT32_MAX},   {1000, 900, 100, 5},  {1001, 1000, 101, 5},
    {1002, 1001, 102, 5},       {1003, 1002, 103, 5}, {1500, 1, 150, 5},
    {2000, 900, 200, 6},        {2001, 2000, 201, 6}, {2500, 2001, 250, 7},
    {3000, 1, 300, UINT32_MAX}, {600, 900, 60, 9},    {700, 600, 70, 9},
    {800, 700, 80, 9},          {810, 1, 81, 9},      {801, 800, 82, 9},
};

static int row_of(pid_t pid)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].pid == pid)
            return (int)i;
    return -ESRCH;
}

static int fake_start(pid_t pid, uint64_t *start)
{
    int i = row_of(pid);

    if (i >= 0)
        *start = table[i].start;
    return i < 0 ? i : 0;
}

static int fake_audit(pid_t pid, uint32_t *audit)
{
    int i = row_of(pid);

    if (i >= 0)
        *audit = table[i].audit;
    return i < 0 ? i : 0;
}

static int fake_parent(pid_t pid, pid_t *parent)
{
    int i = row_of(pid);

    if (i >= 0)
        *parent = table[i].parent;
    return i < 0 ? i : 0;
}

static const struct peer_world fake = {fake_start, fake_audit, fake_parent};

static const char *whose(pid_t pid)
{
    static const struct bg_session sessions[] = {
        {.pid = 1000, .starttime = 100, .audit = UINT32_MAX, .person = "bob"},
        {.pid = 2000, .starttime = 200, .audit = 6, .person = "alice"},
        {.pid = 3000,
         .starttime = 299,
         .audit = UINT32_MAX,
         .person = "ghost"}, /* another process has the number now */
        {.pid = 800, .starttime = 80, .audit = UINT32_MAX, .person = "dave"},
    };
    const struct bg_session *s = peer_session(&fake, sessions, sizeof sessions / sizeof sessions[0], pid);

    return s == NULL ? "" : s->person;
}

static void finds_the_session(void **state)
{
    (void)state;
    assert_string_equal(whose(1000), "bob");
    assert_string_equal(whose(1003), "bob");
    assert_string_equal(whose(2001), "alice");
    assert_string_equal(whose(1500), "bob"); /* by its audit session alone */
    assert_string_equal(whose(2500), "");    /* below alice's login, yet in another audit session */
    assert_string_equal(whose(3000), "");    /* equal number, other start */
    assert_string_equal(whose(900), "");
    assert_string_equal(whose(4711), "");
    assert_string_equal(whose(801), "dave");
    assert_string_equal(whose(810), ""); /* carries the audit session of whoever started that sshd */
}

/* Over a real socket, whose other end is we ourselves. */
static void assert_peer(const struct scratch *s, enum bg_session_kind kind, const char *person)
{
    struct bg_session session = {.pid = getpid(), .kind = kind};
    struct bg_policy policy = {0};
    struct peer peer;
    int pair[2];

    assert_int_equal(bg_process_start(session.pid, &session.starttime), 0);
    (void)strcpy(session.person, "backup");
    (void)strcpy(session.account, "postgres");
    (void)strcpy(session.service, "sshd");
    (void)strcpy(session.key, "SHA256:key");
    assert_int_equal(bg_session_write(&s->root, &session), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(peer_identify(&peer, pair[0], &s->root, &policy), 0);
    assert_int_equal(peer.how, PEER_SESSION);
    assert_int_equal(peer.session_pid, getpid());
    assert_string_equal(peer.person, person);
    assert_string_equal(peer.via, person[0] != '\0' ? "sshd publickey SHA256:key" : "");
    assert_int_equal(bg_session_drop(&s->root, session.pid, session.starttime), 0);
    assert_int_equal(peer_identify(&peer, pair[0], &s->root, &policy), 0);
    assert_int_equal(peer.how, PEER_ROOT); /* the owner of the scratch folder */
    assert_string_equal(peer.person, "");
    (void)close(pair[0]);
    (void)close(pair[1]);
}

/* --- one number, two processes --- */

static unsigned looks;      /* at a start time, since it was set to 0 */
static unsigned other_from; /* from that look on it is another process; 0: never */

int __real_bg_process_start(pid_t pid, uint64_t *start);
int __wrap_bg_process_start(pid_t pid, uint64_t *start);

int __wrap_bg_process_start(pid_t pid, uint64_t *start)
{
    int r = __real_bg_process_start(pid, start);

    looks++;
    if (r == 0 && other_from != 0 && looks >= other_from)
        ++*start;
    return r;
}

static int identify(struct peer *peer, const struct scratch *s, unsigned from)
{
    struct bg_policy policy = {0};
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    looks = 0;
    other_from = from;
    int r = peer_identify(peer, pair[0], &s->root, &policy);
    other_from = 0;
    (void)close(pair[0]);
    (void)close(pair[1]);
    return r;
}

/* The number of who connected is another process's by the time that all was read about it. */
static void a_number_that_came_again(void **state)
{
    struct scratch s;
    struct peer peer;

    (void)state;
    assert_int_equal(scratch_make(&s), 0);
    assert_int_equal(identify(&peer, &s, 0), 0);
    assert_int_equal(peer.how, PEER_ROOT);
    assert_true(looks >= 2);
    assert_int_equal(identify(&peer, &s, looks), -ESRCH);
    assert_int_equal(peer.how, PEER_NONE);
    scratch_drop(&s);
}

/* Who connected has ended; its number is not free as long as nobody has waited for it. */
static void one_that_has_ended(void **state)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    struct bg_policy policy = {0};
    struct scratch s;
    struct peer peer;
    siginfo_t info;

    (void)state;
    assert_int_equal(scratch_make(&s), 0);
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s/bus", s.path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 1) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        int out = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        _exit(connect(out, (struct sockaddr *)&at, sizeof at) != 0);
    }
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(info.si_status, 0);
    int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    assert_true(client >= 0);
    assert_int_equal(peer_identify(&peer, client, &s.root, &policy), -ESRCH);
    assert_int_equal(peer.how, PEER_NONE);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    (void)close(client);
    (void)close(fd);
    scratch_drop(&s);
}

/* A machine is in a session like a person, and signs nothing through the host's key. */
static void a_machine_is_no_person(void **state)
{
    struct scratch s;

    (void)state;
    assert_int_equal(scratch_make(&s), 0);
    assert_peer(&s, BG_SESSION_GRANT, "backup");
    assert_peer(&s, BG_SESSION_DOOR, "backup");
    assert_peer(&s, BG_SESSION_AUTOMATION, "");
    scratch_drop(&s);
}

static void nobody_is_nobody(void **state)
{
    struct scratch s;
    struct bg_policy policy = {0};
    struct peer peer;
    int pair[2];

    (void)state;
    assert_int_equal(scratch_make(&s), 0);
    s.root.owner++;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(peer_identify(&peer, pair[0], &s.root, &policy), 0);
    assert_int_equal(peer.how, PEER_NONE);
    assert_string_equal(peer.person, "");
    s.root.owner--;
    (void)close(pair[0]);
    (void)close(pair[1]);
    scratch_drop(&s);
}

/* --- /proc --- */

static void finds_the_scope(void **state)
{
    char unit[64];

    (void)state;
    assert_int_equal(procs_scope_parse("0::/user.slice/user-0.slice/session-12.scope\n", unit, sizeof unit),
                     0);
    assert_string_equal(unit, "session-12.scope");
    assert_int_equal(procs_scope_parse("1:name=systemd:/user.slice/session-c3.scope/x\n", unit, sizeof unit),
                     0);
    assert_string_equal(unit, "session-c3.scope");
    assert_int_equal(procs_scope_parse("0::/system.slice/ssh.service\n", unit, sizeof unit), -ENOENT);
    assert_int_equal(procs_scope_parse("0::/session-.scope\n", unit, sizeof unit), -ENOENT);
    assert_int_equal(procs_scope_parse("0::/session-a b.scope\n", unit, sizeof unit), -ENOENT);
    assert_int_equal(procs_scope_parse("0::/session-1.slice\n", unit, sizeof unit), -ENOENT);
}

static void finds_the_terminal(void **state)
{
    dev_t tty = 1;

    (void)state;
    assert_int_equal(procs_tty_parse("77 (bash) S 1 77 77 34819 77 0 0", &tty), 0);
    assert_int_equal(major(tty), 136);
    assert_int_equal(minor(tty), 3);
    assert_int_equal(procs_tty_parse("77 (a) S 1 2 3) R 1 77 77 0 -1 0", &tty), 0);
    assert_int_equal(tty, 0);
    assert_int_equal(procs_tty_parse("77 bash", &tty), -EBADMSG);
}

/* --- what is kept over restarts --- */

static void keeps_the_chain(void **state)
{
    struct chain_state a = {.last = {.seq = 41}}, b;
    char text[1024], bad[] = "seq: 1x\ndigest: 00\n", empty[] = "";

    (void)state;
    memset(a.last.digest, 0xab, sizeof a.last.digest);
    assert_true(chain_print(text, sizeof text, &a) > 0);
    assert_int_equal(chain_parse(&b, text), 0);
    assert_memory_equal(&a, &b, sizeof a);
    memset(a.next_digest, 0xcd, sizeof a.next_digest);
    (void)snprintf(a.next, sizeof a.next, "run/1.2.3");
    assert_true(chain_print(text, sizeof text, &a) > 0);
    assert_int_equal(chain_parse(&b, text), 0);
    assert_memory_equal(&a, &b, sizeof a);
    assert_int_equal(chain_print(text, 80, &a), -ENOBUFS);
    assert_int_equal(chain_parse(&b, bad), -EINVAL);
    assert_int_equal(chain_parse(&b, empty), -EINVAL);
}

static void keeps_what_was_used(void **state)
{
    struct scratch s;
    struct usage used = {.logins = 3, .expired = true}, found;

    (void)state;
    assert_int_equal(scratch_make(&s), 0);
    usage_load(&s.root, "bob", "K7Q4M2XP9D3F", &found);
    assert_int_equal(found.logins, 0);
    assert_int_equal(usage_save(&s.root, "bob", "K7Q4M2XP9D3F", &used), 0);
    usage_load(&s.root, "bob", "K7Q4M2XP9D3F", &found);
    assert_int_equal(found.logins, 3);
    assert_true(found.expired);
    assert_false(found.overdue);
    assert_int_equal(usage_save(&s.root, "../x", "K7Q4M2XP9D3F", &used), -EINVAL);
    usage_drop(&s.root, "bob", "K7Q4M2XP9D3F");
    usage_load(&s.root, "bob", "K7Q4M2XP9D3F", &found);
    assert_int_equal(found.logins, 0);
    scratch_drop(&s);
}

#define SECOND UINT64_C(1000000)

/* How many statements `who` may say now. */
static unsigned say_all(struct rates *rates, const char *who, uint64_t now)
{
    unsigned n = 0;

    while (n < 1000 && rates_allow(rates, who, RATE_STATEMENTS, now)) {
        rates_count(rates, who, RATE_STATEMENTS, now);
        n++;
    }
    return n;
}

static void bounds_what_one_says(void **state)
{
    static struct rates rates;
    uint64_t now = 1000 * SECOND;
    char who[32];
    (void)state;

    assert_int_equal(say_all(&rates, "mallory", now), 60);
    assert_int_equal(say_all(&rates, "mallory", now), 0);
    assert_int_equal(say_all(&rates, "mallory", now + SECOND), 2);
    assert_int_equal(say_all(&rates, "alice", now + SECOND), 60);
    /* Calls have a measure of their own: closes cost no statement, so that revoking is never throttled by it.
     */
    assert_true(rates_allow(&rates, "mallory", RATE_CALLS, now + SECOND));
    assert_int_equal(say_all(&rates, "mallory", now + 3600 * SECOND), 60);

    /* A crowd forgets whoever rested longest, and nobody who is at it. */
    now += 7200 * SECOND;
    assert_int_equal(say_all(&rates, "mallory", now), 60);
    for (unsigned i = 0; i < RATE_PERSONS - 1; i++) {
        (void)snprintf(who, sizeof who, "uid %u", i);
        assert_int_equal(say_all(&rates, who, now + i + 1), 60);
    }
    assert_int_equal(say_all(&rates, "mallory", now + RATE_PERSONS), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_frames),
        cmocka_unit_test(bounds_the_authentication),
        cmocka_unit_test(finds_the_session),
        cmocka_unit_test(a_machine_is_no_person),
        cmocka_unit_test(a_number_that_came_again),
        cmocka_unit_test(one_that_has_ended),
        cmocka_unit_test(nobody_is_nobody),
        cmocka_unit_test(finds_the_scope),
        cmocka_unit_test(finds_the_terminal),
        cmocka_unit_test(keeps_the_chain),
        cmocka_unit_test(keeps_what_was_used),
        cmocka_unit_test(bounds_what_one_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
