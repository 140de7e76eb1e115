/* SPDX-License-Identifier: ISC */
/* Hosts that are live, over a real socket and in one event loop with the broker that is played here: lists
 * that are begun anew, connections that break at the worst moment, and come back. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "broker/bus/append.h"
#include "console/base/destination.h"
#include "tests/kit/scratch.h"

#include "console/client/live.h"

#define GRANTS 6
#define PAGE 2
#define HELD 100
#define IDLE 30000 /* microseconds without anything to do */

static struct scratch scratch;
static sd_event *event;
static struct model model;
static struct live *live;
static unsigned moved, changed, logged, listed;

/* --- the broker --- */

static struct {
    int listener;
    sd_event_source *source;
    sd_bus *bus; /* the newest connection */
    bool holds;  /* calls wait */
    sd_bus_message *held[HELD];
    size_t n_held;
    bool refuses;
} broker;

static const char *id_of(unsigned n)
{
    static char id[GRANTS][BG_ID_SIZE];

    (void)snprintf(id[n], BG_ID_SIZE, "K7Q4M2XP000%u", n);
    return id[n];
}

static void append_grant(sd_bus_message *m, const char *id, const char *is)
{
    struct bg_grant_row row;

    bg_row_clear(&bg_shown_type, &row);
    row.id = id;
    row.state = is;
    assert_true(bus_append_row(m, &bg_shown_type, &row) >= 0);
}

static int send_reply(sd_bus_message *reply)
{
    (void)sd_bus_send(NULL, reply, NULL);
    sd_bus_message_unref(reply);
    return 1;
}

static int reply_list(sd_bus_message *m)
{
    const char *which = NULL, *after = NULL;
    char next[16] = "";
    sd_bus_message *reply = NULL;
    unsigned n, from;

    assert_true(sd_bus_message_read(m, "ss", &which, &after) > 0);
    from = (unsigned)strtoul(after, NULL, 10);
    assert_true(sd_bus_message_new_method_return(m, &reply) >= 0);
    assert_true(sd_bus_message_open_container(reply, 'a', "a{sv}") >= 0);
    for (n = from; n < GRANTS && n < from + PAGE; n++)
        append_grant(reply, id_of(n), "pending");
    assert_true(sd_bus_message_close_container(reply) >= 0);
    if (n < GRANTS)
        (void)snprintf(next, sizeof(next), "%u", n);
    assert_true(sd_bus_message_append(reply, "s", next) >= 0);
    return send_reply(reply);
}

static int reply_show(sd_bus_message *m)
{
    const char *id = NULL;
    sd_bus_message *reply = NULL;

    assert_true(sd_bus_message_read(m, "s", &id) > 0);
    assert_true(sd_bus_message_new_method_return(m, &reply) >= 0);
    append_grant(reply, id, "open");
    return send_reply(reply);
}

static int reply_who_row(sd_bus_message *m)
{
    struct bg_who_row who = values_nobody;
    sd_bus_message *reply = NULL;

    who.host = "db1";
    who.now = 1;
    assert_true(sd_bus_message_new_method_return(m, &reply) >= 0);
    assert_true(bus_append_row(reply, &bg_who_type, &who) >= 0);
    return send_reply(reply);
}

static int answer(sd_bus_message *m)
{
    if (broker.refuses)
        return sd_bus_reply_method_errorf(m, "org.breakglass.Error.Refused", "not now");
    if (sd_bus_message_is_method_call(m, NULL, "Who"))
        return reply_who_row(m);
    if (sd_bus_message_is_method_call(m, NULL, "List"))
        return reply_list(m);
    if (sd_bus_message_is_method_call(m, NULL, "Show"))
        return reply_show(m);
    return sd_bus_reply_method_return(m, "");
}

static int on_call(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
    (void)userdata, (void)error;
    if (!sd_bus_message_is_method_call(m, NULL, NULL))
        return 0;
    if (!broker.holds)
        return answer(m);
    assert_true(broker.n_held < HELD);
    broker.held[broker.n_held++] = sd_bus_message_ref(m);
    return 1;
}

static void let_go(void)
{
    broker.holds = false;
    for (size_t i = 0; i < broker.n_held; i++) {
        (void)answer(broker.held[i]);
        sd_bus_message_unref(broker.held[i]);
    }
    broker.n_held = 0;
}

