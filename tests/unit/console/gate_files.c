/* SPDX-License-Identifier: ISC */
/* The files of the gate's verbs: what was turned on, expired passwords, sshd's drop-in and what sshd says. */
#include "console/gate/password.h"
#include "console/gate/record.h"
#include "console/gate/sshd.h"
#include "tests/kit/scratch.h"

#include "policy/base/cleanup.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define DAY INT64_C(86400)
#define TODAY 20800 /* 2026-12-13 */
#define NOW (TODAY * DAY + 43200)

static void what_was_turned_on(void **state)
{
    struct bg_list lines = {0};
    struct bg_sentence err;
    struct scratch s;
    (void)state;

    assert_int_equal(scratch_make(&s), 0);
    assert_int_equal(gate_record_read(&s.root, &lines, &err), 0);
    assert_int_equal(lines.n, 0);
    assert_int_equal(gate_record_write(&s.root, "sshd", NULL, &err), 0);
    assert_int_equal(gate_record_write(&s.root, "sshd", "sshd accounts=root", &err), 0);
    assert_int_equal(gate_record_write(&s.root, "sshd-alt", "sshd-alt accounts=git", &err), 0);
    assert_int_equal(gate_record_write(&s.root, "sshd", "sshd accounts=root,postgres", &err), 0);
    assert_int_equal(gate_record_read(&s.root, &lines, &err), 0);
    assert_int_equal(lines.n, 2);
    assert_string_equal(gate_record_find(&lines, "sshd"), "sshd accounts=root,postgres");
    assert_string_equal(gate_record_find(&lines, "sshd-alt"), "sshd-alt accounts=git");
    assert_null(gate_record_find(&lines, "ssh"));
    bg_free_ char *service = gate_record_service(lines.v[0]);
    assert_string_equal(service, "sshd-alt");
    bg_list_free(&lines);
    assert_int_equal(gate_record_write(&s.root, "sshd", NULL, &err), 0);
    assert_int_equal(gate_record_read(&s.root, &lines, &err), 0);
    assert_int_equal(lines.n, 1);
    bg_list_free(&lines);
    /* A file that others may write says nothing that can be believed. */
    assert_int_equal(fchmodat(s.root.fd, BG_ETC "/gate", 0666, 0), 0);
    assert_int_equal(gate_record_read(&s.root, &lines, &err), -EPERM);
    assert_non_null(strstr(err.text, "/etc/breakglass/gate cannot be read"));
    scratch_drop(&s);
}

static void expired_passwords(void **state)
{
    static const struct {
        const char *shadow;
        const char *says; /* NULL: nothing against it */
    } cases[] = {
        {"root:*:20000:0:99999:7:::\n", NULL},
        {"root:*:20000:0:-1:7:::\n", NULL},
        {"root:*:20000::::::\n", NULL},
        {"root:*:::::::\n", NULL},
        {"toor:*:0:0:99999:7:::\n", NULL},
        {"", NULL},
        {"daemon:*:1:0:1:7:::\nroot:$y$x:0:0:99999:7:::\n", "is expired"},
        {"root:*:0:0:99999:7:::\n", "chage -d 2026-12-13 -M -1 root"},
        {"root:*:20700:0:90:7:::\n", "expires after 2026-12-03"},  /* ten days ago */
        {"root:*:20700:0:100:7:::\n", "expires after 2026-12-13"}, /* today is its last day */
        {"root:*:20700:0:129:7:::\n", "chage -M -1 root"},         /* 29 days more */
        {"root:*:20700:0:130:7:::\n", NULL},
        {"root:*:20000:0:99999:7::20829:\n", "the account root expires on 2027-01-11"},
        {"root:*:20000:0:99999:7::20000:\n", "chage -E -1 root"},
        {"root:*:20000:0:99999:7::20831:\n", NULL},
    };
    struct bg_sentence why;
    struct scratch s;
    (void)state;

    assert_int_equal(scratch_make(&s), 0);
    assert_int_equal(gate_password_check(&s.root, "root", NOW, &why), 0);
    assert_int_equal(scratch_folder(&s, "etc"), 0);
    for (size_t i = 0; i < BG_COUNT(cases); i++) {
        why.text[0] = '\0';
        assert_int_equal(scratch_write(&s, "etc/shadow", cases[i].shadow), 0);
        int r = gate_password_check(&s.root, "root", NOW, &why);
        if (r != (cases[i].says ? -EPERM : 0) || (cases[i].says && !strstr(why.text, cases[i].says)))
            fail_msg("case %zu, %s: %d, \"%s\"", i, cases[i].shadow, r, why.text);
    }
    scratch_drop(&s);
}

/* From OpenSSH 10.4 on `sshd -T` prints keywords and some values in mixed case. */
static void what_sshd_says(void **state)
{
    static const struct {
        const char *text, *says; /* NULL: it calls the gate */
    } cases[] = {
        {"usepam yes\npermittunnel no\n", NULL},
        {"UsePAM Yes\nPAMServiceName sshd\n", NULL},
        {"usepam no\n", "UsePAM no for root"},
        {"UsePAM no\n", "UsePAM no"},
        {"x usepam yes\n", "UsePAM no"},
        {"", "UsePAM no"},
        {"usepam yes\npamservicename other\n", "another PAMServiceName than sshd for root"},
    };
    struct bg_sentence err;
    (void)state;

    for (size_t i = 0; i < BG_COUNT(cases); i++) {
        int r = gate_sshd_calls_gate(cases[i].text, "root", &err);
        if (r != (cases[i].says ? -EINVAL : 0) || (cases[i].says && !strstr(err.text, cases[i].says)))
            fail_msg("case %zu: %d, %s", i, r, err.text);
    }
    assert_false(gate_sshd_names_service(cases[0].text));
    assert_true(gate_sshd_names_service(cases[1].text));
}

static unsigned count(const char *text, const char *what)
{
    unsigned n = 0;

    for (const char *at = text; (at = strstr(at, what)); at += strlen(what))
        n++;
    return n;
}

static void the_drop_in(void **state)
{
    struct bg_list accounts = {0};
    (void)state;

    assert_int_equal(bg_list_split(&accounts, "root bg-*"), 0);
    bg_free_ char *with = gate_sshd_dropin(&accounts, true), *without = gate_sshd_dropin(&accounts, false);
    assert_non_null(strstr(with, "Match User root,bg-*\n"));
    assert_int_equal(count(with, "PAMServiceName sshd\n"), 3); /* at the top, and in each block */
    assert_int_equal(count(without, "PAMServiceName"), 0);
    assert_int_equal(count(with, "    PermitTunnel no\n"), 2);
    assert_int_equal(count(without, "    PermitTunnel no\n"), 2);
    assert_non_null(strstr(with, "\nUsePAM yes\n"));
    bg_list_free(&accounts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_turned_on),
        cmocka_unit_test(expired_passwords),
        cmocka_unit_test(what_sshd_says),
        cmocka_unit_test(the_drop_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
