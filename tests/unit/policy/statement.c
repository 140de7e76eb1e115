/* SPDX-License-Identifier: ISC */
/* Statements: what parses, what does not and with which sentence, and that there is one encoding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/base/cleanup.h"
#include "policy/statement/statement.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGEST_HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEAD "breakglass-statement 1\nkind: "
#define REQUEST_TOP HEAD "request\ntime: 2026-11-23T14:02:31Z\nby: bob\n"
#define REQUEST_END                                                                                          \
    "nonce: 00112233445566778899aabbccddeeff\nrole: prod-db-admin\nhosts: db1.prod db2.prod\n"               \
    "accounts: postgres root\nduration: 30m\nreason: disk full on db1\n"
#define APPROVE_TOP                                                                                          \
    HEAD "approve\ntime: 2026-11-23T14:03:00Z\nby: alice\nrequest: " DIGEST_HEX "\nfor: bob\nrole: "         \
         "prod-db-admin\nhosts: db1.prod\n"

static const char *const good[] = {
    REQUEST_TOP REQUEST_END,
    REQUEST_TOP "via: sshd publickey SHA256:abc\n" REQUEST_END "ticket: INC-7\ndrill: yes\n",
    HEAD "request\ntime: 2026-11-23T14:02:31Z\nby: bob\nnonce: 00112233445566778899aabbccddeeff\nrole: r\n"
         "hosts: h\ncredentials: prod/db/root\nduration: 1h30m\nreason: Platte voll: übergelaufen\n",
    APPROVE_TOP "accounts: root\nduration: 30m\nreason: x\n",
    APPROVE_TOP "credentials: a b\nduration: 30m\nreason: x\nshares: AAAA BBBB=\n",
    HEAD "close\ntime: 2026-11-23T14:03:00Z\nby: alice\nrequest: " DIGEST_HEX "\nreason: urgent\n",
    HEAD "close\ntime: 2026-11-23T14:03:00Z\nby: alice\nvia: uid 1001\nrequest: " DIGEST_HEX
         "\nreason: reason: of sorts\n",
    HEAD "review\ntime: 2026-11-23T14:03:00Z\nby: grace\nrequest: " DIGEST_HEX "\nverdict: ok\n",
    HEAD "review\ntime: 2026-11-23T14:03:00Z\nby: grace\nrequest: " DIGEST_HEX
         "\nverdict: flag\nnote: why root?\n",
};

static const struct {
    const char *text, *sentence;
} bad[] = {
    {"", "line 1: the text is empty"},
    {"breakglass-statement 2\n", "line 1: it is not `breakglass-statement 1`"},
    {"breakglass-statement 1", "line 1: the text is cut off: its last line has no line end"},
    {"breakglass-statement 1\n", "line 1: nothing follows it"},
    {HEAD "grant\n", "line 2: `kind` can only be request, approve, close or review"},
    {"breakglass-statement 1\ntime: 2026-11-23T14:02:31Z\n", "line 2: `kind` has to stand here"},
    {HEAD "request\n", "line 2: the text ends without `time`, which the kind request must have"},
    {REQUEST_TOP "nonce: 00112233445566778899aabbccddeeff\n",
     "line 5: the text ends without `role`, which the kind request must have"},
    {HEAD "request\nby: bob\ntime: 2026-11-23T14:02:31Z\n" REQUEST_END,
     "line 4: `time` has to stand before `by`"},
    {REQUEST_TOP "by: bob\n" REQUEST_END, "line 5: `by` stands twice"},
    {REQUEST_TOP "verdict: ok\n" REQUEST_END, "line 5: `verdict` is not a key of the kind request"},
    {REQUEST_TOP REQUEST_END "shares: AAAA\n", "line 11: `shares` is not a key of the kind request"},
    {REQUEST_TOP REQUEST_END "Ticket: 1\n", "line 11: `Ticket` is not a key of the kind request"},
    {REQUEST_TOP REQUEST_END "\n", "line 11: it is empty"},
    {REQUEST_TOP REQUEST_END "ticket: x\r\n", "line 11: it ends in CR LF: a line ends in LF alone"},
    {REQUEST_TOP REQUEST_END "ticket: x\x1b[2J\n",
     "line 11: it holds a control or invisible character, or is not UTF-8"},
    {REQUEST_TOP REQUEST_END "ticket: \xe2\x80\xae\n",
     "line 11: it holds a control or invisible character, or is not UTF-8"},
    {REQUEST_TOP REQUEST_END "ticket: \xff\n",
     "line 11: it holds a control or invisible character, or is not UTF-8"},
    {REQUEST_TOP REQUEST_END "ticket\n", "line 11: it is not of the form `key: value`"},
    {REQUEST_TOP REQUEST_END "ticket:\n", "line 11: `ticket` has no value: a key without one is left out"},
    {REQUEST_TOP REQUEST_END "ticket: \n", "line 11: `ticket` has no value: a key without one is left out"},
    {REQUEST_TOP REQUEST_END "ticket:  x\n",
     "line 11: `ticket` has a space too many before or after its value"},
    {REQUEST_TOP REQUEST_END "ticket: x \n",
     "line 11: `ticket` has a space too many before or after its value"},
    {REQUEST_TOP REQUEST_END "drill: no\n", "line 11: `drill` can only be yes (else the line is left out)"},
    {HEAD "request\ntime: 2026-02-30T00:00:00Z\n",
     "line 3: `time` is not a UTC time like 2026-11-23T14:02:31Z"},
    {HEAD "request\ntime: 2026-11-23T14:02:31Z\nby: Bob\n",
     "line 4: `by` is not a person's name (a-z 0-9 . _ -, at most 64)"},
    {REQUEST_TOP "nonce: 00112233445566778899AABBCCDDEEFF\n",
     "line 5: `nonce` is not 32 lower-case hex digits"},
    {REQUEST_TOP "nonce: 00112233445566778899aabbccddeeff\nrole: a/b\n",
     "line 6: `role` is not a role's name (a-z 0-9 . _ -, at most 64)"},
    {REQUEST_TOP "nonce: 00112233445566778899aabbccddeeff\nrole: r\nhosts: db*.prod\n",
     "line 7: `hosts`: db*.prod is not a host's exact name"},
    {REQUEST_TOP "nonce: 00112233445566778899aabbccddeeff\nrole: r\nhosts: b a\n",
     "line 7: `hosts` is not sorted: a stands after b"},
    {REQUEST_TOP "nonce: 00112233445566778899aabbccddeeff\nrole: r\nhosts: a a\n",
     "line 7: `hosts` names a twice"},
    {REQUEST_TOP "nonce: 00112233445566778899aabbccddeeff\nrole: r\nhosts: a  b\n",
     "line 7: `hosts` has two spaces where one is enough"},
    {REQUEST_TOP "nonce: 00112233445566778899aabbccddeeff\nrole: r\nhosts: a\naccounts: Root\n",
     "line 8: `accounts`: Root is not a Unix account's name"},
    {REQUEST_TOP "nonce: 00112233445566778899aabbccddeeff\nrole: r\nhosts: a\ncredentials: ../x\n",
     "line 8: `credentials`: ../x is not a credential's name"},
    {REQUEST_TOP "nonce: 00112233445566778899aabbccddeeff\nrole: r\nhosts: a\naccounts: root\nduration: 0s\n",
     "line 9: `duration` is not a duration like 30m or 1h30m"},
    {REQUEST_TOP
     "nonce: 00112233445566778899aabbccddeeff\nrole: r\nhosts: a\naccounts: root\nduration: 90m\n",
     "line 9: `duration` is to be written 1h30m, not 90m"},
    {REQUEST_TOP "nonce: 00112233445566778899aabbccddeeff\nrole: r\nhosts: a\nduration: 30m\nreason: x\n",
     "line 9: the text ends without `accounts` and without `credentials`, and one of them is needed"},
    {HEAD "close\ntime: 2026-11-23T14:03:00Z\nby: alice\nrequest: 01234567\nreason: urgent\n",
     "line 5: `request` is not a whole SHA-256 in 64 lower-case hex digits"},
    {HEAD "review\ntime: 2026-11-23T14:03:00Z\nby: grace\nrequest: " DIGEST_HEX "\nverdict: fine\n",
     "line 6: `verdict` can only be ok or flag"},
    {APPROVE_TOP "accounts: root\nduration: 30m\nreason: x\nshares: AA-AA\n",
     "line 12: `shares` is not words of base64 with one space between"},
};

static void test_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < BG_COUNT(good); i++) {
        bg_cleanup_(bg_statement_free) struct bg_statement st;
        struct bg_sentence err = {""};
        unsigned char digest[32];

        if (bg_statement_parse(&st, good[i], strlen(good[i]), &err) != 0)
            fail_msg("%s\n%s", err.text, good[i]);
        assert_string_equal(st.text, good[i]);
        assert_int_equal(st.text_len, strlen(good[i]));
        crypto_hash_sha256(digest, (const unsigned char *)good[i], strlen(good[i]));
        assert_memory_equal(st.digest, digest, 32);
        if (bg_statement_print(&st, &err) != 0)
            fail_msg("%s\n%s", err.text, good[i]);
        assert_string_equal(st.text, good[i]);
    }
}

static void test_fields(void **state)
{
    bg_cleanup_(bg_statement_free) struct bg_statement st;

    (void)state;
    assert_int_equal(bg_statement_parse(&st, good[1], strlen(good[1]), NULL), 0);
    assert_int_equal(st.kind, BG_REQUEST);
    assert_int_equal(st.time, 1795442551);
    assert_string_equal(st.by, "bob");
    assert_string_equal(st.via, "sshd publickey SHA256:abc");
    assert_string_equal(st.nonce, "00112233445566778899aabbccddeeff");
    assert_string_equal(st.terms.role, "prod-db-admin");
    assert_int_equal(st.terms.hosts.n, 2);
    assert_string_equal(st.terms.hosts.v[1], "db2.prod");
    assert_int_equal(st.terms.accounts.n, 2);
    assert_int_equal(st.terms.credentials.n, 0);
    assert_int_equal(st.terms.duration, 1800);
    assert_string_equal(st.terms.reason, "disk full on db1");
    assert_string_equal(st.ticket, "INC-7");
    assert_true(st.drill);
}

static void test_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < BG_COUNT(bad); i++) {
        struct bg_statement st;
        struct bg_sentence err = {""};

        assert_int_equal(bg_statement_parse(&st, bad[i].text, strlen(bad[i].text), &err), -EINVAL);
        assert_string_equal(err.text, bad[i].sentence);
        assert_null(st.text);
        assert_null(st.by);
    }
}

/* Every cut of a good text is refused, and so is every text with one byte more. */
static void test_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < BG_COUNT(good); i++) {
        struct bg_statement st;
        size_t len = strlen(good[i]);
        bg_free_ char *longer = malloc(len + 2);

        for (size_t cut = 0; cut < len; cut++) {
            int r = bg_statement_parse(&st, good[i], cut, NULL);

            /* Cut after a whole line, what is left may be a shorter statement of its own. */
            assert_true(r == -EINVAL || good[i][cut - 1] == '\n');
            bg_statement_free(&st);
        }
        memcpy(longer, good[i], len);
        for (int c = 0; c < 256; c++) {
            longer[len] = (char)c;
            assert_int_equal(bg_statement_parse(&st, longer, len + 1, NULL), -EINVAL);
        }
    }
}

