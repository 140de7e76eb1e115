/* SPDX-License-Identifier: ISC */
/* Tokens and texts with their signature: what a chat, a mail or a terminal may do to them, and what it may
 * not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/statement/token.h"
#include "policy/base/cleanup.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_A                                                                                               \
    "breakglass-statement 1\nkind: close\ntime: 2026-11-23T14:03:00Z\nby: alice\n"                           \
    "request: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"                            \
    "reason: see http://wiki/x and note: all of it\n"
#define TEXT_B "breakglass-statement 1\nkind: review\nnote: second\n"

/* What the input turns into, in a buffer that the tests free. */
static char *each_line(const char *text, const char *prefix, const char *line_end)
{
    char *out = malloc(strlen(text) * (strlen(prefix) + strlen(line_end) + 1) + 1), *p = out;

    while (*text) {
        size_t len = strcspn(text, "\n");

        p = stpcpy(p, prefix);
        p = mempcpy(p, text, len);
        p = stpcpy(p, line_end);
        text += len + (text[len] == '\n');
    }
    *p = '\0';
    return out;
}

static char *each_char(const char *text, size_t every, const char *extra)
{
    char *out = malloc(strlen(text) * (strlen(extra) + 1) + 1), *p = out;

    for (size_t i = 0; text[i]; i++) {
        *p++ = text[i];
        if ((i + 1) % every == 0)
            p = stpcpy(p, extra);
    }
    *p = '\0';
    return out;
}

static char *without(const char *text, const char *chars)
{
    char *out = malloc(strlen(text) + 1), *p = out;

    for (; *text; text++)
        if (!strchr(chars, *text))
            *p++ = *text;
    *p = '\0';
    return out;
}

static char *joined(const char *a, const char *b, const char *c, const char *d)
{
    char *out = NULL;

    assert_true(asprintf(&out, "%s%s%s%s", a, b, c, d) >= 0);
    return out;
}

static struct bg_bundle_item item_of(char *text, unsigned char fill, size_t sig_len)
{
    struct bg_bundle_item item = {.text = text, .len = strlen(text), .sig_len = sig_len};

    memset(item.sig, fill, sig_len);
    return item;
}

static char *token_of(char *first, char *second)
{
    struct bg_bundle_item items[2] = {item_of(first, 0xa5, 180),
                                      second ? item_of(second, 0x5a, 200) : (struct bg_bundle_item){0}};
    char *token;

    assert_int_equal(bg_token_make(&token, items, second ? 2 : 1), 0);
    return token;
}

static char *armoured(const char *text, unsigned char fill, size_t len)
{
    unsigned char sig[BG_SSHSIG_BLOB_MAX];
    bg_free_ char *armour = NULL;

    memset(sig, fill, len);
    armour = bg_sshsig_armour(sig, len);
    return joined(text, armour, "", "");
}

static void expect_items(const char *input, size_t n, const char *const *texts)
{
    bg_cleanup_(bg_bundle_free) struct bg_bundle items;
    struct bg_sentence err = {""};
    int r = bg_bundle_parse(&items, input, strlen(input), &err);

    if (r != 0 || items.n_damaged != 0 || items.n != n)
        fail_msg("r %d, %zu items, %zu damaged: %s\n%s", r, items.n, items.n_damaged,
                 items.n_damaged ? items.damaged[0].text : err.text, input);
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(items.v[i].text, texts[i]);
        assert_int_equal(items.v[i].len, strlen(texts[i]));
        assert_true(items.v[i].sig_len == 180 || items.v[i].sig_len == 200);
        for (size_t k = 0; k < items.v[i].sig_len; k++)
            assert_int_equal(items.v[i].sig[k], items.v[i].sig_len == 180 ? 0xa5 : 0x5a);
    }
}

