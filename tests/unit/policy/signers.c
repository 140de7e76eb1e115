/* SPDX-License-Identifier: ISC */
/* signers: which lines count, for whom, for what and when, and which do not and why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/base/cleanup.h"
#include "tests/kit/keygen.h"
#include "tests/kit/scratch.h"
#include "policy/rules/files.h"
#include "policy/rules/signers.h"
#include "policy/base/timestamp.h"
#include "policy/base/wire.h"

#include <errno.h>
#include <sodium.h>

/* Keys made of one repeated byte: they sign nothing, and nothing here is verified. */
static struct bg_key key_of(unsigned char fill, bool is_fido)
{
    unsigned char blob[128], pk[32];
    struct bg_wire_out w = {.p = blob, .size = sizeof blob};
    const char *type = bg_key_type_name(is_fido ? BG_KEY_SK_ED25519 : BG_KEY_ED25519);
    struct bg_key key;

    memset(pk, fill, sizeof pk);
    assert_int_equal(bg_wire_put_string(&w, type, strlen(type)), 0);
    assert_int_equal(bg_wire_put_string(&w, pk, sizeof pk), 0);
    if (is_fido)
        assert_int_equal(bg_wire_put_string(&w, "ssh:", 4), 0);
    assert_int_equal(bg_key_parse(&key, blob, w.len, NULL), 0);
    return key;
}

static const char *key_text(unsigned char fill, bool is_fido)
{
    static char texts[4][256];
    static unsigned turn;
    char base64[200], *out = texts[turn++ % 4];
    struct bg_key key = key_of(fill, is_fido);

    sodium_bin2base64(base64, sizeof base64, key.blob, key.blob_len, sodium_base64_VARIANT_ORIGINAL);
    snprintf(out, 256, "%s %s", bg_key_type_name(key.type), base64);
    return out;
}

static char *text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *text_of(const char *format, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, format);
    assert_true(vasprintf(&text, format, args) >= 0);
    va_end(args);
    return text;
}

static void parse(struct bg_signers *signers, const char *text)
{
    *signers = (struct bg_signers){0};
    assert_int_equal(bg_signers_parse(signers, "signers", text, strlen(text)), 0);
    bg_signers_settle(signers);
}

static void test_lines(void **state)
{
    bg_cleanup_(bg_signers_free) struct bg_signers s;
    bg_free_ char *text = text_of(
        "# people\n\n   \t\n"
        "alice namespaces=\"breakglass,breakglass-login\" %s alice at desk  \r\n"
        "  bob\tNAMESPACES=\"breakglass,git\",valid-after=\"20260101Z\",valid-before=\"202701010000UTC\" %s\n"
        "host:db1.prod namespaces=\"breakglass-host\" %s",
        key_text(1, false), key_text(2, true), key_text(3, false));
    int64_t t;

    (void)state;
    parse(&s, text);
    assert_int_equal(s.problems.n, 0);
    assert_int_equal(s.n, 3);
    assert_string_equal(s.v[0].name, "alice");
    assert_string_equal(s.v[0].comment, "alice at desk");
    assert_int_equal(s.v[0].namespaces, BG_NS_SIGN | BG_NS_LOGIN);
    assert_int_equal(s.v[0].line, 4);
    assert_true(s.v[0].valid_after == INT64_MIN && s.v[0].valid_before == INT64_MAX);
    assert_string_equal(s.v[1].name, "bob");
    assert_null(s.v[1].comment);
    assert_int_equal(s.v[1].namespaces, BG_NS_SIGN);
    assert_int_equal(bg_time_parse(&t, "2026-01-01T00:00:00Z"), 0);
    assert_int_equal(s.v[1].valid_after, t);
    assert_int_equal(bg_time_parse(&t, "2027-01-01T00:00:00Z"), 0);
    assert_int_equal(s.v[1].valid_before, t);
    assert_true(s.v[2].is_host);
    assert_string_equal(s.v[2].name, "db1.prod");
    assert_string_equal(s.v[2].file, "signers");
}

