/* The signal Logged, over a real socket: once for all that came together, soon, and not piled up for who does
 * not read. */
#include "api.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include <cmocka.h>

#define ONE "K7Q4M2XP9D3F"
#define OTHER "0123456789AB"
#define MILLISECOND 1000ULL

/* What main.c gives to the parts; none of it is asked for here. */

struct bg_question broker_question(const struct broker *b, int64_t now)
{
    (void)b;
    return (struct bg_question){.now = now};
}

struct bg_intake broker_intake(struct broker *b)
{
    (void)b;
    return (struct bg_intake){0};
}

void broker_event(struct broker *b, const struct bg_event *event)
{
    (void)b;
    (void)event;
}

void broker_changed(struct broker *b, const char *person, const char *id)
{
    (void)b;
    (void)person;
    (void)id;
}

/* --- a server and one client, in one loop --- */

struct world {
    struct scratch s;
    struct broker b;
    sd_bus *client;
    bool answered;
    unsigned logged;        /* signals that came */
    char grant[BG_ID_SIZE]; /* of the last of them */
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

static int on_message(sd_bus_message *m, void *arg, sd_bus_error *error)
{
    struct world *w = arg;
    const char *grant = NULL;

    (void)error;
    if (!sd_bus_message_is_signal(m, API_INTERFACE, "Logged"))
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
    assert_true(sd_bus_call_method_async(w->client, NULL, NULL, API_PATH, API_INTERFACE, "Watch", on_answer,
                                         w, "b", on) >= 0);
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
    w->b.root = w->s.root;
    (void)snprintf(address, sizeof address, "unix:path=%s", at.sun_path);
    if (sd_event_new(&w->b.event) < 0 || server_new(&w->b.server, &w->b, fd) < 0 ||
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

/* Who reads nothing for a while is told once, afterwards. */
static void nothing_piles_up(void **state)
{
    struct world *w = *state;

    watch(w, 1);
    assert_true(sd_bus_detach_event(w->client) >= 0);
    for (unsigned i = 0; i < 6000; i++) { /* more than the sockets hold */
        server_changed(w->b.server, "bob", ONE, BG_STATE_OPEN);
        if (i % 100 == 0)
            run_for(w, MILLISECOND);
    }
    for (unsigned i = 0; i < 10; i++) {
        server_logged(w->b.server, i % 2 == 0 ? ONE : OTHER);
        run_for(w, 100 * MILLISECOND);
    }
    assert_true(sd_bus_attach_event(w->client, w->b.event, 0) >= 0);
    run_for(w, 1000 * MILLISECOND);
    assert_int_equal(w->logged, 1);
    assert_string_equal(w->grant, "");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(once_for_all),
        T(not_too_often),
        T(only_to_who_watches),
        T(nothing_piles_up),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
