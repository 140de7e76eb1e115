/* SPDX-License-Identifier: ISC */
/* From the spool to journald: a socket of our own stands for it. */
#include "broker/journal/chain.h"
#include "broker/journal/writer.h"
#include "policy/base/cleanup.h"
#include "policy/record/spool.h"
#include "tests/kit/scratch.h"

#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cmocka.h>

static struct scratch s;
static struct broker b;
static int journald;
static unsigned logged;

static void on_logged(struct broker *broker, const struct bg_event *event)
{
    (void)broker;
    (void)event;
    logged++;
}

static void start_journald(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};

    journald = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s/run/systemd/journal/socket", s.path);
    assert_true(journald >= 0 && bind(journald, (struct sockaddr *)&at, sizeof at) == 0);
}

static void start_broker(void)
{
    b = (struct broker){.on.logged = on_logged};
    b.site.root = b.site.store.root = s.root;
    assert_true(sd_event_new(&b.event) >= 0 && writer_new(&b.writer, &b) == 0);
}

static void stop_broker(void)
{
    writer_free(b.writer);
    b.event = sd_event_unref(b.event);
}

static int setup(void **state)
{
    (void)state;
    journald = -1;
    logged = 0;
    if (scratch_make(&s) < 0 || scratch_folder(&s, "run/systemd/journal") < 0 ||
        scratch_folder(&s, BG_RUN) < 0 || scratch_folder(&s, BG_VAR) < 0)
        return -1;
    start_broker();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    stop_broker();
    if (journald >= 0)
        (void)close(journald);
    scratch_drop(&s);
    return 0;
}

static void tell(const char *why)
{
    struct bg_event e = {.id = BG_EVENT_HOST_CLOCK};

    e.field[BG_FIELD_WHY] = why;
    broker_event(&b, &e);
}

static size_t waiting(void)
{
    struct bg_list names bg_cleanup_(bg_list_free) = {0};

    assert_int_equal(bg_spool_names(&s.root, 1000, &names), 0);
    return names.n;
}

/* Whether a field is in the datagram with this value; journald's native protocol has a field's length before
 * a value that may hold anything. */
static bool has_field(const char *bytes, size_t n, const char *name, const char *value)
{
    char plain[256], sized[256];
    size_t len = strlen(name), value_len = strlen(value);
    uint64_t le = htole64(value_len);

    int plain_len = snprintf(plain, sizeof plain, "%s=%s\n", name, value);
    memcpy(sized, name, len);
    sized[len] = '\n';
    memcpy(sized + len + 1, &le, sizeof le);
    memcpy(sized + len + 1 + sizeof le, value, value_len);
    return memmem(bytes, n, plain, (size_t)plain_len) ||
           memmem(bytes, n, sized, len + 1 + sizeof le + value_len);
}

static void assert_came(const char *seq, const char *why)
{
    static char bytes[65536];
    ssize_t n = recv(journald, bytes, sizeof bytes, 0);

    assert_true(n > 0);
    assert_true(has_field(bytes, (size_t)n, "BREAKGLASS_SEQ", seq));
    assert_true(has_field(bytes, (size_t)n, "BREAKGLASS_WHY", why));
}

static void in_order_and_numbered(void **state)
{
    (void)state;
    start_journald();
    tell("one");
    tell("two");
    assert_int_equal(writer_pump(b.writer), 2);
    assert_int_equal(waiting(), 0);
    assert_int_equal(logged, 2);
    assert_came("1", "one");
    assert_came("2", "two");
    stop_broker();
    start_broker();
    tell("three");
    assert_int_equal(writer_pump(b.writer), 1);
    assert_came("3", "three");
}

static void waits_for_journald(void **state)
{
    (void)state;
    tell("one");
    assert_int_equal(writer_pump(b.writer), 0);
    assert_int_equal(waiting(), 1);
    assert_int_equal(logged, 0);
    start_journald();
    assert_int_equal(writer_pump(b.writer), 1);
    assert_came("1", "one");
    assert_int_equal(waiting(), 0);
}

/* One that can never be sent does not hold up the others, and is named. */
static void drops_what_is_no_event(void **state)
{
    bg_close_ int spool = bg_dir_make(&s.root, BG_RUN "/spool", 0700);

    (void)state;
    start_journald();
    assert_true(spool >= 0);
    assert_int_equal(bg_file_write_volatile_at(spool, "1.1.1", "nonsense\n", 9, 0600), 0);
    tell("one");
    assert_int_equal(writer_pump(b.writer), 1);
    assert_came("1", "one");
    assert_int_equal(writer_pump(b.writer), 1);
    assert_came("2", "dropped the record run/1.1.1: it cannot be read");
    assert_int_equal(waiting(), 0);
}

/* A broker that was killed after it sent, and before it could say so: what is gone from the spool was sent.
 */
static void goes_on_after_a_kill(void **state)
{
    struct chain_state kept = {.last = {.seq = 41}, .next = "run/9.9.9"};

    (void)state;
    start_journald();
    assert_int_equal(chain_save(&s.root, &kept), 0);
    tell("next");
    assert_int_equal(writer_pump(b.writer), 1);
    assert_came("43", "next");
}

/* Of two states the one counts that got further: the other is from before a disk was full. */
static void the_further_state_counts(void **state)
{
    struct chain_state in_var = {.last = {.seq = 5}}, in_run = {.last = {.seq = 7}}, found;
    char text[1024];
    int n = chain_print(text, sizeof text, &in_run);

    (void)state;
    assert_int_equal(chain_save(&s.root, &in_var), 0);
    assert_int_equal(chain_load(&s.root, &found), 0);
    assert_int_equal(found.last.seq, 5);
    bg_close_ int run = bg_dir_open(&s.root, BG_RUN);

    assert_int_equal(bg_file_write_volatile_at(run, "chain", text, (size_t)n, 0600), 0);
    assert_int_equal(chain_load(&s.root, &found), 0);
    assert_int_equal(found.last.seq, 7);
    in_var.last.seq = 9;
    assert_int_equal(chain_save(&s.root, &in_var), 0);
    assert_int_equal(chain_load(&s.root, &found), 0);
    assert_int_equal(found.last.seq, 9);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(in_order_and_numbered), T(waits_for_journald),       T(drops_what_is_no_event),
        T(goes_on_after_a_kill),  T(the_further_state_counts),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