static void test_bad_lines(void **state)
{
#define K "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC"
#define NS "namespaces=\"breakglass\""
    static const struct {
        const char *line, *sentence;
    } cases[] = {
        {"*", "*: a line names one person literally; patterns and lists are not taken"},
        {"alice,bob " NS " " K,
         "alice,bob: a line names one person literally; patterns and lists are not taken"},
        {"!bob " NS " " K, "!bob: a line names one person literally; patterns and lists are not taken"},
        {"Alice " NS " " K, "Alice is not a person's name (a-z 0-9 . _ -, at most 64)"},
        {"host:DB1 namespaces=\"breakglass-host\" " K, "host:DB1 is not a host's name (a-z 0-9 . _ -)"},
        {"\"alice " NS " " K, "a double quote stays open"},
        {"alice", "nothing follows the name: NAME namespaces=\"…\" TYPE KEY is the form"},
        {"alice " K, "namespaces=\"…\" is missing: without it OpenSSH takes this key for everything"},
        {"alice valid-before=\"20270101Z\" " K,
         "namespaces=\"…\" is missing: without it OpenSSH takes this key for everything"},
        {"alice namespaces=\"git\" " K,
         "namespaces names none of breakglass's: this line is for another program"},
        {"alice namespaces=\"break*\" " K, "namespaces: break* is a pattern; write the names out"},
        {"alice namespaces=\"breakglas\" " K,
         "namespaces names none of breakglass's: this line is for another program"},
        {"alice namespaces=\"breakglass,breakglass-logn\" " K,
         "namespaces: \"breakglass-logn\" is none of breakglass, breakglass-login, breakglass-seal, "
         "breakglass-automation, breakglass-host"},
        {"alice namespaces=\"\" " K,
         "namespaces: \"\" is none of breakglass, breakglass-login, breakglass-seal, breakglass-automation, "
         "breakglass-host"},
        {"alice namespaces=breakglass " K, "the value of namespaces has to stand in double quotes"},
        {"alice namespaces " K, "the option namespaces needs a value in double quotes"},
        {"alice namespaces=\"breakglass " K, "a double quote stays open"},
        {"alice " NS "x " K, "options are joined by commas: x follows a value"},
        {"alice " NS " valid-before=\"20270101Z\" " K,
         "options are joined by commas without blanks: valid-before stands apart"},
        {"alice " NS "," NS " " K, "the option namespaces stands twice"},
        {"alice " NS ",no-touch-required " K,
         "no-touch-required is not an option: namespaces, valid-after and valid-before are"},
        {"alice cert-authority," NS " " K,
         "cert-authority: certificates name nobody here; enrol each key by a line of its own"},
        {"alice " NS ",valid-before=\"20270101\" " K,
         "valid-before=\"20270101\" has no time zone: write 20270101Z, which is UTC"},
        {"alice " NS ",valid-before=\"soon\" " K,
         "valid-before=\"soon\" is not a time like 20261231Z or 202612312359Z"},
        {"alice " NS ",valid-after=\"20270230Z\" " K, "valid-after=\"20270230Z\": there is no such time"},
        {"alice " NS ",valid-after=\"20270101Z\",valid-before=\"20270101Z\" " K,
         "valid-before is not later than valid-after"},
        {"host:db1 " NS " " K,
         "breakglass-host and a name host:NAME go together, and with no other namespace"},
        {"db1 namespaces=\"breakglass-host\" " K,
         "breakglass-host and a name host:NAME go together, and with no other namespace"},
        {"host:db1 namespaces=\"breakglass-host,breakglass\" " K,
         "breakglass-host and a name host:NAME go together, and with no other namespace"},
        {"backup namespaces=\"breakglass-automation,breakglass\" " K,
         "breakglass-automation stands alone: a machine's key is no person's"},
        {"alice namespaces=\"breakglass-seal,breakglass\" " K,
         "breakglass-seal stands alone, with a key of type ssh-ed25519 that is used for nothing else"},
        {"alice " NS " ssh-ed25519", "the public key is cut off after its type"},
        {"alice " NS " ssh-ed25519 AAAA", "the public key is malformed: it names no key type"},
        {"alice " NS " ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ==",
         "a key of type ssh-rsa cannot be used here: use ssh-ed25519 or sk-ssh-ed25519@openssh.com "
         "(ssh-keygen -t "
         "ed25519, or -t ed25519-sk for a security key)"},
    };

    (void)state;
    for (size_t i = 0; i < BG_COUNT(cases); i++) {
        bg_cleanup_(bg_signers_free) struct bg_signers s;
        bg_free_ char *text = text_of("# first\n%s\nbob " NS " %s\n", cases[i].line, key_text(9, false));

        parse(&s, text);
        assert_int_equal(s.problems.n, 1);
        assert_string_equal(s.problems.v[0].text, cases[i].sentence);
        assert_int_equal(s.problems.v[0].line, 2);
        assert_string_equal(s.problems.v[0].file, "signers");
        assert_int_equal(s.problems.errors, 1);
        assert_int_equal(s.n, 1); /* and bob's still counts */
        assert_string_equal(s.v[0].name, "bob");
    }
}

