/* SPDX-License-Identifier: ISC */
/* A broker that lies, over a real socket: what the console makes of it. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "console/client/grants.h"
#include "console/client/calls.h"
#include "console/action/fetch.h"
#include "broker/bus/append.h"
#include "console/base/destination.h"
#include "policy/statement/sshsig.h"

static const char request[] = "breakglass-statement 1\nkind: request\ntime: 2023-11-14T22:13:20Z\nby: bob\n"
                              "nonce: 00112233445566778899aabbccddeeff\nrole: db-admin\nhosts: db1\n"
                              "accounts: root\nduration: 30m\nreason: disk full\n";

static char scratch[] = "/tmp/breakglass-fan-XXXXXX";
static int listener = -1;

/* --- the liar --- */

static int reply_deep(sd_bus_message *m)
{
    sd_bus_message *reply = NULL;
    int r = sd_bus_message_new_method_return(m, &reply);

    for (int i = 0; r >= 0 && i < 20; i++)
        r = sd_bus_message_open_container(reply, 'v', i < 19 ? "v" : "s");
    if (r >= 0)
        r = sd_bus_message_append(reply, "s", "deep");
    for (int i = 0; r >= 0 && i < 20; i++)
        r = sd_bus_message_close_container(reply);
    if (r >= 0)
        r = sd_bus_message_send(reply);
    sd_bus_message_unref(reply);
    return r < 0 ? r : 1;
}

/* What List is like: how many pages there are (0: no end), and whether each has the rows of the first. */
static _Atomic unsigned pages;
static _Atomic bool repeats, ill_typed;

/* A list that has always one more page, and whose text wants to be more than text. */
static int reply_list(sd_bus_message *m)
{
    static unsigned page;
    sd_bus_message *reply = NULL;
    const char *which = "", *after = "";
    struct bg_grant_row row;
    int r = sd_bus_message_read(m, "ss", &which, &after);

    page = *after ? page + 1 : 0;
    if (r >= 0)
        r = sd_bus_message_new_method_return(m, &reply);
    if (r >= 0)
        r = sd_bus_message_open_container(reply, 'a', "a{sv}");
    for (unsigned i = 0; r >= 0 && i < 500; i++) {
        char id[64];

        (void)snprintf(id, sizeof(id), "\033[2J%u\n", (repeats ? 0 : 500 * page) + i);
        bg_row_clear(&bg_grant_type, &row);
        row.id = id;
        row.state = "pending\r";
        r = bus_append_row(reply, &bg_grant_type, &row);
    }
    /* The last one says when it ends in words. */
    if (r >= 0 && ill_typed)
        r = sd_bus_message_append(reply, "a{sv}", 2, "id", "s", "x", "ends", "s", "no number");
    if (r >= 0)
        r = sd_bus_message_close_container(reply);
    if (r >= 0)
        r = sd_bus_message_append(reply, "s", pages && page + 1 >= pages ? "" : "more");
    if (r >= 0)
        r = sd_bus_message_send(reply);
    sd_bus_message_unref(reply);
    return r < 0 ? r : 1;
}

static int reply_get(sd_bus_message *m)
{
    unsigned char blob[] = "SSHSIG nothing";
    char *armour = bg_sshsig_armour(blob, sizeof(blob));
    int r = sd_bus_reply_method_return(m, "a(ss)", 1, request, armour);

    free(armour);
    return r;
}

static int reply_who_row(sd_bus_message *m)
{
    struct bg_who_row who = values_nobody;
    sd_bus_message *reply = NULL;
    int r = sd_bus_message_new_method_return(m, &reply);

    who.host = "d\033[31mb1";
    who.now = 1;
    if (r >= 0)
        r = bus_append_row(reply, &bg_who_type, &who);
    if (r >= 0)
        r = sd_bus_message_send(reply);
    sd_bus_message_unref(reply);
    return r < 0 ? r : 1;
}

static int on_call(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
    const char *member = sd_bus_message_get_member(m);

    (void)userdata;
    if (!member || !sd_bus_message_is_method_call(m, NULL, NULL))
        return 0;
    if (strcmp(member, "Who") == 0)
        return reply_who_row(m);
    if (strcmp(member, "List") == 0)
        return reply_list(m);
    if (strcmp(member, "Get") == 0)
        return reply_get(m);
    if (strcmp(member, "Show") == 0)
        return reply_deep(m);
    if (strcmp(member, "Ask") == 0)
        return sd_bus_error_set(error, "org.breakglass.Error.Refused", "no\n\033[2Jyes");
    if (strcmp(member, "Close") == 0)
        return sd_bus_error_set(error, "org.example.Nonsense", "\033]0;x\007");
    if (strcmp(member, "Roles") == 0) {
        sd_bus_close(sd_bus_message_get_bus(m));
        return 1;
    }
    return 0;
}

