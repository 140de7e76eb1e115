/* SPDX-License-Identifier: ISC */
/* Events: their text, their place in the chain, and what journald is sent. */
#include "policy/base/cleanup.h"
#include "policy/record/event.h"
#include "policy/base/timestamp.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOON 1795435200 /* 2026-11-23T12:00:00Z */

static struct bg_event example(void)
{
    struct bg_event e = {.id = BG_EVENT_GRANT_USED, .time = NOON};

    e.field[BG_FIELD_GRANT] = "K7Q4M2XP9D3F";
    e.field[BG_FIELD_ROLE] = "prod-db-admin";
    e.field[BG_FIELD_PERSON] = "bob";
    e.field[BG_FIELD_ACCOUNT] = "root";
    e.field[BG_FIELD_EXPIRES] = "2026-11-23T12:30:00Z";
    e.field[BG_FIELD_RHOST] = "192.0.2.7";
    return e;
}

static void prints_and_parses(void **state)
{
    struct bg_event e = example(), back;
    bg_free_ char *text = bg_event_print(&e), *copy = NULL, *again = NULL;

    (void)state;
    assert_string_equal(
        text, "EVENT=grant.used\nTIME=2026-11-23T12:00:00Z\nGRANT=K7Q4M2XP9D3F\nROLE=prod-db-admin\n"
              "PERSON=bob\nACCOUNT=root\nEXPIRES=2026-11-23T12:30:00Z\nRHOST=192.0.2.7\n");
    copy = strdup(text);
    assert_int_equal(bg_event_parse(&back, copy), 0);
    assert_int_equal(back.id, BG_EVENT_GRANT_USED);
    assert_int_equal(back.time, NOON);
    assert_false(back.alert);
    assert_string_equal(back.field[BG_FIELD_RHOST], "192.0.2.7");
    assert_null(back.field[BG_FIELD_REASON]);
    again = bg_event_print(&back);
    assert_string_equal(text, again);
}

static void keeps_the_alert(void **state)
{
    struct bg_event e = example(), back;
    bg_free_ char *text = NULL;

    (void)state;
    e.alert = true;
    text = bg_event_print(&e);
    assert_int_equal(bg_event_parse(&back, text), 0);
    assert_true(back.alert);
    assert_int_equal(bg_event_priority(&back), 1);
}

static void refuses_other_texts(void **state)
{
    static const char *const bad[] = {
        "",
        "EVENT=grant.used\n",
        "EVENT=grant.used\nTIME=yesterday\n",
        "EVENT=grant.stolen\nTIME=2026-11-23T12:00:00Z\n",
        "TIME=2026-11-23T12:00:00Z\nEVENT=grant.used\n",
        "EVENT=grant.used\nTIME=2026-11-23T12:00:00Z\nPERSON=bob\nPERSON=eve\n",
        "EVENT=grant.used\nTIME=2026-11-23T12:00:00Z\nPERSON=bob\nGRANT=K7Q4M2XP9D3F\n", /* order */
        "EVENT=grant.used\nTIME=2026-11-23T12:00:00Z\nUID=0\n",
        "EVENT=grant.used\nTIME=2026-11-23T12:00:00Z\nPERSON\n",
        "EVENT=grant.used\nTIME=2026-11-23T12:00:00Z\nPERSON=\n",
        "EVENT=grant.used\nTIME=2026-11-23T12:00:00Z\nPERSON=bob", /* cut off */
        "EVENT=grant.used\nTIME=2026-11-23T12:00:00Z\nPERSON=bob\nALERT=yes\n",
        "EVENT=grant.used\nTIME=2026-11-23T12:00:00Z\nALERT=yes\nALERT=yes\n",
    };
    struct bg_event e;

    (void)state;
    for (size_t i = 0; i < BG_COUNT(bad); i++) {
        bg_free_ char *text = strdup(bad[i]);
        assert_int_not_equal(bg_event_parse(&e, text), 0);
        assert_null(e.field[BG_FIELD_PERSON]);
    }
}

/* A reason that tries to be fields of its own stays one value, in the text and in the datagram. */
static void no_text_makes_a_field(void **state)
{
    struct bg_event e = example(), back;
    bg_free_ char *text = NULL;
    bg_free_ void *data = NULL;
    size_t len;

    (void)state;
    e.field[BG_FIELD_REASON] = "disk full\nPERSON=eve\n\nBREAKGLASS_ACTOR=alice\x1b[2J";
    text = bg_event_print(&e);
    assert_non_null(strstr(text, "REASON=disk full PERSON=eve  BREAKGLASS_ACTOR=alice?[2J\n"));
    assert_int_equal(bg_event_parse(&back, text), 0);
    assert_string_equal(back.field[BG_FIELD_PERSON], "bob");
    assert_null(back.field[BG_FIELD_ACTOR]);
    assert_int_equal(bg_event_encode(&e, NULL, NULL, &data, &len), 0);
    assert_null(memmem(data, len, "\nBREAKGLASS_ACTOR", 17));
    assert_null(memmem(data, len, "\nPERSON", 7));
}