static void hang_up(void)
{
    for (size_t i = 0; i < broker.n_held; i++)
        sd_bus_message_unref(broker.held[i]);
    broker.n_held = 0;
    broker.bus = sd_bus_close_unref(broker.bus);
}

static int on_connection(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    int one = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    (void)source, (void)events, (void)userdata;
    assert_true(one >= 0);
    hang_up();
    assert_true(sd_bus_new(&broker.bus) >= 0 && sd_bus_set_fd(broker.bus, one, one) >= 0);
    assert_true(sd_bus_set_server(broker.bus, 1, SD_ID128_NULL) >= 0);
    assert_true(sd_bus_set_anonymous(broker.bus, 1) >= 0);
    assert_true(sd_bus_add_filter(broker.bus, NULL, on_call, NULL) >= 0);
    assert_true(sd_bus_start(broker.bus) >= 0);
    assert_true(sd_bus_attach_event(broker.bus, event, 0) >= 0);
    return 0;
}

static void listen_here(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    assert_true(scratch_folder(&scratch, "run/breakglass") >= 0);
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s",
                   scratch_path(&scratch, "run/breakglass/bus"));
    broker.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(broker.listener >= 0);
    assert_int_equal(bind(broker.listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(broker.listener, 5), 0);
    assert_true(sd_event_add_io(event, &broker.source, broker.listener, EPOLLIN, on_connection, NULL) >= 0);
}

/* --- the console's side --- */

static void on_moved(void *arg)
{
    (void)arg;
    moved++;
}

static void on_changed(void *arg, size_t host, const char *id, struct reply *grant)
{
    (void)arg, (void)host, (void)id, (void)grant;
    changed++;
}

static void on_listed(void *arg, size_t host)
{
    (void)arg, (void)host;
    listed++;
}

static void on_logged(void *arg, size_t host)
{
    (void)arg, (void)host;
    logged++;
}

/* One thing happens; false: there is nothing to do. */
static bool step(uint64_t patience)
{
    int r = sd_event_run(event, patience);

    assert_true(r >= 0);
    live_settle(live);
    return r > 0;
}

static void until_idle(void)
{
    while (step(IDLE))
        ;
}

static int begin(void **state)
{
    const struct live_listener listener = {on_moved, on_changed, on_logged, on_listed, NULL};

    (void)state;
    moved = changed = logged = listed = 0;
    assert_int_equal(scratch_make(&scratch), 0);
    destination_set_root(scratch.path);
    assert_true(sd_event_new(&event) >= 0);
    listen_here();
    assert_int_equal(live_new(&live, event, &model, &listener, false), 0);
    assert_int_equal(live_watch(live, NULL), 0);
    until_idle();
    assert_int_equal(model.host[0].state, HOST_UP);
    assert_int_equal(model.n, GRANTS);
    assert_int_equal(listed, 1);
    return 0;
}

static int end(void **state)
{
    (void)state;
    live_free(live);
    model_free(&model);
    hang_up();
    sd_event_source_disable_unref(broker.source);
    (void)close(broker.listener);
    sd_event_unref(event);
    scratch_drop(&scratch);
    memset(&broker, 0, sizeof(broker));
    return 0;
}

static void it_is_listed(void **state)
{
    (void)state;
    assert_true(model.host[0].listed);
    assert_string_equal(model.host[0].name, "db1");
    assert_int_equal(model.host[0].asked_at, 0);
}

/* Whoever reads it anew before it is read loses no row on the way: the selection would go elsewhere. */
static void a_list_that_is_begun_anew(void **state)
{
    (void)state;
    for (int steps = 0; steps < 20; steps++) {
        live_refresh(live, NULL);
        for (int i = 0; i < steps; i++)
            (void)step(0);
        live_refresh(live, NULL);
        do
            assert_int_equal(model.n, GRANTS);
        while (step(IDLE));
        assert_true(model.host[0].listed);
    }
}

/* --- breaking --- */

static int said;
static unsigned answers;

static void on_answer(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    (void)arg, (void)host, (void)reply;
    said = r;
    answers++;
    assert_int_not_equal(strlen(sentence) > 0, r == 0);
}