static void test_odd_bytes(void **state)
{
    bg_cleanup_(bg_signers_free) struct bg_signers s = {0};
    char zero[] = "alice\0 namespaces=\"breakglass\"\nbob\n";
    bg_free_ char *big = malloc(10000);

    (void)state;
    assert_int_equal(bg_signers_parse(&s, "a", zero, sizeof zero - 1), 0);
    assert_string_equal(s.problems.v[0].text, "the line holds a zero byte");
    assert_int_equal(s.problems.v[1].line, 2);
    memset(big, 'a', 10000);
    assert_int_equal(bg_signers_parse(&s, "b", big, 10000), 0);
    assert_string_equal(s.problems.v[2].text, "the line is longer than 8192 bytes");
    assert_int_equal(s.n, 0);
}

static void expect_find(const struct bg_signers *s, unsigned char fill, enum bg_namespace ns, int64_t now,
                        const char *name, const char *sentence)
{
    struct bg_sentence err = {""};
    struct bg_key key = key_of(fill, false);
    const struct bg_signer *found = bg_signers_find(s, &key, ns, now, &err);
    const char *shown = strstr(err.text, "SHA256:");

    if (name) {
        assert_non_null(found);
        assert_string_equal(found->name, name);
        return;
    }
    assert_null(found);
    assert_non_null(shown);
    assert_string_equal(shown + 50, sentence);
}

static void test_find(void **state)
{
    bg_cleanup_(bg_signers_free) struct bg_signers s;
    bg_free_ char *text =
        text_of("alice namespaces=\"breakglass\" %s\n"
                "bob namespaces=\"breakglass\",valid-after=\"20260101Z\",valid-before=\"20270101Z\" %s\n"
                "alice namespaces=\"breakglass-login\",valid-before=\"20200101Z\" %s\n"
                "alice namespaces=\"breakglass-login\",valid-before=\"20280101Z\" %s\n",
                key_text(1, false), key_text(2, false), key_text(1, false), key_text(1, false));
    int64_t from, to;

    (void)state;
    parse(&s, text);
    assert_int_equal(s.problems.n, 0);
    assert_int_equal(bg_time_parse(&from, "2026-01-01T00:00:00Z"), 0);
    assert_int_equal(bg_time_parse(&to, "2027-01-01T00:00:00Z"), 0);
    expect_find(&s, 1, BG_NS_SIGN, from, "alice", NULL);
    expect_find(&s, 1, BG_NS_LOGIN, from, "alice", NULL);
    expect_find(&s, 1, BG_NS_SEAL, from, NULL, " of alice is not enrolled for breakglass-seal (signers:1)");
    expect_find(&s, 2, BG_NS_SIGN, from, "bob", NULL);
    expect_find(&s, 2, BG_NS_SIGN, to, "bob", NULL);
    expect_find(&s, 2, BG_NS_SIGN, from - 1, NULL,
                " of bob counts only from 2026-01-01T00:00:00Z on (signers:2)");
    expect_find(&s, 2, BG_NS_SIGN, to + 1, NULL,
                " of bob counted only until 2027-01-01T00:00:00Z (signers:2)");
    expect_find(&s, 3, BG_NS_SIGN, from, NULL, " is not in signers");
    assert_true(bg_signers_has(&s, "bob", BG_NS_SIGN, from));
    assert_false(bg_signers_has(&s, "bob", BG_NS_SIGN, to + 1));
    assert_false(bg_signers_has(&s, "bob", BG_NS_LOGIN, from));
    assert_false(bg_signers_has(&s, "eve", BG_NS_SIGN, from));
}

