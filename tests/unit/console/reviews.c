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

#include "console/client/grants.h"
#include "console/words/grant.h"
#include "policy/base/cleanup.h"
#include "tests/kit/rows.h"

#define NOW 1700000000

/* What each host says. */
static const struct {
    const char *host, *rows;
} told[] = {
    {"db1",
     "[{'id': 'AAAAAAAAAAAA', 'state': 'expired', 'person': 'bob', 'role': 'db-admin', 'got': ['alice', "
     "'dave'], 'review_due': 1700003600},"
     " {'id': 'BBBBBBBBBBBB', 'state': 'open', 'person': 'bob', 'role': 'db-admin', 'review_due': 0}]"},
    {"db2", "[{'id': 'CCCCCCCCCCCC', 'state': 'closed', 'person': 'carol', 'role': 'web', 'got': ['dave'],"
            "  'review_due': 1700000000}]"},
    {"db3",
     "[{'id': 'AAAAAAAAAAAA', 'state': 'closed', 'person': 'bob', 'role': 'db-admin', 'got': ['alice', "
     "'dave'], 'review_due': 1700001800}]"},
    {"db4", "[{'id': 'DDDDDDDDDDDD', 'state': 'expired'},"
            " {'id': 'EEEEEEEEEEEE', 'state': 'expired', 'person': 'e', 'review_due': 1700000001}]"},
};

/* Those of them that wait. */
static struct grant_rows waiting(void)
{
    struct grant_rows all = {0};

    for (size_t i = 0; i < BG_COUNT(told); i++) {
        char *text = strdup(told[i].rows);
        struct reply *rows;

        assert_non_null(text);
        for (char *p = text; *p; p++)
            if (*p == '\'')
                *p = '"';
        rows = rows_of(BG_METHOD_LIST, text);
        free(text);
        assert_int_equal(grants_add(&all, rows, told[i].host), 0);
        reply_unref(rows);
    }
    assert_int_equal(grants_join(&all, true), 0);
    return all;
}

static void overdue_first_and_each_once(void **state)
{
    static const struct {
        const char *id;
        int64_t due;
    } wanted[] = {{"CCCCCCCCCCCC", NOW}, {"EEEEEEEEEEEE", NOW + 1}, {"AAAAAAAAAAAA", NOW + 1800}};
    struct grant_rows found = waiting();
    char hosts[64];

    (void)state;
    assert_int_equal(found.n, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(found.v[i].row->id, wanted[i].id);
        assert_int_equal(found.v[i].review_due, wanted[i].due);
    }
    /* Both ends of the one that two hosts saw end at different times. */
    (void)strings_join(&found.v[2].review_on, ",", hosts, sizeof(hosts));
    assert_true(strcmp(hosts, "db1,db3") == 0 || strcmp(hosts, "db3,db1") == 0);
    grant_rows_free(&found);
}

static char *shown_to(const char *person)
{
    struct grant_rows found = waiting();
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);

    assert_non_null(to);
    show_reviews(to, &found, person, NOW);
    (void)fclose(to);
    grant_rows_free(&found);
    return text;
}

static void own_ones_are_marked(void **state)
{
    static const struct {
        const char *person, *has, *has_not;
    } cases[] = {{"bob", "db1,db3          by 22:43; you requested it\n", "you approved it"},
                 {"alice", "db1,db3          by 22:43; you approved it\n", "you requested it"},
                 {"dave", "db2              OVERDUE since 22:13; you approved it\n", "you requested it"},
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
    struct grant_rows none = {0};
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);

    (void)state;
    assert_int_equal(grants_join(&none, true), 0);
    assert_non_null(to);
    show_reviews(to, &none, "grace", NOW);
    (void)fclose(to);
    assert_string_equal(text, "nothing waits for a review\n");
    free(text);
    grant_rows_free(&none);
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
