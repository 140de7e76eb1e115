/* SPDX-License-Identifier: ISC */
/* The small things that everything stands on: cleaning, names, times, safe files. */
#include "policy/base/clean.h"
#include "policy/base/clock.h"
#include "policy/base/file.h"
#include "policy/base/list.h"
#include "policy/base/name.h"
#include "policy/base/problem.h"
#include "policy/base/timestamp.h"
#include "policy/base/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void cleans(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"plain text", "plain text"},
        {"disk \xc3\xbc full \xe2\x82\xac", "disk \xc3\xbc full \xe2\x82\xac"},
        {"a\nb\tc", "a b c"},
        {"\033[31mred", "?[31mred"},
        {"a\x7f"
         "b\rc",
         "a?b?c"},
        {"csi \xc2\x9b"
         "31m",
         "csi ?31m"}, /* C1, as UTF-8 */
        {"raw \x9b"
         "31m",
         "raw ?31m"},                            /* C1, as a bare byte */
        {"evil \xe2\x80\xae txt", "evil ? txt"}, /* RIGHT-TO-LEFT OVERRIDE */
        {"zero\xe2\x80\x8bwidth", "zero?width"},
        {"line\xe2\x80\xa8"
         "sep",
         "line?sep"},
        {"over \xc0\xaf", "over ??"}, /* over-long '/' */
        {"cut \xe2\x82", "cut ??"},
        {"surrogate \xed\xa0\x80", "surrogate ???"},
        {"tag \xf3\xa0\x81\x81", "tag ?"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[64];
        size_t n = bg_clean(out, sizeof out, cases[i].in);
        assert_string_equal(out, cases[i].out);
        assert_int_equal(n, strlen(out));
        assert_int_equal(bg_is_clean(cases[i].in, strlen(cases[i].in)),
                         strcmp(cases[i].in, cases[i].out) == 0);
    }
    char small[5];
    assert_int_equal(bg_clean(small, sizeof small, "ab\xe2\x82\xac"), 2); /* no half character */
    assert_int_equal(bg_clean(small, 1, "x"), 0);
    char nul[8];
    assert_int_equal(bg_clean_bytes(nul, sizeof nul, "a\0b", 3), 3);
    assert_string_equal(nul, "a?b");
}

static void names(void **state)
{
    (void)state;
    assert_true(bg_is_person("alice") && bg_is_person("a.b-c_d") && bg_is_person("0"));
    assert_false(bg_is_person("") || bg_is_person(".a") || bg_is_person("-a") || bg_is_person("A") ||
                 bg_is_person("a/b") || bg_is_person("a b") || bg_is_person("\xc3\xa9"));
    char longest[66];
    memset(longest, 'a', 65);
    longest[65] = '\0';
    assert_false(bg_is_person(longest));
    longest[64] = '\0';
    assert_true(bg_is_person(longest));
    assert_true(bg_is_host("db1.prod"));
    assert_false(bg_is_host("db1..prod") || bg_is_host("../etc") || bg_is_host(""));
    assert_true(bg_is_account("root") && bg_is_account("_apt") && !bg_is_account("0root") &&
                !bg_is_account("a/b"));
    assert_true(bg_is_credential("prod/db/root"));
    assert_false(bg_is_credential("prod//root") || bg_is_credential("/prod") ||
                 bg_is_credential("prod/../x") || bg_is_credential("prod/") || bg_is_credential(""));
}

static void globs(void **state)
{
    (void)state;
    assert_true(bg_glob("db*.prod", "db1.prod") && bg_glob("*", "") && bg_glob("*", "a.b") &&
                bg_glob("d?1", "db1"));
    assert_true(bg_glob("*a*b*c", "xxaxxbxxabc") && bg_glob("db*", "db"));
    assert_false(bg_glob("db*.prod", "db1.prod.evil") || bg_glob("", "a") || bg_glob("d?1", "d1") ||
                 bg_glob("a", "ab") || bg_glob("[a]", "a") || bg_glob("a\\*", "a*"));
    char many[512], text[512];
    memset(many, '*', 511);
    memset(text, 'a', 511);
    many[510] = 'b';
    many[511] = text[511] = '\0';
    assert_false(bg_glob(many, text));
}