static void test_conflicts(void **state)
{
    bg_cleanup_(bg_signers_free) struct bg_signers s;
    bg_free_ char *text =
        text_of("alice namespaces=\"breakglass\" %s\n"
                "carol namespaces=\"breakglass\" %s\n"
                "bob namespaces=\"breakglass-login\",valid-before=\"20010101Z\" %s\n"
                "carol namespaces=\"breakglass-login\" %s\n",
                key_text(1, false), key_text(2, false), key_text(1, false), key_text(2, false));

    (void)state;
    parse(&s, text);
    assert_int_equal(s.problems.n, 1);
    assert_int_equal(s.problems.v[0].line, 3);
    assert_non_null(strstr(s.problems.v[0].text,
                           " stands under bob here and under alice in signers:1: it counts for "
                           "neither"));
    expect_find(&s, 1, BG_NS_SIGN, 0, NULL,
                " stands under two names in signers and counts for neither (signers:1)");
    expect_find(&s, 2, BG_NS_SIGN, 0, "carol", NULL);
    assert_false(bg_signers_has(&s, "alice", BG_NS_SIGN, 0));
    bg_signers_settle(&s); /* again: nothing is said twice */
    assert_int_equal(s.problems.n, 1);
}

/* A person, a host and a machine of the same name are three. */
static void test_conflict_of_kinds(void **state)
{
    static const char *const lines[] = {"db1 namespaces=\"breakglass\"",
                                        "host:db1 namespaces=\"breakglass-host\"",
                                        "db1 namespaces=\"breakglass-automation\""};

    (void)state;
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 3; k++) {
            bg_cleanup_(bg_signers_free) struct bg_signers s;
            bg_free_ char *text =
                text_of("%s %s\n%s %s\n", lines[i], key_text(1, false), lines[k], key_text(1, false));

            parse(&s, text);
            assert_int_equal(s.problems.n, i == k ? 0 : 1);
            assert_int_equal(s.v[0].conflicted, i != k);
        }
}

