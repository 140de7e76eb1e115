/* SPDX-License-Identifier: ISC */
/* What waits for a review: which rows, in which order, and how they read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "console/client/reviews.h"

#define NOW 1700000000

static const char rows_text[] =
    "[{'id': 'AAAAAAAAAAAA', 'state': 'over', 'person': 'bob', 'role': 'db-admin', 'got': ['alice', 'dave'],"
    "  'review_due': 1700003600, 'on': ['db1', 'db2'], 'review_on': ['db1']},"
    " {'id': 'BBBBBBBBBBBB', 'state': 'open', 'person': 'bob', 'role': 'db-admin', 'review_due': 0},"
    " {'id': 'CCCCCCCCCCCC', 'state': 'closed', 'person': 'carol', 'role': 'web', 'got': ['dave'],"
    "  'review_due': 1700000000, 'on': ['db2'], 'review_on': ['db2']},"
    " {'id': 'AAAAAAAAAAAA', 'state': 'closed', 'person': 'bob', 'role': 'db-admin', 'got': ['alice', "
    "'dave'],"
    "  'review_due': 1700001800, 'on': ['db3'], 'review_on': ['db3']},"
    " {'id': 'DDDDDDDDDDDD', 'state': 'over', 'review_due': 'soon'},"
    " {'id': 'EEEEEEEEEEEE', 'state': 'over', 'person': 'e', 'review_due': 1700000001}]";

/* Those of them that wait at NOW. */
static json_object *waiting(void)
{
    char *text = strdup(rows_text);
    json_object *rows, *found;

    assert_non_null(text);
    for (char *p = text; *p; p++)
        if (*p == '\'')
            *p = '"';
    rows = json_tokener_parse(text);
    assert_non_null(rows);
    found = reviews_waiting(rows, NOW);
    assert_non_null(found);
    json_object_put(rows);
    free(text);
    return found;
}

static void overdue_first_and_each_once(void **state)
{
    static const struct {
        const char *id;
        int64_t due;
        bool overdue;
    } wanted[] = {
        {"CCCCCCCCCCCC", NOW, true}, {"EEEEEEEEEEEE", NOW + 1, false}, {"AAAAAAAAAAAA", NOW + 1800, false}};
    json_object *found = waiting();
    char hosts[64];

    (void)state;
    assert_int_equal(json_object_array_length(found), 3);
    for (size_t i = 0; i < 3; i++) {
        json_object *row = json_object_array_get_idx(found, i);

        assert_string_equal(row_string(row, "id"), wanted[i].id);
        assert_int_equal(row_number(row, "review_due"), wanted[i].due);
        assert_int_equal(row_flag(row, "overdue"), wanted[i].overdue);
    }
    (void)row_joined(json_object_array_get_idx(found, 2), "review_on", ",", hosts, sizeof(hosts));
    assert_string_equal(hosts, "db1,db3");
    json_object_put(found);
}

static char *shown_to(const char *person)
{
    json_object *found = waiting();
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);

    assert_non_null(to);
    reviews_show(to, found, person, NOW);
    (void)fclose(to);
    json_object_put(found);
    return text;
}

static void own_ones_are_marked(void **state)
{
    static const struct {
        const char *person, *has, *has_not;
    } cases[] = {{"bob", "db1,db3          by 22:43; you asked\n", "you agreed"},
                 {"alice", "db1,db3          by 22:43; you agreed\n", "you asked"},
                 {"dave", "db2              OVERDUE since 22:13; you agreed\n", "you asked"},
                 {"grace", "db1,db3          by 22:43\n", "; you"},
                 {"", "db1,db3          by 22:43\n", "; you"}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *text = shown_to(cases[i].person);

        assert_non_null(strstr(text, cases[i].has));
        assert_null(strstr(text, cases[i].has_not));
        free(text);
    }
}

static void nothing_waits(void **state)
{
    json_object *rows = json_object_new_array(), *found = reviews_waiting(rows, NOW);
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);

    (void)state;
    assert_int_equal(json_object_array_length(found), 0);
    assert_non_null(to);
    reviews_show(to, found, "grace", NOW);
    (void)fclose(to);
    assert_string_equal(text, "nothing waits for a review\n");
    free(text);
    json_object_put(found);
    json_object_put(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overdue_first_and_each_once),
        cmocka_unit_test(own_ones_are_marked),
        cmocka_unit_test(nothing_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
