/* SPDX-License-Identifier: ISC */
/* Answers as the contract has them, and as it has them not; and its manual page, held against the table. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "broker/bus/append.h"
#include "console/client/values.h"
#include "policy/record/event.h"

static sd_bus *bus;

static int open_bus(void **state)
{
    int pair[2];

    (void)state;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 || sd_bus_new(&bus) < 0)
        return -1;
    return sd_bus_set_fd(bus, pair[0], pair[0]) < 0 || sd_bus_start(bus) < 0 ? -1 : 0;
}

static int close_bus(void **state)
{
    (void)state;
    sd_bus_close_unref(bus);
    return 0;
}

static sd_bus_message *message(void)
{
    sd_bus_message *m = NULL;

    assert_true(sd_bus_message_new(bus, &m, SD_BUS_MESSAGE_METHOD_CALL) >= 0);
    return m;
}

/* What reading it as an answer to `method` gives. */
static int read_it(sd_bus_message *m, enum bg_method method, struct reply **reply)
{
    int r;

    assert_true(sd_bus_message_seal(m, 1, 0) >= 0);
    r = reply_read(reply, m, method);
    sd_bus_message_unref(m);
    return r;
}

/* --- rows --- */

static void what_is_written_is_read(void **state)
{
    static const char *const names[] = {"alice", "d\033ave"};
    static const struct bg_line_row line = {"1 of @dba", 2, 1, {names, 2}};
    static const struct bg_statement_row statement = {"request", "bob", "", -1, "", "", true, "\n", "a\nb\n"};
    static const struct bg_pair contact = {"alice", "+49\t1"};
    struct bg_grant_row row;
    struct reply *reply = NULL;
    sd_bus_message *m = message();
    const struct bg_grant_row *got;

    (void)state;
    bg_row_clear(&bg_shown_type, &row);
    row.id = "K7Q4M2XP9D3F";
    row.duration = INT64_MAX;
    row.sessions = UINT32_MAX;
    row.solo = true;
    row.may_review = false;
    row.got = (struct bg_strings){names, 2};
    row.lines = (struct bg_lines){&line, 1};
    row.statements = (struct bg_statements){&statement, 1};
    row.contacts = (struct bg_pairs){&contact, 1};
    assert_true(bus_append_row(m, &bg_shown_type, &row) >= 0);
    assert_int_equal(read_it(m, BG_METHOD_SHOW, &reply), 0);
    got = reply_grant(reply, 0);
    assert_non_null(got);
    assert_string_equal(got->id, "K7Q4M2XP9D3F");
    assert_int_equal(got->duration, 253402300799); /* sums of times must not overflow */
    assert_int_equal(got->sessions, UINT32_MAX);
    assert_true(got->solo);
    assert_false(got->may_review);
    assert_string_equal(got->got.v[1], "d?ave");
    assert_string_equal(got->lines.v[0].who.v[1], "d?ave");
    assert_int_equal(got->lines.v[0].need, 2);
    assert_string_equal(got->statements.v[0].why, " ");
    assert_string_equal(got->statements.v[0].text, "a\nb\n"); /* a statement keeps its bytes */
    assert_string_equal(pairs_get(&got->contacts, "alice"), "+49 1");
    assert_null(reply_grant(reply, 1));
    assert_null(reply_who(reply));
    reply_unref(reply);
}

/* Every field that must be there, one after another: without it, and with another type. */
static void a_gap_is_an_error(void **state)
{
    const struct bg_row_type *type = &bg_shown_type;

    (void)state;
    for (size_t gap = 0; gap < type->n; gap++)
        for (int ill = 0; ill < 2; ill++) {
            struct bg_row_field field[64];
            struct bg_row_type other = {"other", type->size, field, type->n};
            struct {
                struct bg_grant_row row;
                const char *other;
            } sent = {.other = ""};
            struct reply *reply = NULL;
            sd_bus_message *m = message();
            bool must = type->field[gap].need == BG_MUST;

            memcpy(field, type->field, type->n * sizeof field[0]);
            if (ill) {
                field[gap].type = field[gap].type == BG_TYPE_STRING ? BG_TYPE_COUNT : BG_TYPE_STRING;
                field[gap].offset = (size_t)((char *)&sent.other - (char *)&sent);
            } else {
                field[gap].name = "unheard_of"; /* and passed over as such */
            }
            bg_row_clear(type, &sent.row);
            assert_true(bus_append_row(m, &other, &sent) >= 0);
            assert_int_equal(read_it(m, BG_METHOD_SHOW, &reply), must || ill ? -EBADMSG : 0);
            reply_unref(reply);
        }
}

static void other_shapes_are_errors(void **state)
{
    struct reply *reply = NULL;
    sd_bus_message *m = message();

    (void)state;
    assert_true(sd_bus_message_append(m, "s", "yes") >= 0);
    assert_int_equal(read_it(m, BG_METHOD_WHO, &reply), -EBADMSG);
    m = message();
    assert_int_equal(read_it(m, BG_METHOD_LIST, &reply), -EBADMSG);
    assert_null(reply);
}

/* Each field of the journal has its place in an event's row. */
/* It is spelt by hand. */
static void nobody_has_every_string(void **state)
{
    (void)state;
    for (size_t i = 0; i < bg_who_type.n; i++) {
        const struct bg_row_field *field = &bg_who_type.field[i];
        const void *at = (const char *)&values_nobody + field->offset;

        assert_true(bg_row_is_empty(field, at));
        if (field->type == BG_TYPE_STRING)
            assert_non_null(*(const char *const *)at);
    }
}