static void test_load(void **state)
{
    bg_cleanup_(bg_signers_free) struct bg_signers s = {0};
    bg_free_ char *one = text_of("alice namespaces=\"breakglass\" %s\n", key_text(1, false));
    bg_free_ char *two = text_of("bob namespaces=\"breakglass\" %s\n", key_text(2, false));
    bg_free_ char *three = text_of("carol namespaces=\"breakglass\" %s\n", key_text(3, false));
    unsigned char digest[32];
    unsigned ignored = 0;
    bool linked = false;
    struct scratch root;

    (void)state;
    assert_int_equal(scratch_make(&root), 0);
    assert_int_equal(bg_signers_load(&s, &root.root), 0); /* nothing there: empty */
    assert_int_equal(s.n + s.problems.n, 0);
    assert_int_equal(s.changed, 0);
    assert_int_equal(scratch_folder(&root, "etc/breakglass/signers.d"), 0);
    assert_int_equal(scratch_write(&root, "etc/breakglass/signers", one), 0);
    assert_int_equal(scratch_write(&root, "etc/breakglass/signers.d/20-b.conf", three), 0);
    assert_int_equal(scratch_write(&root, "etc/breakglass/signers.d/10-a.conf", two), 0);
    assert_int_equal(scratch_write(&root, "etc/breakglass/signers.d/10-a.conf~", two), 0);
    assert_int_equal(scratch_write(&root, "etc/breakglass/signers.d/.hidden.conf", two), 0);
    assert_int_equal(scratch_write(&root, "etc/breakglass/signers.d/dba", two), 0);
    assert_int_equal(scratch_date(&root, "etc/breakglass/signers", 1000), 0);
    assert_int_equal(scratch_date(&root, "etc/breakglass/signers.d/20-b.conf", 2000), 0);
    assert_int_equal(scratch_date(&root, "etc/breakglass/signers.d/10-a.conf", 3000), 0);
    assert_int_equal(bg_signers_load(&s, &root.root), 0);
    assert_int_equal(s.n, 3);
    assert_int_equal(s.changed, 3000); /* not that of the copy that an editor left */
    assert_string_equal(s.v[0].file, "signers");
    assert_string_equal(s.v[1].file, "signers.d/10-a.conf");
    assert_string_equal(s.v[2].file, "signers.d/20-b.conf");
    assert_int_equal(s.problems.errors, 0);
    for (size_t i = 0; i < s.problems.n; i++) {
        assert_true(s.problems.v[i].warning);
        assert_string_equal(s.problems.v[i].text, "this file is ignored: its name must end in .conf, and not "
                                                  "begin with a dot; rename it or move it away");
        ignored |= strcmp(s.problems.v[i].file, "signers.d/10-a.conf~") == 0     ? 1
                   : strcmp(s.problems.v[i].file, "signers.d/.hidden.conf") == 0 ? 2
                   : strcmp(s.problems.v[i].file, "signers.d/dba") == 0          ? 4
                                                                                 : 8;
    }
    assert_int_equal(s.problems.n, 3);
    assert_int_equal(ignored, 7);
    memcpy(digest, s.digest, 32);
    bg_signers_free(&s);

    assert_int_equal(chmod(scratch_path(&root, "etc/breakglass/signers"), 0666), 0);
    assert_int_equal(unlink(scratch_path(&root, "etc/breakglass/signers.d/10-a.conf~")), 0);
    assert_int_equal(unlink(scratch_path(&root, "etc/breakglass/signers.d/10-a.conf")), 0);
    assert_int_equal(symlink("20-b.conf", scratch_path(&root, "etc/breakglass/signers.d/10-a.conf")), 0);
    assert_int_equal(bg_signers_load(&s, &root.root), 0);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.problems.errors, 2);
    assert_string_equal(s.problems.v[0].file, "signers");
    assert_int_equal(s.problems.v[0].line, 0);
    assert_string_equal(s.problems.v[0].text,
                        "cannot be used: it is not a regular file of root's that only root may write (chown "
                        "root, chmod go-w)");
    for (size_t i = 1; i < s.problems.n; i++)
        linked |= !s.problems.v[i].warning && strcmp(s.problems.v[i].file, "signers.d/10-a.conf") == 0;
    assert_true(linked);
    assert_memory_not_equal(digest, s.digest, 32);
    scratch_drop(&root);
}

/* Of too many drop-ins the first by name count, whatever order the disk gives them in. */
static void test_many_files(void **state)
{
    bg_cleanup_(bg_signers_free) struct bg_signers s = {0};
    char path[64];
    struct scratch root;

    (void)state;
    assert_int_equal(scratch_make(&root), 0);
    assert_int_equal(scratch_folder(&root, "etc/breakglass/signers.d"), 0);
    for (unsigned i = 0; i < BG_DROP_INS_MAX + 2; i++) {
        bg_free_ char *line = text_of("p%03u namespaces=\"breakglass\" %s\n", i, key_text(1, false));

        (void)snprintf(path, sizeof path, "etc/breakglass/signers.d/%03u.conf", i);
        assert_int_equal(scratch_write(&root, path, line), 0);
    }
    assert_int_equal(bg_signers_load(&s, &root.root), 0);
    assert_int_equal(s.n, BG_DROP_INS_MAX);
    assert_string_equal(s.v[BG_DROP_INS_MAX - 1].file, "signers.d/255.conf");
    assert_int_equal(s.problems.errors, 2); /* and that it is one key under many names */
    assert_string_equal(s.problems.v[0].file, "signers.d");
    assert_string_equal(s.problems.v[0].text, "more than 256 files: those after 255.conf are ignored");
    scratch_drop(&root);
}