static void serve(int fd)
{
    sd_bus *bus = NULL;
    int r = sd_bus_new(&bus);

    if (r >= 0)
        r = sd_bus_set_fd(bus, fd, fd);
    if (r >= 0)
        r = sd_bus_set_server(bus, 1, SD_ID128_NULL);
    if (r >= 0)
        r = sd_bus_set_anonymous(bus, 1);
    if (r >= 0)
        r = sd_bus_add_filter(bus, NULL, on_call, NULL);
    if (r >= 0)
        r = sd_bus_start(bus);
    while (r >= 0 && sd_bus_is_open(bus) > 0) {
        r = sd_bus_process(bus, NULL);
        if (r == 0)
            r = sd_bus_wait(bus, UINT64_MAX);
    }
    sd_bus_close_unref(bus);
}

static void *listen_on(void *arg)
{
    int fd;

    (void)arg;
    while ((fd = accept(listener, NULL, NULL)) >= 0)
        serve(fd);
    return NULL;
}

/* --- what is made of it --- */

static struct calls fan;

static int open_fan(void **state)
{
    struct bg_list none = {0};
    struct bg_sentence err;

    (void)state;
    return calls_open(&fan, &none, &err);
}

static int close_fan(void **state)
{
    (void)state;
    calls_close(&fan);
    return 0;
}

static void names_are_cleaned(void **state)
{
    (void)state;
    calls_who(&fan);
    assert_int_equal(fan.link[0].state, FAN_DONE);
    assert_string_equal(calls_label(&fan.link[0]), "d?[31mb1");
    assert_true(fan.link[0].is.ahead < -1000000);
}

/* A revoke is brought to the hosts that no link is: a host that calls itself by another's name must not stop
 * it, nor have its answer shown as that one's. */
static void another_hosts_name(void **state)
{
    static const struct {
        const char *named, *says, *label;
    } cases[] = {
        {"db2", "db1.prod", "db2"},      {"db2.prod", "db1.prod", "db2.prod"},
        {"db", "db1.prod", "db"},        {"db1", "db1.prod", "db1.prod"},
        {"DB1", "db1.prod", "db1.prod"}, {"db1.prod.example", "db1.prod", "db1.prod"},
        {"db1.prod", "", "db1.prod"},    {NULL, "db1.prod", "db1.prod"},
        {NULL, "", "this host"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bg_who_row who = values_nobody;
        struct calls_link link = {.host = (char *)(uintptr_t)cases[i].named, .is.who = &who};

        who.host = cases[i].says;
        assert_string_equal(calls_label(&link), cases[i].label);
    }
}

static void endless_lists_end(void **state)
{
    struct grant_rows rows;

    (void)state;
    assert_int_equal(grants_fetch(&fan, "all", &rows), 0);
    assert_true(rows.n > 10000 && rows.n < 11000);
    assert_string_equal(rows.v[0].row->id, "?[2J0 ");
    assert_string_equal(rows.v[0].row->state, "pending?");
    grant_rows_free(&rows);
}

/* Rows that are there already are no fewer. */
static void lists_that_repeat_end(void **state)
{
    struct grant_rows rows;

    (void)state;
    repeats = true;
    assert_int_equal(grants_fetch(&fan, "all", &rows), 0);
    repeats = false;
    assert_int_equal(rows.n, 500);
    grant_rows_free(&rows);
}

/* One field of another type, and nothing of that host is believed. */
static void ill_typed_lists_are_an_error(void **state)
{
    struct grant_rows rows;

    (void)state;
    ill_typed = true;
    assert_int_equal(grants_fetch(&fan, "all", &rows), 0);
    ill_typed = false;
    assert_int_equal(rows.n, 0);
    assert_int_equal(fan.link[0].state, FAN_UNREACHABLE);
    assert_non_null(strstr(fan.link[0].error.text, CALL_NOT_OURS));
    grant_rows_free(&rows);
}

/* Seconds of our own that a list of so many pages takes. */
static double cost_of(unsigned n)
{
    struct timespec before, after;
    struct grant_rows rows;

    pages = n;
    assert_int_equal(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before), 0);
    assert_int_equal(grants_fetch(&fan, "all", &rows), 0);
    assert_int_equal(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after), 0);
    pages = 0;
    assert_int_equal(rows.n, 500 * n);
    grant_rows_free(&rows);
    return (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) / 1e9;
}

/* Four times as many rows cost about four times as much, not sixteen times. */
static void long_lists_cost_what_they_are(void **state)
{
    double four = cost_of(4) + cost_of(4) + cost_of(4) + cost_of(4), many = cost_of(16);

    (void)state;
    print_message("four times 2,000 rows: %.3f s; 8,000 rows: %.3f s\n", four, many);
    assert_true(many < 2.5 * four);
}