static void events_have_every_field(void **state)
{
    struct bg_event_row row;

    (void)state;
    for (int i = 0; i < BG_FIELD_COUNT; i++) {
        const char *name = bg_field_name((enum bg_field)i);

        if (!bg_event_string(&row, name, strlen(name)))
            fail_msg("events have no field for %s", name);
    }
}

/* --- the manual page --- */

static char page[100000];

static int read_page(void **state)
{
    FILE *f = fopen(SRCDIR "/../packaging/man/org.breakglass.Broker1.5", "re");

    (void)state;
    if (!f)
        return -1;
    page[fread(page, 1, sizeof(page) - 1, f)] = 0;
    return fclose(f);
}

static const struct bg_row_type *const all_types[] = {
    &bg_line_type, &bg_statement_type, &bg_session_type, &bg_who_type,    &bg_role_type,  &bg_outcome_type,
    &bg_why_type,  &bg_shown_type,     &bg_draft_type,   &bg_filter_type, &bg_event_type,
};

/* ".Li id No s": the field with its type. */
static bool page_has(const struct bg_row_field *field)
{
    char entry[64];
    size_t len =
        (size_t)snprintf(entry, sizeof(entry), "Li %s No %s", field->name, bg_field_signature(field->type));

    for (const char *p = page; (p = strstr(p, entry)); p++)
        if (p[len] == ' ' || p[len] == '\n')
            return true;
    /* Several in one line: "id No s , reason No s". */
    (void)snprintf(entry, sizeof(entry), " %s No %s ", field->name, bg_field_signature(field->type));
    return strstr(page, entry) != NULL;
}

static void the_page_has_every_field(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(all_types) / sizeof(all_types[0]); i++)
        for (size_t k = 0; k < all_types[i]->n; k++) {
            const struct bg_row_field *field = &all_types[i]->field[k];

            /* An event's fields stand in breakglass-events(7); here are the two that are no BREAKGLASS_. */
            if (all_types[i] == &bg_event_type && strcmp(field->name, "message") != 0 &&
                strcmp(field->name, "time") != 0)
                continue;
            if (!page_has(field))
                fail_msg("org.breakglass.Broker1.5 does not have %s of a %s", field->name,
                         all_types[i]->name);
        }
}

static bool is_field(const char *name, size_t len, const char *signature, size_t signature_len)
{
    for (size_t i = 0; i < sizeof(all_types) / sizeof(all_types[0]); i++)
        for (size_t k = 0; k < all_types[i]->n; k++) {
            const char *type = bg_field_signature(all_types[i]->field[k].type);

            if (strlen(all_types[i]->field[k].name) == len &&
                strncmp(all_types[i]->field[k].name, name, len) == 0 && strlen(type) == signature_len &&
                strncmp(type, signature, signature_len) == 0)
                return true;
        }
    return false;
}

/* And nothing else: whatever stands there as ".Li NAME No TYPE" is a field of that type. */
static void every_field_of_the_page_is_one(void **state)
{
    static const char begin[] = "\n.Li ";
    size_t n = 0;

    (void)state;
    for (const char *p = page; (p = strstr(p, begin)); p++) {
        const char *name = p + strlen(begin), *type;
        size_t len = strcspn(name, " \n"), type_len;

        if (strncmp(name + len, " No ", 4) != 0)
            continue;
        type = name + len + 4;
        type_len = strcspn(type, " \n");
        if (strspn(type, "sxubav{}()") != type_len)
            continue;
        n++;
        if (!is_field(name, len, type, type_len))
            fail_msg("org.breakglass.Broker1.5 has %.*s, which is no field of the contract", (int)len, name);
    }
    assert_true(n > 50);
}

static void the_page_has_every_method(void **state)
{
    char entry[64];

    (void)state;
    for (int i = 0; i < BG_METHOD_COUNT; i++) {
        (void)snprintf(entry, sizeof(entry), "\n.It Fn %s ", bg_methods[i].name);
        if (!strstr(page, entry))
            fail_msg("org.breakglass.Broker1.5 does not have %s", bg_methods[i].name);
    }
    for (int i = 0; i < BG_SIGNAL_COUNT; i++) {
        (void)snprintf(entry, sizeof(entry), "\n.It Fn %s ", bg_signal_names[i]);
        assert_non_null(strstr(page, entry));
    }
#define E(id, name, meaning)                                                                                 \
    if (!strstr(page, "\n.It Sy " name "\n" meaning "\n"))                                                   \
        fail_msg("org.breakglass.Broker1.5 does not say of %s: %s", name, meaning);
    BG_BUS_ERRORS(E)
#undef E
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_is_read, open_bus, close_bus),
        cmocka_unit_test_setup_teardown(a_gap_is_an_error, open_bus, close_bus),
        cmocka_unit_test_setup_teardown(other_shapes_are_errors, open_bus, close_bus),
        cmocka_unit_test(nobody_has_every_string),
        cmocka_unit_test(events_have_every_field),
        cmocka_unit_test_setup(the_page_has_every_field, read_page),
        cmocka_unit_test_setup(every_field_of_the_page_is_one, read_page),
        cmocka_unit_test_setup(the_page_has_every_method, read_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