/* Reads one field of the native protocol in its length-prefixed form. */
static bool next_field(const unsigned char **p, const unsigned char *end, char name[64], char value[8192])
{
    const unsigned char *nl;
    uint64_t len = 0;

    if (*p == end)
        return false;
    nl = memchr(*p, '\n', (size_t)(end - *p));
    assert_non_null(nl);
    assert_true(nl - *p < 64);
    memcpy(name, *p, (size_t)(nl - *p));
    name[nl - *p] = '\0';
    assert_null(strchr(name, '='));
    assert_true(end - nl > 9);
    for (unsigned i = 0; i < 8; i++)
        len |= (uint64_t)nl[1 + i] << (8 * i);
    assert_true(len < 8192 && len < (uint64_t)(end - nl - 9));
    memcpy(value, nl + 9, (size_t)len);
    value[len] = '\0';
    *p = nl + 9 + len;
    assert_int_equal(**p, '\n');
    (*p)++;
    return true;
}

static void encodes_for_journald(void **state)
{
    static const char *const expected[][2] = {
        {"MESSAGE",
         "bob is in as root from 192.0.2.7 with prod-db-admin until 2026-11-23T12:30:00Z (K7Q4-M2XP-9D3F)"},
        {"MESSAGE_ID", "f22671275c4d49f29f4aa94633b15ff7"},
        {"PRIORITY", "4"},
        {"SYSLOG_IDENTIFIER", "breakglass"},
        {"SYSLOG_FACILITY", "10"},
        {"BREAKGLASS_EVENT", "grant.used"},
        {"BREAKGLASS_TIME", "2026-11-23T12:00:00Z"},
        {"BREAKGLASS_GRANT", "K7Q4M2XP9D3F"},
        {"BREAKGLASS_ROLE", "prod-db-admin"},
        {"BREAKGLASS_PERSON", "bob"},
        {"BREAKGLASS_ACCOUNT", "root"},
        {"BREAKGLASS_EXPIRES", "2026-11-23T12:30:00Z"},
        {"BREAKGLASS_RHOST", "192.0.2.7"},
        {"BREAKGLASS_SEQ", "8"},
        {"BREAKGLASS_PREV", "0707070707070707070707070707070707070707070707070707070707070707"},
    };
    struct bg_event e = example();
    struct bg_chain chain = {.seq = 7};
    unsigned char prev[BG_DIGEST_BYTES];
    char name[64], value[8192], hex[BG_DIGEST_HEX];
    bg_free_ void *data = NULL;
    const unsigned char *p;
    size_t len;

    (void)state;
    memset(chain.digest, 7, sizeof chain.digest);
    memcpy(prev, chain.digest, sizeof prev);
    assert_int_equal(bg_chain_next(&chain, &e), 0);
    assert_int_equal(bg_event_encode(&e, &chain, prev, &data, &len), 0);
    p = data;
    for (size_t i = 0; i < BG_COUNT(expected); i++) {
        assert_true(next_field(&p, (unsigned char *)data + len, name, value));
        assert_string_equal(name, expected[i][0]);
        assert_string_equal(value, expected[i][1]);
    }
    assert_true(next_field(&p, (unsigned char *)data + len, name, value));
    assert_string_equal(name, "BREAKGLASS_DIGEST");
    bg_hex(hex, chain.digest);
    assert_string_equal(value, hex);
    assert_false(next_field(&p, (unsigned char *)data + len, name, value));
}

