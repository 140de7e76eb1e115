/* SPDX-License-Identifier: ISC */
/* The story of a grant as a host that lies tells it: whatever it sends, it is told at once and in bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "console/screen/text/grant_page.h"

#define MANY 20000

static struct frame *frame;
static struct grant *grant;

static int begin(void **state)
{
    json_object *row =
        json_tokener_parse("{\"id\": \"K7Q4M2XP9D3F\", \"state\": \"pending\", \"person\": \"bob\"}");

    (void)state;
    frame = calloc(1, sizeof(*frame));
    if (!frame || model_add_host(&frame->model, "db1") < 0)
        return -1;
    grant = model_take(&frame->model, 0, row);
    json_object_put(row);
    return grant ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    model_free(&frame->model);
    free(frame);
    return 0;
}

/* As many rows as there is room for in a reply; the last one is the first in time. */
static json_object *rows(const char *text)
{
    json_object *array = json_object_new_array();

    for (int i = 0; i < MANY; i++) {
        json_object *row = json_tokener_parse(text);

        json_object_object_add(row, "time", json_object_new_int64(MANY - i));
        json_object_object_add(row, "opened", json_object_new_int64(MANY - i));
        json_object_array_add(array, row);
    }
    return array;
}

static json_object *names(void)
{
    json_object *array = json_object_new_array();

    for (int i = 0; i < MANY; i++)
        json_object_array_add(array, json_object_new_string(""));
    return array;
}

static void a_long_story_is_told_at_once(void **state)
{
    json_object *shown = json_object_new_object(), *log = rows("{\"event\": \"x\"}");
    struct page page = {0};
    clock_t began;

    (void)state;
    json_object_object_add(shown, "statements", rows("{\"kind\": \"approve\", \"valid\": true}"));
    json_object_object_add(shown, "sessions_in", rows("{}"));
    json_object_object_add(shown, "got", names());
    json_object_object_add(shown, "lines", rows("{\"need\": 1, \"who\": [\"alice\"]}"));
    began = clock();
    grant_page_details(&page, frame, grant, shown, log, true);
    assert_true(clock() - began < CLOCKS_PER_SEC);
    assert_true(page.n > 100);
    page_free(&page);
    json_object_put(shown);
    json_object_put(log);
}

static void a_story_of_wrong_types(void **state)
{
    static const char *const tales[] = {
        "[1, {\"event\": 7}, null]",
        "{}",
        "\"x\"",
        "{\"statements\": [1, null, [], {\"time\": \"x\"}], \"got\": [1, {}]}",
        "{\"lines\": [2, {\"need\": 1, \"who\": [3]}], \"contacts\": [], \"sessions_in\": {}}",
        "{\"sentence\": 5}",
        "{\"contacts\": {\"alice\": {}}, \"got\": [\"alice\"], \"statements\": {\"0\": 1}}",
        "{\"statements\": [{\"kind\": \"review\", \"text\": \"x\", \"time\": 9999999999999999}]}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(tales) / sizeof(tales[0]); i++) {
        json_object *shown = json_tokener_parse(tales[i]);
        struct page page = {0};

        assert_non_null(shown);
        grant_page_pane(&page, frame, grant, shown, true);
        grant_page_details(&page, frame, grant, shown,
                           json_object_is_type(shown, json_type_array) ? shown : NULL, false);
        assert_true(page.n > 5);
        page_free(&page);
        json_object_put(shown);
    }
}

static size_t line_with(const struct page *page, const char *text)
{
    size_t i = 0;

    while (i < page->n && !strstr(page->v[i].text, text))
        i++;
    assert_true(i < page->n);
    return i;
}

/* Two said at the same second, told in whatever order: each signature stands below what it signs. */
static void signatures_stay_below(void **state)
{
    json_object *shown = json_tokener_parse(
        "{\"statements\": [{\"kind\": \"approve\", \"by\": \"dave\", \"valid\": true, \"time\": 60, \"key\": "
        "\"K1\"},"
        " {\"kind\": \"approve\", \"by\": \"alice\", \"valid\": true, \"time\": 60, \"key\": \"K2\"},"
        " {\"kind\": \"approve\", \"by\": \"erin\", \"valid\": true, \"time\": 59, \"key\": \"K3\"}]}");
    struct page page = {0};

    (void)state;
    grant_page_details(&page, frame, grant, shown, NULL, false);
    assert_int_equal(line_with(&page, "signed by K1"), line_with(&page, "dave agreed") + 1);
    assert_int_equal(line_with(&page, "signed by K2"), line_with(&page, "alice agreed") + 1);
    assert_int_equal(line_with(&page, "signed by K3"), line_with(&page, "erin agreed") + 1);
    assert_true(line_with(&page, "erin agreed") < line_with(&page, "dave agreed"));
    page_free(&page);
    json_object_put(shown);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_long_story_is_told_at_once, begin, end),
        cmocka_unit_test_setup_teardown(signatures_stay_below, begin, end),
        cmocka_unit_test_setup_teardown(a_story_of_wrong_types, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
