/* SPDX-License-Identifier: ISC */
/* What a person who answers a request is asked, and what they sign: verb and screen both go by this. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "console/action/answer.h"
#include "console/action/answer_text.h"
#include "policy/base/cleanup.h"
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

static struct answer answer_of(void **state, enum answer_kind kind, const char *person, const char *text)
{
    return (struct answer){.kind = kind, .request = *state, .person = person, .text = text};
}

static void approval_restates(void **state)
{
    struct answer a = answer_of(state, ANSWER_APPROVE, "alice", "a reason has no place here");
    struct bg_sentence err = {0};
    struct bg_statement st;

    assert_int_equal(answer_compose(&a, &st, &err), 0);
    check_answer(&st, BG_APPROVE, "alice", *state);
    assert_int_equal(bg_statement_restates(&st, *state, &err), 0);
    assert_null(st.reason);
    bg_statement_free(&st);
}

static void only_a_request_is_approved(void **state)
{
    struct answer a = answer_of(state, ANSWER_REVOKE, "alice", NULL);
    struct bg_statement closed, st;
    struct bg_sentence err = {0};

    assert_int_equal(answer_compose(&a, &closed, &err), 0);
    a.kind = ANSWER_APPROVE;
    a.request = &closed;
    assert_int_equal(answer_compose(&a, &st, &err), -EINVAL);
    assert_string_equal(err.text, "that is no request");
    assert_null(st.text);
    assert_null(st.by);
    bg_statement_free(&closed);
}

/* A reason that fits who closes, where none is given. */
static void a_close_has_a_reason(void **state)
{
    static const struct {
        enum answer_kind kind;
        const char *text, *reason;
    } rows[] = {{ANSWER_REVOKE, NULL, "urgent"},
                {ANSWER_REVOKE, "", "urgent"},
                {ANSWER_DENY, NULL, "not now"},
                {ANSWER_GIVE_BACK, NULL, "no longer needed"},
                {ANSWER_REVOKE, "it is done", "it is done"}};
    struct bg_sentence err = {0};
    struct bg_statement st;

    for (size_t i = 0; i < BG_COUNT(rows); i++) {
        struct answer a = answer_of(state, rows[i].kind, "bob", rows[i].text);

        assert_int_equal(answer_compose(&a, &st, &err), 0);
        check_answer(&st, BG_CLOSE, "bob", *state);
        assert_string_equal(st.reason, rows[i].reason);
        bg_statement_free(&st);
    }
}

static void review_has_a_verdict(void **state)
{
    struct answer a = answer_of(state, ANSWER_REVIEW, "grace", NULL);
    struct bg_sentence err = {0};
    struct bg_statement st;

    assert_int_equal(answer_compose(&a, &st, &err), 0);
    check_answer(&st, BG_REVIEW, "grace", *state);
    assert_non_null(strstr(st.text, "\nverdict: ok\n"));
    assert_null(st.note);
    bg_statement_free(&st);
    a.flagged = true;
    a.text = "why a second login?";
    assert_int_equal(answer_compose(&a, &st, &err), 0);
    check_answer(&st, BG_REVIEW, "grace", *state);
    assert_non_null(strstr(st.text, "\nverdict: flag\nnote: why a second login?\n"));
    bg_statement_free(&st);
}

static void a_flag_says_why(void **state)
{
    struct answer a = answer_of(state, ANSWER_REVIEW, "grace", NULL);
    struct bg_sentence err = {0};
    struct bg_statement st;

    a.flagged = true;
    assert_int_equal(answer_compose(&a, &st, &err), -EINVAL);
    a.text = "";
    assert_int_equal(answer_compose(&a, &st, &err), -EINVAL);
    assert_string_equal(err.text, "a flag says why: it needs a note");
    assert_null(st.text);
}

static void words_that_no_statement_holds(void **state)
{
    char longer[BG_REASON_MAX + 2];
    struct answer rows[] = {answer_of(state, ANSWER_REVOKE, "alice", "two\nlines"),
                            answer_of(state, ANSWER_REVOKE, "alice", longer),
                            answer_of(state, ANSWER_REVIEW, "alice", longer),
                            answer_of(state, ANSWER_REVIEW, "No Person", NULL)};
    struct bg_sentence err = {0};
    struct bg_statement st;

    memset(longer, 'x', sizeof longer);
    longer[sizeof longer - 1] = 0;
    for (size_t i = 0; i < BG_COUNT(rows); i++) {
        err.text[0] = 0;
        assert_int_equal(answer_compose(&rows[i], &st, &err), -EINVAL);
        assert_true(strlen(err.text) > 0);
        assert_null(st.by);
        assert_null(st.reason);
        assert_null(st.note);
    }
}

static bool says(const struct answer *a, const char *text)
{
    struct page page = {0};
    bool found = false;

    answer_text(&page, a);
    for (size_t i = 0; i < page.n; i++)
        found = found || strstr(page.v[i].text, text);
    page_free(&page);
    return found;
}