static void cuts_long_values(void **state)
{
    struct bg_event e = example();
    char huge[3 * BG_FIELD_MAX], sentence[256];
    bg_free_ char *text = NULL;

    (void)state;
    memset(huge, 'x', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    for (int i = 0; i < BG_FIELD_COUNT; i++)
        e.field[i] = huge;
    text = bg_event_print(&e);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        assert_true(strlen(strchr(line, '=') + 1) <= BG_FIELD_MAX);
    assert_int_equal(bg_event_sentence(&e, sentence, sizeof sentence), sizeof sentence - 1);
}

/* The chain's digest changes with every field, with the order and with the time. */
static void chain_covers_everything(void **state)
{
    unsigned char seen[BG_FIELD_COUNT + 5][BG_DIGEST_BYTES];
    struct bg_chain chain = {0};
    size_t n = 0;

    (void)state;
    for (int i = 0; i < BG_FIELD_COUNT + 5; i++) {
        struct bg_event e = example();

        chain = (struct bg_chain){.seq = i == BG_FIELD_COUNT + 3 ? 2 : 1};
        if (i < BG_FIELD_COUNT)
            e.field[i] = "changed";
        if (i == BG_FIELD_COUNT)
            e.time++;
        if (i == BG_FIELD_COUNT + 1)
            e.alert = true;
        if (i == BG_FIELD_COUNT + 2)
            e.id = BG_EVENT_GRANT_REFUSED;
        if (i == BG_FIELD_COUNT + 4)
            chain.digest[31] = 1;
        assert_int_equal(bg_chain_next(&chain, &e), 0);
        memcpy(seen[n], chain.digest, BG_DIGEST_BYTES);
        for (size_t k = 0; k < n; k++)
            assert_memory_not_equal(seen[k], seen[n], BG_DIGEST_BYTES);
        n++;
    }
    /* The first digest of all, worked out by hand: printf 'SEQ=1\nPREV=000…\nEVENT=…' | sha256sum. */
    struct bg_event e = {.id = BG_EVENT_REQUEST_CREATED, .time = NOON};
    char hex[BG_DIGEST_HEX];
    e.field[BG_FIELD_PERSON] = "bob";
    chain = (struct bg_chain){0};
    assert_int_equal(bg_chain_next(&chain, &e), 0);
    assert_int_equal(chain.seq, 1);
    bg_hex(hex, chain.digest);
    assert_string_equal(hex, "a1f34c14c668f1bd3d7742dce567890b1dca7d9d7c3c732f1b2b57773bd5adc8");
}

static void table_is_sound(void **state)
{
    (void)state;
    for (int i = 0; i < BG_EVENT_COUNT; i++) {
        const char *id = bg_event_message_id((enum bg_event_id)i);
        struct bg_event e = {.id = (enum bg_event_id)i, .time = NOON};
        char sentence[512];

        assert_int_equal(strlen(id), 32);
        assert_int_equal(strspn(id, "0123456789abcdef"), 32);
        assert_int_equal(bg_event_by_name(bg_event_name((enum bg_event_id)i)), i);
        assert_true(bg_event_priority(&e) >= 0 && bg_event_priority(&e) <= 7);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(id, bg_event_message_id((enum bg_event_id)k));
        /* Every @FIELD@ of the sentence is a field. */
        assert_true(bg_event_sentence(&e, sentence, sizeof sentence) > 0);
        assert_null(strchr(sentence, '@'));
    }
    assert_int_equal(bg_event_by_name("grant"), -1);
}

static char *slurp(const char *path)
{
    FILE *f = fopen(path, "re");
    char *text = calloc(1, 1 << 20);

    assert_non_null(f);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 20) - 1, f) > 0);
    (void)fclose(f);
    return text;
}

/* The catalog explains each event, uses only fields that exist, and holds nothing else. */
static void catalog_matches(void **state)
{
    bg_free_ char *text = slurp(SRCDIR "/../packaging/breakglass.catalog");
    size_t entries = 0;

    (void)state;
    for (int i = 0; i < BG_EVENT_COUNT; i++) {
        char head[64];
        (void)snprintf(head, sizeof head, "\n-- %s\nSubject: ", bg_event_message_id((enum bg_event_id)i));
        if (!strstr(text, head))
            fail_msg("breakglass.catalog: no entry for %s (%s)", bg_event_name((enum bg_event_id)i),
                     head + 4);
    }
    for (char *p = strstr(text, "\n-- "); p; p = strstr(p + 1, "\n-- "))
        entries++;
    assert_int_equal(entries, BG_EVENT_COUNT);
    for (char *p = strstr(text, "@BREAKGLASS_"); p; p = strstr(p + 1, "@BREAKGLASS_")) {
        char *end = strchr(p + 1, '@');
        bool known = false;
        assert_non_null(end);
        for (int i = 0; i < BG_FIELD_COUNT; i++) {
            const char *name = bg_field_name((enum bg_field)i);
            known = known || (strncmp(p + 12, name, strlen(name)) == 0 && p + 12 + strlen(name) == end);
        }
        known = known || strncmp(p, "@BREAKGLASS_TIME@", 17) == 0;
        if (!known)
            fail_msg("breakglass.catalog: no such field: %.*s", (int)(end - p + 1), p);
        p = end;
    }
}

/* The man page names every event and its MESSAGE_ID. */
static void man_page_matches(void **state)
{
    bg_free_ char *text = slurp(SRCDIR "/../packaging/man/breakglass-events.7");

    (void)state;
    for (int i = 0; i < BG_EVENT_COUNT; i++) {
        assert_non_null(strstr(text, bg_event_name((enum bg_event_id)i)));
        assert_non_null(strstr(text, bg_event_message_id((enum bg_event_id)i)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_and_parses),       cmocka_unit_test(keeps_the_alert),
        cmocka_unit_test(refuses_other_texts),     cmocka_unit_test(no_text_makes_a_field),
        cmocka_unit_test(encodes_for_journald),    cmocka_unit_test(cuts_long_values),
        cmocka_unit_test(chain_covers_everything), cmocka_unit_test(table_is_sound),
        cmocka_unit_test(catalog_matches),         cmocka_unit_test(man_page_matches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
