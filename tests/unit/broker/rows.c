/* SPDX-License-Identifier: ISC */
/* A grant's row: it takes no more room in an answer than bus_row_size says, or pages grow over what the
 * bridge lets through; and it says how to reach people to those whom the request concerns. */
#include "policy/base/cleanup.h"
#include "broker/api/row.h"
#include "tests/kit/scratch.h"
#include "broker/sessions/sessions.h"
#include "policy/base/timestamp.h"
#include "policy/rules/load.h"
#include "tests/kit/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* --- how many bytes a message takes: D-Bus Specification, "Marshaling" --- */

static void pad(size_t *at, size_t to)
{
    *at = (*at + to - 1) / to * to;
}

static void measure(sd_bus_message *m, size_t *at)
{
    const char *contents = NULL, *s = NULL;
    char type = 0;
    int64_t number = 0;

    while (sd_bus_message_peek_type(m, &type, &contents) > 0) {
        if (type == 'a') {
            pad(at, 4);
            *at += 4;
            pad(at, contents[0] == 's' ? 4 : 8);
        } else if (type == 'e') {
            pad(at, 8);
        } else if (type == 'v') {
            *at += strlen(contents) + 2;
        } else {
            assert_true(sd_bus_message_read_basic(m, type, type == 's' ? (void *)&s : &number) > 0);
            pad(at, type == 'x' ? 8 : 4);
            *at += type == 's' ? strlen(s) + 5 : type == 'x' ? 8 : 4;
            continue;
        }
        assert_true(sd_bus_message_enter_container(m, type, contents) > 0);
        measure(m, at);
        assert_true(sd_bus_message_exit_container(m) > 0);
    }
}

static size_t size_of(const struct row *row)
{
    sd_bus *bus = NULL;
    sd_bus_message *m = NULL;
    size_t at = 0;
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    assert_true(sd_bus_new(&bus) >= 0 && sd_bus_set_fd(bus, pair[0], pair[0]) >= 0 && sd_bus_start(bus) >= 0);
    assert_true(sd_bus_message_new(bus, &m, SD_BUS_MESSAGE_METHOD_CALL) >= 0);
    assert_true(bus_append_row(m, &bg_grant_type, &row->shown) >= 0);
    assert_true(sd_bus_message_seal(m, 1, 0) >= 0);
    measure(m, &at);
    sd_bus_message_unref(m);
    sd_bus_close_unref(bus);
    (void)close(pair[1]);
    return at;
}

/* --- */

static void enroll(struct broker *b, const char *name)
{
    bg_free_ char *public = world_key_text(name), *line = NULL;

    assert_true(asprintf(&line, "%s namespaces=\"breakglass\" %s\n", name, public) >= 0);
    assert_int_equal(bg_signers_parse(&b->site.signers, "signers", line, strlen(line)), 0);
}

/* Of `n` people, `need` must agree; each of them can. */
static void rules(struct broker *b, unsigned n, unsigned need)
{
    bg_free_ char *text = calloc(1, 200 + 64 * (size_t)n);
    char *p = text, name[40];

    assert_non_null(text);
    enroll(b, "bob");
    p += sprintf(p,
                 "[Role db-admin]\nRequesters=bob\nHosts=*\nAccounts=root\nApprove=%u of @all\n[Group all]\n",
                 need);
    for (unsigned i = 0; i < n; i++) {
        (void)snprintf(name, sizeof name, "somebody.of-the-databases.%u", i);
        enroll(b, name);
        p += sprintf(p, "Members=%s\n", name);
    }
    bg_signers_settle(&b->site.signers);
    bg_policy_begin(&b->site.policy);
    assert_int_equal(bg_policy_add(&b->site.policy, "policy.conf", text, strlen(text)), 0);
    assert_int_equal(bg_policy_settle(&b->site.policy), 0);
    assert_false(b->site.policy.broken);
}

static void ask(struct row *row)
{
    struct bg_statement st = {.kind = BG_REQUEST, .time = row->now - 60};
    struct world_pen pen = {.key = "bob"};
    struct bg_sentence err = {0};

    assert_int_equal(bg_statement_nonce(&st), 0);
    st.by = strdup("bob");
    st.terms.role = strdup("db-admin");
    st.terms.reason = strdup("why");
    st.terms.duration = 600;
    assert_int_equal(bg_list_split(&st.terms.hosts, "db1"), 0);
    assert_int_equal(bg_list_split(&st.terms.accounts, "root"), 0);
    row->grant.request = world_sign(&st, &pen, &err);
    assert_non_null(row->grant.request);
    bg_id_from_digest(row->grant.id, row->grant.request->st.digest);
}