static void ids(void **state)
{
    unsigned char digest[32];
    char hex[BG_DIGEST_HEX], id[BG_ID_SIZE], again[BG_ID_SIZE], shown[BG_ID_SHOWN_SIZE];
    (void)state;

    for (size_t i = 0; i < sizeof digest; i++)
        digest[i] = (unsigned char)(i * 37 + 200);
    bg_hex(hex, digest);
    unsigned char back[32];
    assert_int_equal(bg_unhex(back, hex), 0);
    assert_memory_equal(back, digest, 32);
    hex[3] = 'G';
    assert_int_equal(bg_unhex(back, hex), -EINVAL);
    assert_int_equal(bg_unhex(back, "ab"), -EINVAL);

    memset(digest, 0xff, 32);
    bg_id_from_digest(id, digest);
    assert_string_equal(id, "ZZZZZZZZZZZZ");
    memset(digest, 0, 32);
    digest[7] = 0x10; /* the lowest of the 60 bits */
    bg_id_from_digest(id, digest);
    assert_string_equal(id, "000000000001");
    bg_id_show(shown, id);
    assert_string_equal(shown, "0000-0000-0001");
    assert_int_equal(bg_id_parse(again, "oooo-ooOO-000l"), 0);
    assert_string_equal(again, id);
    assert_int_equal(bg_id_parse(again, "k7q4"), 0);
    assert_string_equal(again, "K7Q4");
    assert_int_equal(bg_id_parse(again, "k7q"), -EINVAL);
    assert_int_equal(bg_id_parse(again, "K7Q4-M2XP-9D3FX"), -EINVAL);
    assert_int_equal(bg_id_parse(again, "../../etc"), -EINVAL);
    assert_true(bg_is_id("K7Q4M2XP9D3F"));
    assert_false(bg_is_id("K7Q4M2XP9D3U") || bg_is_id("k7q4m2xp9d3f") || bg_is_id("K7Q4"));
}

static void times(void **state)
{
    static const struct {
        const char *text;
        int64_t t;
    } good[] = {
        {"2000-01-01T00:00:00Z", 946684800},      {"2026-11-23T14:02:31Z", 1795442551},
        {"2024-02-29T23:59:59Z", 1709251199},     {"2100-03-01T00:00:00Z", 4107542400LL},
        {"9999-12-31T23:59:59Z", 253402300799LL},
    };
    static const char *const bad[] = {
        "",
        "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-04-30T24:00:00Z",
        "2026-04-30T23:60:00Z",
        "2026-04-30T23:59:60Z",
        "2026-04-30T23:59:59",
        "2026-04-30t23:59:59Z",
        "2026-04-30T23:59:59z",
        "2026-04-30 23:59:59Z",
        "1999-12-31T23:59:59Z",
        "2026-04-30T23:59:59+00:00",
        "+026-04-30T23:59:59Z",
    };
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t t;
        char out[BG_TIME_SIZE];
        assert_int_equal(bg_time_parse(&t, good[i].text), 0);
        assert_true(t == good[i].t);
        bg_time_format(out, t);
        assert_string_equal(out, good[i].text);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t t;
        assert_int_equal(bg_time_parse(&t, bad[i]), -EINVAL);
    }
    for (int64_t t = 946684800; t < 4200000000LL; t += 86400 * 13 + 12345) {
        char out[BG_TIME_SIZE];
        int64_t again;
        bg_time_format(out, t);
        assert_int_equal(bg_time_parse(&again, out), 0);
        assert_true(again == t);
    }
}

static void durations(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds;
        const char *canonical;
    } good[] = {{"30m", 1800, "30m"},   {"90s", 90, "1m30s"},  {"1h30m", 5400, "1h30m"},
                {"72h", 259200, "72h"}, {"2d", 172800, "48h"}, {"1d1h1m1s", 90061, "25h1m1s"}};
    static const char *const bad[] = {"",    "0s",  "30",   "m",           "30m1h", "1m1m",
                                      "1 m", "-1m", "1.5h", "9999999999s", "401d",  "1w"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t s;
        char out[BG_DURATION_SIZE];
        assert_int_equal(bg_duration_parse(&s, good[i].text), 0);
        assert_true(s == good[i].seconds);
        bg_duration_format(out, s);
        assert_string_equal(out, good[i].canonical);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t s;
        assert_int_equal(bg_duration_parse(&s, bad[i]), -EINVAL);
    }
}

static void wires(void **state)
{
    static const unsigned char bytes[] = {0, 0, 0, 2, 'h', 'i', 0xff, 0xff, 0xff, 0xff, 7};
    struct bg_wire w = {bytes, sizeof bytes};
    const unsigned char *s;
    size_t len;
    uint8_t b;
    uint32_t n;
    (void)state;

    assert_int_equal(bg_wire_string(&w, &s, &len), 0);
    assert_int_equal(len, 2);
    assert_memory_equal(s, "hi", 2);
    assert_int_equal(bg_wire_string(&w, &s, &len), -EBADMSG);
    assert_int_equal(w.left, 5); /* where it was */
    assert_int_equal(bg_wire_u32(&w, &n), 0);
    assert_int_equal(bg_wire_u8(&w, &b), 0);
    assert_int_equal(b, 7);
    assert_int_equal(bg_wire_u8(&w, &b), -EBADMSG);

    unsigned char out[6];
    struct bg_wire_out o = {out, sizeof out, 0};
    assert_int_equal(bg_wire_put_string(&o, "hi", 2), 0);
    assert_memory_equal(out, bytes, 6);
    assert_int_equal(bg_wire_put(&o, "x", 1), -ENOBUFS);
}