static void a_refusal_is_an_answer(void **state)
{
    (void)state;
    broker.refuses = true;
    live_call(live, 0, &(struct call_args){BG_METHOD_PUT, .text = {"x"}}, &said, on_answer, NULL);
    until_idle();
    assert_int_equal(said, -EREMOTEIO);
    assert_int_equal(model.host[0].state, HOST_UP);
    live_look(live, 0, id_of(1)); /* it knows nothing of it any more */
    until_idle();
    assert_int_equal(model.n, GRANTS - 1);
}

/* The host is gone, and we have not heard of it yet: that is no refusal, and no word about grants. */
static void a_call_into_a_broken_connection(void **state)
{
    (void)state;
    answers = 0;
    hang_up();
    live_call(live, 0, &(struct call_args){BG_METHOD_PUT, .text = {"x"}}, &said, on_answer, NULL);
    live_look(live, 0, id_of(1));
    live_call(live, 0, &(struct call_args){BG_METHOD_PUT, .text = {"x"}}, &said, on_answer, NULL);
    until_idle();
    assert_int_equal(answers, 2);
    assert_int_equal(said, -EHOSTUNREACH);
    assert_int_equal(model.n, GRANTS);
    assert_int_equal(model.host[0].state, HOST_DOWN);
}

static void calls_that_wait_when_it_breaks(void **state)
{
    (void)state;
    answers = 0;
    broker.holds = true;
    for (int i = 0; i < 10; i++)
        live_call(live, 0, &(struct call_args){BG_METHOD_PUT, .text = {"x"}},
                  i % 2 ? (void *)&said : (void *)&answers, on_answer, NULL);
    until_idle();
    assert_int_equal(answers, 0);
    assert_true(model.host[0].asked_at > 0);
    live_forget(live, &said);
    hang_up();
    until_idle();
    assert_int_equal(answers, 5);
    assert_int_equal(said, -EHOSTUNREACH);
    assert_int_equal(model.host[0].asked_at, 0);
}

/* What was written while nobody listened is read when it is there again. */
static void one_that_comes_back(void **state)
{
    (void)state;
    hang_up();
    until_idle();
    assert_int_equal(model.host[0].state, HOST_DOWN);
    assert_int_equal(model.n, GRANTS);
    logged = 0;
    live_refresh(live, NULL);
    until_idle();
    assert_int_equal(model.host[0].state, HOST_UP);
    assert_true(model.host[0].listed);
    assert_int_equal(logged, 1);
    assert_int_equal(listed, 2); /* what was shown meanwhile is asked for again */
}

/* --- news --- */

static void tell_changed(const char *id)
{
    assert_true(sd_bus_emit_signal(broker.bus, BG_BUS_PATH, BG_BUS_INTERFACE,
                                   bg_signal_names[BG_SIGNAL_CHANGED], "sss", "bob", id, "open") >= 0);
}

static void changes_are_looked_at(void **state)
{
    struct sum sum;

    (void)state;
    tell_changed(id_of(2));
    tell_changed(id_of(2));
    tell_changed("no ID");
    until_idle();
    assert_true(changed == 1 || changed == 2);
    model_sum(model_find(&model, id_of(2)), 0, &sum);
    assert_int_equal(sum.state, GRANT_OPEN);
}

/* So many that the list is read anew; whatever comes when, each of ours is there in the end. */
static void a_burst_of_changes(void **state)
{
    char id[BG_ID_SIZE];

    (void)state;
    broker.holds = true;
    for (unsigned i = 0; i < 300; i++) {
        (void)snprintf(id, sizeof(id), "K7Q4M2XP1%03u", i);
        tell_changed(id);
    }
    until_idle();
    let_go();
    until_idle();
    for (unsigned n = 0; n < GRANTS; n++)
        assert_non_null(model_find(&model, id_of(n)));
    assert_int_equal(model.host[0].asked_at, 0);
}

#define LIVE_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIVE_TEST(it_is_listed),
        LIVE_TEST(a_list_that_is_begun_anew),
        LIVE_TEST(a_refusal_is_an_answer),
        LIVE_TEST(a_call_into_a_broken_connection),
        LIVE_TEST(calls_that_wait_when_it_breaks),
        LIVE_TEST(one_that_comes_back),
        LIVE_TEST(changes_are_looked_at),
        LIVE_TEST(a_burst_of_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