static void test_nul(void **state)
{
    static const char text[] = REQUEST_TOP REQUEST_END "ticket: a\0b\n";
    struct bg_statement st;

    (void)state;
    assert_int_equal(bg_statement_parse(&st, text, sizeof(text) - 1, NULL), -EINVAL);
}

static char *text_with(const char *before, size_t fill, const char *after)
{
    size_t at = strlen(before);
    char *text = malloc(at + fill + strlen(after) + 1);

    memcpy(text, before, at);
    memset(text + at, 'x', fill);
    strcpy(text + at + fill, after);
    return text;
}

static void expect(const char *text, int want, const char *sentence)
{
    struct bg_statement st;
    struct bg_sentence err = {""};

    assert_int_equal(bg_statement_parse(&st, text, strlen(text), &err), want);
    assert_string_equal(err.text, sentence);
    bg_statement_free(&st);
}

static void test_bounds(void **state)
{
    static const char before[] =
        HEAD "close\ntime: 2026-11-23T14:03:00Z\nby: alice\nrequest: " DIGEST_HEX "\nreason: ";
    bg_free_ char *full = text_with(before, 1024, "\n");
    bg_free_ char *more = text_with(before, 1025, "\n");
    bg_free_ char *line = text_with(before, 4096, "\n");
    bg_free_ char *text = text_with(before, 16384, "\n");
    char hosts[4096] = REQUEST_TOP "nonce: 00112233445566778899aabbccddeeff\nrole: r\nhosts: h000";
    char name[16];

    (void)state;
    expect(full, 0, "");
    expect(more, -EINVAL, "line 6: `reason` is longer than 1024 bytes");
    expect(line, -EINVAL, "line 6: it is longer than 4096 bytes");
    expect(text, -E2BIG, "the text is longer than a statement may be (16384 bytes)");
    for (int i = 1; i < 65; i++) {
        snprintf(name, sizeof(name), " h%03d", i);
        strcat(hosts, name);
    }
    strcat(hosts, "\n");
    expect(hosts, -EINVAL, "line 7: `hosts` names more than 64");
}