static void files(void **state)
{
    char path[] = "/tmp/bg-basics-XXXXXX";
    struct bg_root root;
    char *data = NULL;
    size_t len;
    (void)state;

    assert_non_null(mkdtemp(path));
    assert_int_equal(bg_root_open(&root, path), 0);
    int dir = bg_dir_make(&root, BG_VAR "/grants", 0700);
    assert_true(dir >= 0);
    assert_int_equal(bg_file_write_at(dir, "f", "hello", 5, 0600), 0);
    assert_int_equal(bg_file_write_volatile_at(dir, "f", "hello!", 6, 0600), 0);
    assert_int_equal(bg_file_read(&root, BG_VAR "/grants/f", 6, &data, &len), 0);
    assert_string_equal(data, "hello!");
    free(data);
    data = NULL;
    assert_int_equal(bg_file_read_at(&root, dir, "f", 5, &data, &len), -EFBIG);
    assert_int_equal(bg_file_read_at(&root, dir, "none", 5, &data, &len), -ENOENT);
    assert_int_equal(bg_file_read_at(&root, dir, "../grants/f", 9, &data, &len), -EINVAL);
    assert_int_equal(symlinkat("f", dir, "link"), 0);
    assert_int_equal(bg_file_read_at(&root, dir, "link", 9, &data, &len), -EPERM);
    assert_int_equal(mkfifoat(dir, "fifo", 0600), 0);
    assert_int_equal(bg_file_read_at(&root, dir, "fifo", 9, &data, &len), -EPERM);
    assert_int_equal(fchmodat(dir, "f", 0666, 0), 0);
    assert_int_equal(bg_file_read_at(&root, dir, "f", 9, &data, &len), -EPERM);
    assert_int_equal(symlinkat("grants", bg_dir_open(&root, BG_VAR), "other"), 0);
    assert_int_equal(bg_dir_open(&root, BG_VAR "/other"), -EPERM);
    assert_int_equal(bg_dir_open(&root, BG_VAR "/../breakglass"), -EINVAL);
    assert_int_equal(fchmod(dir, 0777), 0);
    assert_int_equal(bg_dir_open(&root, BG_VAR "/grants"), -EPERM);
    assert_null(data);
    close(dir);
    bg_root_close(&root);
    char command[128];
    (void)snprintf(command, sizeof command, "rm -r %s", path);
    assert_int_equal(system(command), 0); // NOLINT: a fixed word and mkdtemp's name
}

static void problems(void **state)
{
    struct bg_problems p = {0};
    (void)state;
    for (unsigned i = 0; i < 300; i++)
        bg_problem_add(&p, "policy.conf", i, i % 2, "bad \033 %u", i);
    assert_int_equal(p.n, 200);
    assert_int_equal(p.errors, 150);
    assert_int_equal(p.left_out, 100);
    assert_string_equal(p.v[0].text, "bad ? 0");
    bg_problems_free(&p);
}

static void lists(void **state)
{
    struct bg_list a = {0}, b = {0};
    (void)state;
    assert_int_equal(bg_list_split(&a, "  one\ttwo   three "), 0);
    assert_int_equal(a.n, 3);
    assert_true(bg_list_has(&a, "two") && !bg_list_has(&a, "tw"));
    assert_int_equal(bg_list_split(&b, "one two"), 0);
    assert_false(bg_list_equal(&a, &b));
    assert_int_equal(bg_list_add(&b, "three!", 5), 0);
    assert_true(bg_list_equal(&a, &b));
    char *joined = bg_list_join(&a);
    assert_string_equal(joined, "one two three");
    free(joined);
    bg_list_free(&a);
    bg_list_free(&b);
}

/* The boot's id may be one that was read before; one that could not be read is tried again. */
static void clocks(void **state)
{
    static const char other[BG_BOOT_SIZE] = "01234567-0123-0123-0123-0123456789ab";
    struct bg_clock now, then;

    (void)state;
    bg_clock_read(&now);
    bg_clock_read_at(&then, 1000, other);
    assert_int_equal(then.wall, 1000);
    assert_string_equal(then.boot, other);
    assert_in_range(then.since_boot - now.since_boot, 0, 5);
    bg_clock_read_at(&then, 1000, (char[BG_BOOT_SIZE]){0});
    assert_int_equal(strlen(then.boot), BG_BOOT_SIZE - 1);
    assert_string_equal(then.boot, now.boot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cleans), cmocka_unit_test(names),  cmocka_unit_test(globs),
        cmocka_unit_test(ids),    cmocka_unit_test(times),  cmocka_unit_test(durations),
        cmocka_unit_test(wires),  cmocka_unit_test(files),  cmocka_unit_test(problems),
        cmocka_unit_test(lists),  cmocka_unit_test(clocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