static void a_row_fits_its_size(void **state)
{
    static const struct {
        unsigned people, need;
    } cases[] = {{1, 1}, {10, 2}, {200, 1}, {512, 64}};

    (void)state;
    for (size_t i = 0; i < BG_COUNT(cases); i++) {
        struct broker b = {0};
        struct row row = {.now = world_time("14:00")};

        (void)strcpy(b.site.host.name, "db1");
        assert_true(sd_event_new(&b.event) >= 0 && sessions_new(&b.sessions, &b) >= 0);
        rules(&b, cases[i].people, cases[i].need);
        ask(&row);
        struct bg_question question = bg_site_question(&b.site, row.now);

        assert_int_equal(bg_decide(&row.answer, &b.site.policy, &b.site.signers, &row.grant, &question), 0);
        assert_int_equal(row.answer.state, BG_STATE_PENDING);
        assert_true(row_fill(&row, &b) >= 0);
        size_t size = size_of(&row), said = bus_row_size(&bg_grant_type, &row.shown);

        if (size > said)
            fail_msg("%u people: %zu bytes, not %zu", cases[i].people, size, said);
        row_free(&row);
        sessions_free(b.sessions);
        bg_policy_free(&b.site.policy);
        bg_signers_free(&b.site.signers);
        sd_event_unref(b.event);
    }
}

/* The sentence as that person gets it. */
static bool is_told_how(struct broker *b, const struct bg_grant *grant, enum peer_how how, const char *person)
{
    struct conn c = {.b = b, .peer.how = how};
    struct row row;

    (void)strcpy(c.peer.person, person);
    assert_int_equal(row_load(&row, &c, "bob", grant->id), 0);
    assert_int_equal(row.answer.state, BG_STATE_PENDING);
    assert_non_null(strstr(row.answer.sentence.text, "alice"));
    bool told = strstr(row.answer.sentence.text, "+49") != NULL;

    assert_int_equal(row.contacts, told);
    assert_int_equal(row.may_review, strcmp(person, "grace") == 0);
    row_free(&row);
    return told;
}

static void contacts_are_for_those_concerned(void **state)
{
    static const char policy[] = "[Defaults]\nAdministrators=frank\nReviewers=grace\n"
                                 "[Person alice]\nContact=+49 1\n"
                                 "[Role db-admin]\nRequesters=bob dave\nApprove=1 of alice erin\nHosts=*\n"
                                 "Accounts=root\n";
    static const char *const people[] = {"bob", "alice", "erin", "frank", "grace"};
    struct scratch s;
    struct broker b = {0};
    struct row row = {.now = bg_now()};

    (void)state;
    assert_int_equal(scratch_make(&s), 0);
    b.site.root = b.site.store.root = s.root;
    (void)strcpy(b.site.host.name, "db1");
    enroll(&b, "bob");
    enroll(&b, "alice");
    enroll(&b, "erin");
    bg_signers_settle(&b.site.signers);
    bg_policy_begin(&b.site.policy);
    assert_int_equal(bg_policy_add(&b.site.policy, "policy.conf", policy, sizeof policy - 1), 0);
    assert_int_equal(bg_policy_settle(&b.site.policy), 0);
    ask(&row);
    assert_true(bg_store_put(&b.site.store, "bob", row.grant.id, row.grant.request, NULL) >= 0);
    for (size_t i = 0; i < BG_COUNT(people); i++)
        assert_true(is_told_how(&b, &row.grant, PEER_SESSION, people[i]));
    assert_true(is_told_how(&b, &row.grant, PEER_ROOT, ""));
    assert_false(is_told_how(&b, &row.grant, PEER_SESSION, "dave")); /* may ask for the role, too */
    assert_false(is_told_how(&b, &row.grant, PEER_SESSION, "heidi"));
    assert_false(is_told_how(&b, &row.grant, PEER_NONE, ""));
    row_free(&row);
    bg_policy_free(&b.site.policy);
    bg_signers_free(&b.site.signers);
    scratch_drop(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_fits_its_size),
        cmocka_unit_test(contacts_are_for_those_concerned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