static void fill_request(struct bg_statement *st)
{
    *st = (struct bg_statement){.kind = BG_REQUEST, .time = 1795442551, .by = strdup("bob")};
    assert_int_equal(bg_statement_nonce(st), 0);
    st->terms.role = strdup("r");
    assert_int_equal(bg_list_split(&st->terms.hosts, "a b"), 0);
    assert_int_equal(bg_list_split(&st->terms.accounts, "root"), 0);
    st->terms.duration = 3661;
    st->terms.reason = strdup("why not");
}

static void test_print(void **state)
{
    bg_cleanup_(bg_statement_free) struct bg_statement st, approve;
    struct bg_sentence err = {""};

    (void)state;
    fill_request(&st);
    st.ticket = strdup("");
    assert_int_equal(bg_statement_print(&st, &err), 0);
    assert_null(strstr(st.text, "ticket"));
    assert_non_null(strstr(st.text, "\nduration: 1h1m1s\nreason: why not\n"));
    assert_int_equal(bg_statement_approve(&approve, &st), 0);
    approve.by = strdup("alice");
    approve.time = st.time + 5;
    assert_int_equal(bg_statement_print(&approve, &err), 0);
    assert_int_equal(bg_statement_restates(&approve, &st, &err), 0);
    assert_memory_equal(approve.request, st.digest, 32);
}