/* A host that answers first and lies takes away no other host's warning. */
static void any_host_warns(void **state)
{
    const struct bg_grant_row lies = {.state = "pending", .sentence = ""},
                              tells = {.state = "pending", .sentence = "", .critical = true, .first = true};
    struct answer a = answer_of(state, ANSWER_APPROVE, "alice", NULL);
    struct reply *all[MODEL_HOSTS] = {0};
    struct model *m = calloc(1, sizeof *m);

    assert_non_null(m);
    a.model = m;
    a.says = all;
    assert_int_equal(model_add_host(m, "db1"), 0);
    assert_int_equal(model_add_host(m, "db2"), 1);
    assert_string_equal(answer_word(&a), "db-admin"); /* nobody tells: the worst is assumed */
    all[0] = reply_new(BG_METHOD_SHOW);
    all[0]->n = 1;
    all[0]->rows = &lies;
    assert_string_equal(answer_word(&a), "yes");
    assert_false(says(&a, "the first time"));
    all[1] = reply_new(BG_METHOD_SHOW);
    all[1]->n = 1;
    all[1]->rows = &tells;
    m->host[1].is.ahead = -3600;
    assert_string_equal(answer_word(&a), "db-admin");
    assert_true(says(&a, "the first time"));
    assert_true(says(&a, "class critical"));
    assert_true(says(&a, "clock of db2 is 60 minutes behind"));
    reply_unref(all[0]);
    reply_unref(all[1]);
    model_free(m);
    free(m);
}

/* Takes what a host says of the request: that it is in this state there. */
static void take(struct model *m, size_t host, const char *state)
{
    static const char *const hosts[] = {"db1", "db2"};
    struct reply *reply = reply_new(BG_METHOD_SHOW);
    struct bg_grant_row *row = reply_reserve(reply, sizeof *row);

    assert_non_null(row);
    *row = (struct bg_grant_row){.id = "K7Q4M2XP9D3F",
                                 .person = "bob",
                                 .role = "db-admin",
                                 .hosts = {hosts, BG_COUNT(hosts)},
                                 .reason = "",
                                 .ticket = "",
                                 .state = state,
                                 .closed_as = "",
                                 .why = "",
                                 .sentence = "",
                                 .reviewed = "",
                                 .ends = bg_now() + 60};
    reply->n = 1;
    reply->rows = row;
    assert_non_null(model_take(m, host, reply, 0));
    reply_unref(reply);
}

/* What was decided is not answered again, but a host that has not told may still have it open. */
static void what_may_be_answered(void **state)
{
    static const struct {
        const char *db1, *db2; /* NULL: has not told */
        enum answer_kind kind;
        const char *person;
        int r;
    } rows[] = {
        {"pending", NULL, ANSWER_APPROVE, "alice", 0},
        {"pending", NULL, ANSWER_APPROVE, "bob", -EPERM},
        {"open", "pending", ANSWER_APPROVE, "alice", 0},
        {"open", NULL, ANSWER_APPROVE, "alice", -EALREADY},
        {"closed", "closed", ANSWER_APPROVE, "alice", -EALREADY},
        {"closed", "open", ANSWER_REVOKE, "alice", 0},
        {"closed", NULL, ANSWER_REVOKE, "alice", 0},
        {"closed", "expired", ANSWER_REVOKE, "alice", -EALREADY},
        {"open", "open", ANSWER_GIVE_BACK, "alice", -EPERM},
        {"open", "open", ANSWER_GIVE_BACK, "bob", 0},
        {"closed", "open", ANSWER_REVIEW, "alice", -EBUSY},
        {"closed", "expired", ANSWER_REVIEW, "alice", 0},
        {"closed", "expired", ANSWER_REVIEW, "bob", -EPERM},
    };

    for (size_t i = 0; i < BG_COUNT(rows); i++) {
        struct answer a = answer_of(state, rows[i].kind, rows[i].person, NULL);
        struct model *m = calloc(1, sizeof *m);
        struct bg_sentence err = {0};

        assert_non_null(m);
        take(m, 0, rows[i].db1);
        if (rows[i].db2)
            take(m, 1, rows[i].db2);
        a.grant = model_find(m, "K7Q4M2XP9D3F");
        assert_int_equal(answer_check(&a, &err), rows[i].r);
        assert_true((rows[i].r < 0) == (*err.text != 0));
        model_free(m);
        free(m);
    }
}

/* Host-signing is for who has no key here, not for who was interrupted or signed with the wrong one. */
static void hosts_close_without_a_key(void **state)
{
    static const int yes[] = {-ENOKEY, -EPERM, -ECANCELED},
                     no[] = {-EINTR, -EKEYREJECTED, -EINVAL, -ENOMEM, 0};

    for (enum answer_kind kind = ANSWER_APPROVE; kind <= ANSWER_REVIEW; kind++) {
        struct answer a = answer_of(state, kind, "bob", NULL);

        for (size_t i = 0; i < BG_COUNT(yes); i++)
            assert_int_equal(answer_by_hosts(&a, yes[i]), answer_closes(&a));
        for (size_t i = 0; i < BG_COUNT(no); i++)
            assert_false(answer_by_hosts(&a, no[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(approval_restates),
        cmocka_unit_test(any_host_warns),
        cmocka_unit_test(only_a_request_is_approved),
        cmocka_unit_test(a_close_has_a_reason),
        cmocka_unit_test(review_has_a_verdict),
        cmocka_unit_test(a_flag_says_why),
        cmocka_unit_test(words_that_no_statement_holds),
        cmocka_unit_test(hosts_close_without_a_key),
        cmocka_unit_test(what_may_be_answered),
    };

    return cmocka_run_group_tests(tests, read_request, free_request);
}
