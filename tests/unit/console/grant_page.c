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
#include "tests/kit/rows.h"

#define MANY 20000

static struct frame *frame;
static struct grant *grant;

static int begin(void **state)
{
    struct reply *row =
        rows_of(BG_METHOD_SHOW, "{\"id\": \"K7Q4M2XP9D3F\", \"state\": \"pending\", \"person\": \"bob\"}");

    (void)state;
    frame = calloc(1, sizeof(*frame));
    if (!frame || model_add_host(&frame->model, "db1") < 0)
        return -1;
    grant = model_take(&frame->model, 0, row, 0);
    reply_unref(row);
    return grant ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    model_free(&frame->model);
    free(frame);
    return 0;
}

/* More rows than one reply has room for; the last one is the first in time. */
static void a_long_story_is_told_at_once(void **state)
{
    static struct bg_statement_row statements[MANY];
    static struct bg_session_row sessions[MANY];
    static struct bg_event_row events[MANY];
    static struct bg_line_row lines[MANY];
    static const char *names[MANY];
    struct reply *log = reply_new(BG_METHOD_LOG);
    struct bg_grant_row shown;
    struct page page = {0};
    clock_t began;

    (void)state;
    assert_non_null(log);
    bg_row_clear(&bg_shown_type, &shown);
    for (int i = 0; i < MANY; i++) {
        bg_row_clear(&bg_statement_type, &statements[i]);
        bg_row_clear(&bg_session_type, &sessions[i]);
        bg_row_clear(&bg_event_type, &events[i]);
        bg_row_clear(&bg_line_type, &lines[i]);
        statements[i].kind = "approve";
        statements[i].valid = true;
        statements[i].time = sessions[i].opened = events[i].time = MANY - i;
        lines[i].need = 1;
        names[i] = "alice";
        lines[i].who = (struct bg_strings){names, 1};
    }
    shown.statements = (struct bg_statements){statements, MANY};
    shown.sessions_in = (struct bg_sessions){sessions, MANY};
    shown.lines = (struct bg_lines){lines, MANY};
    shown.got = (struct bg_strings){names, MANY};
    log->rows = events;
    log->n = MANY;
    began = clock();
    grant_page_details(&page, frame, grant, &shown, log, true);
    assert_true(clock() - began < CLOCKS_PER_SEC);
    assert_true(page.n > 100);
    page_free(&page);
    reply_unref(log);
}

static void a_story_with_gaps(void **state)
{
    static const char *const tales[] = {
        "{}",
        "{\"statements\": [1, null, [], {\"time\": \"x\"}], \"got\": [1, {}]}",
        "{\"lines\": [2, {\"need\": 1, \"who\": [3]}], \"contacts\": [], \"sessions_in\": {}}",
        "{\"sentence\": 5}",
        "{\"contacts\": {\"alice\": \"\"}, \"got\": [\"alice\"], \"statements\": {\"0\": 1}}",
        "{\"statements\": [{\"kind\": \"review\", \"text\": \"x\", \"time\": 9999999999999999}]}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(tales) / sizeof(tales[0]); i++) {
        struct reply *shown = rows_of(BG_METHOD_SHOW, tales[i]);
        struct page page = {0};

        grant_page_pane(&page, frame, grant, reply_grant(shown, 0), true);
        grant_page_details(&page, frame, grant, reply_grant(shown, 0), NULL, false);
        assert_true(page.n > 5);
        page_free(&page);
        reply_unref(shown);
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
    struct reply *shown = rows_of(
        BG_METHOD_SHOW,
        "{\"statements\": [{\"kind\": \"approve\", \"by\": \"dave\", \"valid\": true, \"time\": 60, \"key\": "
        "\"K1\"},"
        " {\"kind\": \"approve\", \"by\": \"alice\", \"valid\": true, \"time\": 60, \"key\": \"K2\"},"
        " {\"kind\": \"approve\", \"by\": \"erin\", \"valid\": true, \"time\": 59, \"key\": \"K3\"}]}");
    struct page page = {0};

    (void)state;
    grant_page_details(&page, frame, grant, reply_grant(shown, 0), NULL, false);
    assert_int_equal(line_with(&page, "signed by K1"), line_with(&page, "dave approved") + 1);
    assert_int_equal(line_with(&page, "signed by K2"), line_with(&page, "alice approved") + 1);
    assert_int_equal(line_with(&page, "signed by K3"), line_with(&page, "erin approved") + 1);
    assert_true(line_with(&page, "erin approved") < line_with(&page, "dave approved"));
    page_free(&page);
    reply_unref(shown);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_long_story_is_told_at_once, begin, end),
        cmocka_unit_test_setup_teardown(signatures_stay_below, begin, end),
        cmocka_unit_test_setup_teardown(a_story_with_gaps, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