static void expect_damage(const char *input, size_t n_items, const char *sentence)
{
    bg_cleanup_(bg_bundle_free) struct bg_bundle items;
    struct bg_sentence err = {""};

    assert_int_equal(bg_bundle_parse(&items, input, strlen(input), &err), 0);
    assert_int_equal(items.n, n_items);
    assert_int_equal(items.n_damaged, 1);
    assert_string_equal(items.damaged[0].text, sentence);
}

static const char *const both[] = {TEXT_A, TEXT_B};

static void test_token(void **state)
{
    char a[] = TEXT_A, b[] = TEXT_B;
    bg_free_ char *token = token_of(a, b), *single = token_of(a, NULL);

    (void)state;
    expect_items(token, 2, both);
    expect_items(single, 1, both);
    for (const char *p = token; *p; p += strcspn(p, "\n") + 1)
        assert_true(strcspn(p, "\n") <= 64);
    assert_true(strncmp(token, "BREAKGLASS1-BEGIN\n", 18) == 0);
    assert_string_equal(token + strlen(token) - 16, "BREAKGLASS1-END\n");
}

/* Everything here leaves a token whole. */
static void test_token_travels(void **state)
{
    static const char *const prefixes[] = {"> ", ">> ", "| ", "    ", "\xc2\xa0", "> | > ", "`"};
    static const char *const extras[] = {"\n",           " ",    "\r\n", "\n> ", "\xc2\xa0", "\xe2\x80\x8b",
                                         "\xef\xbb\xbf", "=\r\n"};
    char a[] = TEXT_A, b[] = TEXT_B;
    bg_free_ char *token = token_of(a, b), *flat = without(token, "\n"), *bare = without(token, "\n-");
    bg_free_ char *prose =
        joined("Hi, the breakglass token:\n```", token, "```\nsend breakglass token back!", "\n");
    bg_free_ char *glued = joined("token:", flat, "Thanks", "");

    (void)state;
    for (size_t i = 0; i < BG_COUNT(prefixes); i++) {
        bg_free_ char *lf = each_line(token, prefixes[i], "\n"),
                      *crlf = each_line(token, prefixes[i], " \r\n");

        expect_items(lf, 2, both);
        expect_items(crlf, 2, both);
    }
    for (size_t i = 0; i < BG_COUNT(extras); i++)
        for (size_t every = 1; every < 80; every += 13) {
            bg_free_ char *wrapped = each_char(token, every, extras[i]);

            expect_items(wrapped, 2, both);
        }
    expect_items(flat, 2, both);
    expect_items(bare, 2, both);
    expect_items(prose, 2, both);
    expect_items(glued, 2, both);
    for (char *p = token; *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
    expect_items(token, 2, both);
}

static void test_lookalikes(void **state)
{
    char a[] = TEXT_A;
    bg_free_ char *token = token_of(a, NULL);

    (void)state;
    for (char *p = strchr(token, '\n'); p < strstr(token, "BREAKGLASS1-END"); p++)
        *p = *p == '0' ? 'o' : *p == '1' ? 'l' : *p;
    expect_items(token, 1, both);
}

/* Every single character changed, lost or doubled in the body is noticed. */
static void test_token_damage(void **state)
{
    char a[] = TEXT_B;
    bg_free_ char *token = token_of(a, NULL), *work = malloc(strlen(token) + 2);
    size_t begin = strlen("BREAKGLASS1-BEGIN\n"), end = (size_t)(strstr(token, "BREAKGLASS1-END") - token);

    (void)state;
    for (size_t i = begin; i < end; i++) {
        if (token[i] == '\n')
            continue;
        strcpy(work, token);
        work[i] = work[i] == 'Z' ? '0' : 'Z';
        for (int form = 0; form < 3; form++) {
            bg_cleanup_(bg_bundle_free) struct bg_bundle items;

            if (form == 1)
                memmove(work + i, token + i + 1, strlen(token + i)); /* lost */
            else if (form == 2) {
                strcpy(work, token);
                memmove(work + i + 1, token + i, strlen(token + i) + 1); /* doubled */
            }
            assert_int_equal(bg_bundle_parse(&items, work, strlen(work), NULL), 0);
            assert_int_equal(items.n, 0);
            assert_int_equal(items.n_damaged, 1);
        }
    }
}

static void test_token_damage_named(void **state)
{
    char a[] = TEXT_A, b[] = TEXT_B;
    bg_free_ char *token = token_of(a, NULL), *other = token_of(b, NULL), *changed = strdup(token);
    bg_free_ char *cut = strndup(token, 200), *newer = strdup(token), *letter = strdup(token);
    char *digit = changed + 100;

    (void)state;
    *digit = *digit == '7' ? '8' : '7';
    letter[100] = 'u';
    newer[10] = '2';
    bg_free_ char *second = joined(token, "\n", changed, ""), *first = joined(cut, "\n", token, "");
    bg_free_ char *tail = joined(token, "and\n", token + 30, "");

    expect_damage(
        changed, 0,
        "the first token is damaged: a character of it was changed, lost or added; have it sent again");
    expect_damage(
        second, 1,
        "the second token is damaged: a character of it was changed, lost or added; have it sent again");
    expect_damage(cut, 0,
                  "the first token is damaged: its end is missing (it was cut off); have it sent again");
    expect_damage(first, 1,
                  "the first token is damaged: its end is missing (it was cut off); have it sent again");
    expect_damage(tail, 1, "the second token is damaged: its beginning is missing; have it sent again");
    expect_damage(letter, 0,
                  "the first token is damaged: it holds a letter U, which no token has; have it sent again");
    expect_damage(
        newer, 0,
        "the first token is damaged: it is of a form that this version does not know; have it sent again");
    expect_damage(
        "BREAKGLASS1-BEGIN BREAKGLASS1-END", 0,
        "the first token is damaged: a character of it was changed, lost or added; have it sent again");
    (void)other;
}

/* A token whose checksum is right but whose content is not one. */
static void test_token_content(void **state)
{
    static const unsigned char payloads[][16] = {
        {0}, {3}, {1, 0, 0, 0, 200}, {1, 0, 0, 0, 0, 0, 0, 0, 1, 'x'}, {1, 0, 0, 0, 1, 'x', 0, 0, 0, 0, 9}};
    static const size_t lengths[] = {1, 1, 5, 10, 11};
    static const char *const why[] = {
        "the first token is damaged: its content is not that of a token; have it sent again",
        "the first token is damaged: its content is not that of a token; have it sent again",
        "the first token is damaged: its content is not that of a token; have it sent again",
        "the first token is damaged: its content is not that of a token; have it sent again",
        "the first token is damaged: something follows its content; have it sent again"};

    (void)state;
    for (size_t i = 0; i < BG_COUNT(lengths); i++) {
        unsigned char bytes[64], hash[32];
        char chars[128] = "", *p = stpcpy(chars, "BREAKGLASS1BEGIN");
        size_t n = lengths[i] + 8;

        memset(bytes, 0, sizeof bytes);
        memcpy(bytes, payloads[i], lengths[i]);
        crypto_hash_sha256(hash, bytes, lengths[i]);
        memcpy(bytes + lengths[i], hash, 8);
        for (size_t bit = 0; bit < n * 8; bit += 5) {
            unsigned two = (unsigned)bytes[bit / 8] << 8 | bytes[bit / 8 + 1];

            *p++ = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[two >> (11 - bit % 8) & 31];
        }
        strcpy(p, "BREAKGLASS1END");
        expect_damage(chars, 0, why[i]);
    }
}

static void test_texts(void **state)
{
    static const char *const prefixes[] = {"",     "> ",       ">> ",          "| ",
                                           "    ", "\xc2\xa0", "\xe2\x80\x8b", "\033[200~"};
    char b[] = TEXT_B;
    bg_free_ char *one = armoured(TEXT_A, 0xa5, 180), *two = armoured(TEXT_B, 0x5a, 200);
    bg_free_ char *pair = joined("Please take these:\n\n", one, "\nand\n", two), *token = token_of(b, NULL);
    bg_free_ char *mix = joined(token, pair, "", token);
    static const char *const all[] = {TEXT_B, TEXT_A, TEXT_B, TEXT_B};

    (void)state;
    for (size_t i = 0; i < BG_COUNT(prefixes); i++) {
        bg_free_ char *lf = each_line(pair, prefixes[i], "\n"),
                      *crlf = each_line(pair, prefixes[i], "  \r\n");

        expect_items(lf, 2, both);
        expect_items(crlf, 2, both);
    }
    expect_items(mix, 4, all);
    mix[strlen(mix) - 1] = '\0';
    expect_items(mix, 4, all);
}

/* A mail program breaks long lines at a space. */
static void test_text_wrapped(void **state)
{
    bg_free_ char *one = armoured(TEXT_A, 0xa5, 180);

    (void)state;
    for (char *p = one; p < strstr(one, "-----BEGIN"); p++) {
        if (*p != ' ' || p == one + 20 || strncmp(p, " note:", 6) == 0)
            continue;
        *p = '\n';
        expect_items(one, 1, both);
        *p = ' ';
    }
}

static void test_text_damage(void **state)
{
    bg_free_ char *one = armoured(TEXT_A, 0xa5, 180);
    bg_free_ char *cut = strndup(one, strlen(one) - 60), *then = joined(cut, "\n", one, "");
    bg_free_ char *lone = joined(one, strstr(one, "-----BEGIN"), "", "");

    (void)state;
    expect_damage(TEXT_A, 0, "the first text is damaged: no signature follows it; have it sent again");
    expect_damage(cut, 0, "the first text is damaged: its signature is cut off; have it sent again");
    expect_damage(then, 1, "the first text is damaged: its signature is cut off; have it sent again");
    expect_damage(lone, 1,
                  "the second text is damaged: there is a signature without its text; have it sent again");
    strstr(one, "SSH SIGNATURE-----\n")[25] = '=';
    expect_damage(
        one, 0,
        "the first text is damaged: its signature is not base64, or too long (is its key ssh-ed25519 "
        "or sk-ssh-ed25519@openssh.com?); have it sent again");
}

static void expect_fail(const char *input, size_t len, int want, const char *sentence)
{
    struct bg_bundle items;
    struct bg_sentence err = {""};

    assert_int_equal(bg_bundle_parse(&items, input, len, &err), want);
    assert_string_equal(err.text, sentence);
    assert_int_equal(items.n, 0);
    assert_null(items.v);
    assert_null(items.damaged);
}

static void test_limits(void **state)
{
    char b[] = TEXT_B;
    bg_free_ char *token = token_of(b, NULL), *many = malloc(65 * strlen(token) + 1), *p = many;
    bg_free_ char *big = calloc(1, BG_BUNDLE_MAX + 1);
    struct bg_bundle_item item = item_of(b, 1, 10);

    (void)state;
    for (int i = 0; i < 65; i++)
        p = stpcpy(p, token);
    expect_fail(many, strlen(many), -E2BIG, "there are more than 64 statements at once");
    expect_fail(big, BG_BUNDLE_MAX + 1, -E2BIG, "that is more than 1048576 bytes at once");
    expect_fail(big, BG_BUNDLE_MAX, -ENOENT, "there is no token in it, and no statement with its signature");
    expect_fail("", 0, -ENOENT, "there is no token in it, and no statement with its signature");
    p = NULL;
    assert_int_equal(bg_token_make(&p, &item, 0), -EINVAL);
    item.len = 0;
    assert_int_equal(bg_token_make(&p, &item, 1), -EINVAL);
    assert_null(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_token),
        cmocka_unit_test(test_token_travels),
        cmocka_unit_test(test_lookalikes),
        cmocka_unit_test(test_token_damage),
        cmocka_unit_test(test_token_damage_named),
        cmocka_unit_test(test_token_content),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_text_wrapped),
        cmocka_unit_test(test_text_damage),
        cmocka_unit_test(test_limits),
    };

    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