/* What could break out of its line or word never reaches the text. */
static void test_print_refuses(void **state)
{
    bg_cleanup_(bg_statement_free) struct bg_statement st;
    struct bg_sentence err = {""};

    (void)state;
    fill_request(&st);
    st.ticket = strdup("x\ndrill: yes");
    assert_int_equal(bg_statement_print(&st, &err), -EINVAL);
    assert_string_equal(err.text, "`ticket` holds a line break or a space that it may not hold");
    assert_string_equal(st.by, "bob"); /* as it was */
    free(st.ticket);
    st.ticket = NULL;
    assert_int_equal(bg_list_add(&st.terms.hosts, "c d", 3), 0);
    assert_int_equal(bg_statement_print(&st, &err), -EINVAL);
    assert_string_equal(err.text, "`hosts` holds a line break or a space that it may not hold");
    strcpy(st.terms.hosts.v[2], "a");
    assert_int_equal(bg_statement_print(&st, &err), -EINVAL);
    assert_string_equal(err.text, "line 7: `hosts` is not sorted: a stands after b");
    strcpy(st.terms.hosts.v[2], "c");
    st.time = 5;
    assert_int_equal(bg_statement_print(&st, &err), -EINVAL);
    assert_string_equal(err.text, "`time` is not between the years 2000 and 9999");
}

static void approval_of(struct bg_statement *approve, const struct bg_statement *request)
{
    bg_statement_free(approve);
    assert_int_equal(bg_statement_approve(approve, request), 0);
    approve->by = strdup("alice");
    approve->time = request->time;
}

static void expect_other(struct bg_statement *approve, const struct bg_statement *request,
                         const char *sentence)
{
    struct bg_sentence err = {""};

    assert_int_equal(bg_statement_restates(approve, request, &err), -EINVAL);
    assert_string_equal(err.text, sentence);
    approval_of(approve, request);
}

static void test_restates(void **state)
{
    bg_cleanup_(bg_statement_free) struct bg_statement st, a = {0};

    (void)state;
    fill_request(&st);
    assert_int_equal(bg_statement_print(&st, NULL), 0);
    approval_of(&a, &st);
    a.request[31] ^= 1;
    expect_other(&a, &st, "the approval's `request` is the digest of another request");
    a.for_person[0] = 'r';
    expect_other(&a, &st, "the approval's `for` is not the request's: it says rob, and the request bob");
    a.terms.role[0] = 'q';
    expect_other(&a, &st, "the approval's `role` is not the request's: it says q, and the request r");
    bg_list_free(&a.terms.hosts);
    expect_other(&a, &st,
                 "the approval's `hosts` is not the request's: it says nothing, and the request a b");
    assert_int_equal(bg_list_split(&a.terms.accounts, "www"), 0);
    expect_other(&a, &st,
                 "the approval's `accounts` is not the request's: it says root www, and the request root");
    assert_int_equal(bg_list_split(&a.terms.credentials, "c"), 0);
    expect_other(&a, &st,
                 "the approval's `credentials` is not the request's: it says c, and the request nothing");
    a.terms.duration++;
    expect_other(&a, &st,
                 "the approval's `duration` is not the request's: it says 1h1m2s, and the request 1h1m1s");
    a.terms.reason[0] = 'W';
    expect_other(&a, &st,
                 "the approval's `reason` is not the request's: it says Why not, and the request why not");
    a.kind = BG_REVIEW;
    expect_other(&a, &st, "only an approval can restate a request");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),  cmocka_unit_test(test_fields),        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_cut),   cmocka_unit_test(test_nul),           cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_print), cmocka_unit_test(test_print_refuses), cmocka_unit_test(test_restates),
    };

    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
