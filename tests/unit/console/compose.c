/* SPDX-License-Identifier: ISC */
/* What people say about a request, as the verbs and the console make it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "console/action/anomalies.h"
#include "console/action/compose.h"
#include "policy/base/timestamp.h"

static const char asked[] = "breakglass-statement 1\nkind: request\ntime: 2023-11-14T22:13:20Z\nby: bob\n"
                            "nonce: 00112233445566778899aabbccddeeff\nrole: db-admin\nhosts: db1 db2\n"
                            "accounts: postgres root\nduration: 30m\nreason: disk full\nticket: INC-1\n";

static int read_request(void **state)
{
    static struct bg_statement request;

    *state = &request;
    return bg_statement_parse(&request, asked, strlen(asked), NULL);
}

static int free_request(void **state)
{
    bg_statement_free(*state);
    return 0;
}

/* What every answer must be: printed, of now, by that person, about that request, and nothing but its text.
 */
static void check_answer(const struct bg_statement *st, enum bg_kind kind, const char *person,
                         const struct bg_statement *request)
{
    struct bg_statement again = {0};

    assert_int_equal(bg_statement_parse(&again, st->text, st->text_len, NULL), 0);
    assert_int_equal(again.kind, kind);
    assert_string_equal(again.by, person);
    assert_memory_equal(again.request, request->digest, BG_DIGEST_BYTES);
    assert_memory_equal(again.digest, st->digest, BG_DIGEST_BYTES);
    assert_in_range(again.time, bg_now() - 60, bg_now());
    bg_statement_free(&again);
}

static void approval_restates(void **state)
{
    struct bg_statement *request = *state, st;
    struct bg_sentence err = {0};

    assert_int_equal(compose_approve(&st, request, "alice", &err), 0);
    check_answer(&st, BG_APPROVE, "alice", request);
    assert_int_equal(bg_statement_restates(&st, request, &err), 0);
    bg_statement_free(&st);
}

static void only_a_request_is_approved(void **state)
{
    struct bg_statement *request = *state, closed, st;
    struct bg_sentence err = {0};

    assert_int_equal(compose_close(&closed, request, "alice", NULL, &err), 0);
    assert_int_equal(compose_approve(&st, &closed, "alice", &err), -EINVAL);
    assert_string_equal(err.text, "that is no request");
    assert_null(st.text);
    assert_null(st.by);
    bg_statement_free(&closed);
}

static void close_is_urgent_by_default(void **state)
{
    static const char *const said[][2] = {{NULL, "urgent"}, {"", "urgent"}, {"it is done", "it is done"}};
    struct bg_statement *request = *state, st;
    struct bg_sentence err = {0};

    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        assert_int_equal(compose_close(&st, request, "bob", said[i][0], &err), 0);
        check_answer(&st, BG_CLOSE, "bob", request);
        assert_string_equal(st.reason, said[i][1]);
        bg_statement_free(&st);
    }
}

static void review_has_a_verdict(void **state)
{
    struct bg_statement *request = *state, st;
    struct bg_sentence err = {0};

    assert_int_equal(compose_review(&st, request, "grace", false, NULL, &err), 0);
    check_answer(&st, BG_REVIEW, "grace", request);
    assert_non_null(strstr(st.text, "\nverdict: ok\n"));
    assert_null(st.note);
    bg_statement_free(&st);
    assert_int_equal(compose_review(&st, request, "grace", true, "why a second login?", &err), 0);
    check_answer(&st, BG_REVIEW, "grace", request);
    assert_non_null(strstr(st.text, "\nverdict: flag\nnote: why a second login?\n"));
    bg_statement_free(&st);
}

static void a_flag_says_why(void **state)
{
    struct bg_sentence err = {0};
    struct bg_statement st;

    assert_int_equal(compose_review(&st, *state, "grace", true, NULL, &err), -EINVAL);
    assert_int_equal(compose_review(&st, *state, "grace", true, "", &err), -EINVAL);
    assert_string_equal(err.text, "a flag says why: it needs a note");
    assert_null(st.text);
}

static void words_that_no_statement_holds(void **state)
{
    struct bg_sentence err = {0};
    struct bg_statement st;
    char *longer = malloc(BG_REASON_MAX + 2);

    assert_non_null(longer);
    memset(longer, 'x', BG_REASON_MAX + 1);
    longer[BG_REASON_MAX + 1] = 0;
    assert_int_equal(compose_close(&st, *state, "alice", "two\nlines", &err), -EINVAL);
    assert_null(st.reason);
    assert_true(compose_close(&st, *state, "alice", longer, &err) < 0);
    assert_true(compose_review(&st, *state, "grace", false, longer, &err) < 0);
    assert_null(st.note);
    assert_int_equal(compose_review(&st, *state, "No Person", false, NULL, &err), -EINVAL);
    assert_null(st.by);
    assert_true(strlen(err.text) > 0);
    free(longer);
}

/* A host that answers first and lies takes away no other host's warning. */
static void any_host_warns(void **state)
{
    const struct bg_grant_row lies = {.state = "pending", .sentence = ""},
                              tells = {.state = "pending", .sentence = "", .critical = true, .first = true};
    struct anomalies_told told = {.v = {&lies, &tells}, .n = 2};
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);

    assert_non_null(to);
    anomalies(to, *state, &told, "alice", bg_now(), 74);
    assert_int_equal(fclose(to), 0);
    assert_non_null(strstr(text, "the first time"));
    assert_non_null(strstr(text, "class critical"));
    free(text);
    assert_true(anomalies_critical(&told));
    told.n = 1;
    assert_false(anomalies_critical(&told));
    told.n = 0; /* nobody tells: the worst is assumed */
    assert_true(anomalies_critical(&told));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(approval_restates),
        cmocka_unit_test(any_host_warns),
        cmocka_unit_test(only_a_request_is_approved),
        cmocka_unit_test(close_is_urgent_by_default),
        cmocka_unit_test(review_has_a_verdict),
        cmocka_unit_test(a_flag_says_why),
        cmocka_unit_test(words_that_no_statement_holds),
    };

    return cmocka_run_group_tests(tests, read_request, free_request);
}