/* A large file stays quick: no comparing of each with each. */
static void test_many(void **state)
{
    bg_cleanup_(bg_signers_free) struct bg_signers s = {0};
    struct bg_key key = key_of(7, false);

    (void)state;
    for (unsigned i = 0; i < 4000; i++) {
        char base64[128];
        bg_free_ char *line = NULL;

        memcpy(key.blob + 19, &i, sizeof i);
        sodium_bin2base64(base64, sizeof base64, key.blob, key.blob_len, sodium_base64_VARIANT_ORIGINAL);
        line = text_of("p%u namespaces=\"breakglass\" ssh-ed25519 %s\n", i, base64);
        assert_int_equal(bg_signers_parse(&s, "signers", line, strlen(line)), 0);
    }
    assert_null(bg_signers_find(&s, &key, BG_NS_SIGN, 0, NULL)); /* not settled: nobody yet */
    bg_signers_settle(&s);
    assert_non_null(bg_signers_find(&s, &key, BG_NS_SIGN, 0, NULL));
    assert_int_equal(s.n, 4000);
    assert_int_equal(s.problems.n, 0);
}

/* OpenSSH reads our lines as we do, times included. */
static void test_openssh_agrees(void **state)
{
    bg_free_ char *pub = NULL, *allowed = NULL;
    bg_cleanup_(bg_signers_free) struct bg_signers s;
    struct bg_key key;
    static const char *const options[] = {
        "namespaces=\"breakglass\"", "namespaces=\"breakglass,breakglass-login\"",
        "Namespaces=\"breakglass\",valid-after=\"20200101Z\",valid-before=\"203712312359Z\"",
        "valid-before=\"20200101Z\",namespaces=\"breakglass\"",
        "valid-after=\"20371231Z\",namespaces=\"breakglass\""};

    (void)state;
    put_file("m", "m", 1);
    assert_int_equal(KEYGEN(NULL, "-q", "-t", "ed25519", "-N", "", "-f", "k"), 0);
    assert_int_equal(KEYGEN(NULL, "-Y", "sign", "-f", "k", "-n", "breakglass", "m"), 0);
    pub = get_file("k.pub");
    assert_int_equal(bg_key_parse_text(&key, pub, NULL), 0);
    for (size_t i = 0; i < BG_COUNT(options); i++) {
        int status;

        free(allowed);
        allowed = text_of("alice %s %s", options[i], pub);
        put_file("allowed", allowed, strlen(allowed));
        status =
            KEYGEN("m", "-Y", "verify", "-f", "allowed", "-I", "alice", "-n", "breakglass", "-s", "m.sig");
        parse(&s, allowed);
        assert_int_equal(s.problems.n, 0);
        assert_int_equal(status == 0, bg_signers_find(&s, &key, BG_NS_SIGN, bg_now(), NULL) != NULL);
        assert_int_equal(status == 0, i < 3);
        bg_signers_free(&s);
    }
    s = (struct bg_signers){0};
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),     cmocka_unit_test(test_bad_lines),
        cmocka_unit_test(test_odd_bytes), cmocka_unit_test(test_find),
        cmocka_unit_test(test_conflicts), cmocka_unit_test(test_conflict_of_kinds),
        cmocka_unit_test(test_load),      cmocka_unit_test(test_many_files),
        cmocka_unit_test(test_many),      cmocka_unit_test(test_openssh_agrees),
    };

    if (sodium_init() < 0)
        return 1;
    umask(022);
    if (KEYGEN(NULL, "-Y", "match-principals") == -1) /* there is none */
        return 77;
    return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