static void another_request_than_asked(void **state)
{
    struct fetched fetched;
    struct bg_sentence err = {0};

    (void)state;
    assert_int_equal(fetch(&fan, "ZZZZ-ZZZZ-ZZZZ", &fetched, &err), -EINVAL);
    assert_non_null(strstr(err.text, "another request"));
    assert_int_equal(fan.link[0].state, FAN_REFUSED);
    assert_int_equal(fetch(&fan, "../..", &fetched, &err), -EINVAL);
}

static void the_request_that_was_asked(void **state)
{
    struct bg_statement st = {0};
    struct fetched fetched;
    struct bg_sentence err = {0};
    char id[BG_ID_SIZE];

    (void)state;
    assert_int_equal(bg_statement_parse(&st, request, strlen(request), &err), 0);
    bg_id_from_digest(id, st.digest);
    bg_statement_free(&st);
    id[6] = 0;
    assert_int_equal(fetch(&fan, id, &fetched, &err), 0);
    assert_string_equal(fetched.request.by, "bob");
    fetched_free(&fetched);
}

static void answers_too_deep(void **state)
{
    (void)state;
    calls_call(&fan, NULL, &(struct call_args){BG_METHOD_SHOW, .text = {"x"}});
    assert_int_equal(fan.link[0].state, FAN_UNREACHABLE);
    assert_non_null(strstr(fan.link[0].error.text, "not one of breakglass"));
}

static void a_no_is_a_no(void **state)
{
    (void)state;
    calls_call(&fan, NULL, &(struct call_args){BG_METHOD_ASK, .draft = &(struct bg_draft_row){0}});
    assert_int_equal(fan.link[0].state, FAN_REFUSED);
    assert_string_equal(fan.link[0].error.text, "no ?[2Jyes");
    assert_int_equal(calls_status(&fan, 0), 1);
    calls_call(&fan, NULL, &(struct call_args){.method = BG_METHOD_CLOSE});
    assert_int_equal(fan.link[0].state, FAN_UNREACHABLE);
    assert_int_equal(calls_status(&fan, 0), 3);
}

static void a_broker_that_goes_away(void **state)
{
    (void)state;
    calls_call(&fan, NULL, &(struct call_args){.method = BG_METHOD_ROLES});
    assert_int_equal(fan.link[0].state, FAN_UNREACHABLE);
    assert_non_null(strstr(fan.link[0].error.text, "unreachable"));
    calls_call(&fan, NULL, &(struct call_args){.method = BG_METHOD_WHO}); /* and stays so */
    assert_int_equal(fan.link[0].state, FAN_UNREACHABLE);
}

static void hosts_that_are_options(void **state)
{
    struct bg_list hosts = {0};
    struct bg_sentence err;
    struct calls other;
    struct connection dial;

    (void)state;
    assert_int_equal(bg_list_split(&hosts, "-oProxyCommand=id"), 0);
    assert_int_equal(calls_open(&other, &hosts, &err), -EINVAL);
    calls_close(&other);
    bg_list_free(&hosts);
    assert_int_equal(connection_open(&dial, fan.event, "-oProxyCommand=id", DIAL_UNSEEN), -EINVAL);
    assert_int_equal(dial.ssh, 0);
    connection_close(&dial);
}

static int set_up(void **state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char path[128];
    pthread_t thread;

    (void)state;
    if (!mkdtemp(scratch))
        return -1;
    (void)snprintf(path, sizeof(path), "%s/run", scratch);
    if (mkdir(path, 0700) < 0)
        return -1;
    (void)snprintf(path, sizeof(path), "%s/run/breakglass", scratch);
    if (mkdir(path, 0700) < 0)
        return -1;
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/run/breakglass/bus", scratch);
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
        listen(listener, 8) < 0)
        return -1;
    destination_set_root(scratch);
    if (pthread_create(&thread, NULL, listen_on, NULL) != 0)
        return -1;
    return pthread_detach(thread);
}

static int tear_down(void **state)
{
    static const char *const names[] = {"/run/breakglass/bus", "/run/breakglass", "/run", ""};
    char path[128];

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(path, sizeof(path), "%s%s", scratch, names[i]);
        if (remove(path) < 0)
            return -1;
    }
    return 0;
}

#define WITH_FAN(test) cmocka_unit_test_setup_teardown(test, open_fan, close_fan)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FAN(names_are_cleaned),
        WITH_FAN(endless_lists_end),
        WITH_FAN(lists_that_repeat_end),
        WITH_FAN(ill_typed_lists_are_an_error),
        WITH_FAN(long_lists_cost_what_they_are),
        WITH_FAN(another_request_than_asked),
        WITH_FAN(the_request_that_was_asked),
        WITH_FAN(answers_too_deep),
        WITH_FAN(a_no_is_a_no),
        WITH_FAN(a_broker_that_goes_away),
        WITH_FAN(hosts_that_are_options),
        cmocka_unit_test(another_hosts_name),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
