/* SPDX-License-Identifier: ISC */
/* The module's arguments, and whether a service file really enforces them. */
#include "policy/pamfile/gateline.h"

#include "policy/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#define NOW 1800000000 /* 2027-01-15T08:00:00Z */

static int parse(struct bg_gateline *line, const char *text, struct bg_sentence *err)
{
    struct bg_list words = {0};

    assert_int_equal(bg_list_split(&words, text), 0);
    int r = bg_gateline_parse(line, (int)words.n, (const char *const *)words.v, err);
    bg_list_free(&words);
    return r;
}

static void arguments(void **state)
{
    static const struct {
        const char *text;
        int r;
        const char *says; /* part of the sentence */
    } cases[] = {
        {"accounts=root", 0, NULL},
        {"accounts=root,postgres,bg-*", 0, NULL},
        {"debug accounts=root observe until=2027-01-15T08:00:00Z", 0, NULL},
        {"", -EINVAL, "names no account"},
        {"observe", -EINVAL, "names no account"},
        {"accounts=", -EINVAL, "not an account"},
        {"accounts=root,", -EINVAL, "not an account"},
        {"accounts=Root", -EINVAL, "not an account"},
        {"accounts=../root", -EINVAL, "not an account"},
        {"accounts=-root", -EINVAL, "not an account"},
        {"accounts=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", -EINVAL, "not an account"},
        {"accounts=root accounts=postgres", -EINVAL, "stands twice"},
        {"acounts=root", -EINVAL, "does not know the argument \"acounts=root\""},
        {"accounts=root OBSERVE", -EINVAL, "does not know"},
        {"accounts=root observe=no", -EINVAL, "does not know"},
        {"accounts=root until=tomorrow", -EINVAL, "not a time"},
        {"accounts=root until=2027-01-15T08:00:00", -EINVAL, "not a time"},
        {"accounts=root until=2027-01-15T08:00:00Z until=2027-01-15T08:00:00Z", -EINVAL, "stands twice"},
    };
    (void)state;

    for (size_t i = 0; i < BG_COUNT(cases); i++) {
        struct bg_gateline line;
        struct bg_sentence err = {{0}};
        int r = parse(&line, cases[i].text, &err);
        if (r != cases[i].r || (cases[i].says && !strstr(err.text, cases[i].says)))
            fail_msg("\"%s\": got %d, \"%s\"", cases[i].text, r, err.text);
        bg_gateline_free(&line);
    }
}

static void covers(void **state)
{
    struct bg_gateline line;
    struct bg_sentence err;
    (void)state;

    assert_int_equal(parse(&line, "accounts=root,bg-* until=2027-01-15T08:00:00Z", &err), 0);
    assert_int_equal(line.until, NOW);
    assert_true(bg_gateline_covers(&line, "root", NOW - 1));
    assert_true(bg_gateline_covers(&line, "bg-alice", NOW - 1));
    assert_true(bg_gateline_covers(&line, "breakglass", NOW - 1));
    assert_false(bg_gateline_covers(&line, "alice", NOW - 1));
    assert_false(bg_gateline_covers(&line, "roo", NOW - 1));
    assert_false(bg_gateline_covers(&line, "root2", NOW - 1));
    /* An inert line covers nothing, not even the front door. */
    assert_false(bg_gateline_covers(&line, "root", NOW));
    assert_false(bg_gateline_covers(&line, "breakglass", NOW));
    bg_gateline_free(&line);
    /* What was freed covers nobody but the door. */
    assert_false(bg_gateline_covers(&line, "root", NOW - 1));
}

static void write_service(const struct bg_root *root, const char *text, size_t len)
{
    bg_close_ int dir = bg_dir_make(root, "etc/pam.d", 0755);

    assert_true(dir >= 0);
    assert_int_equal(bg_file_write_volatile_at(dir, "sshd", text, len, 0644), 0);
}

#define LINE "session requisite pam_breakglass.so accounts=root,bg-*\n"
/* Until NOW + BG_LOGIN_TAKES. */
#define TRIAL "session requisite pam_breakglass.so accounts=root until=2027-01-15T08:03:00Z\n"
/* What older versions wrote. */
#define OLD                                                                                                  \
    "account required pam_breakglass.so accounts=root\nsession required pam_breakglass.so accounts=root\n"

static void enforced(void **state)
{
    static const struct {
        const char *text, *account;
        const char *says; /* NULL: enforced */
    } cases[] = {
        {LINE, "root", NULL},
        {LINE, "bg-alice", NULL},
        {LINE, "breakglass", NULL},
        {"# comment \\\n\n" LINE "@include common-auth\nrubbish\n", "root", NULL},
        {"auth required pam_permit.so\npassword required pam_deny.so\naccount required pam_deny.so\n" LINE,
         "root", NULL},
        {"SESSION Requisite pam_breakglass.so accounts=root # ours\n", "root", NULL},
        {"session\trequisite  /lib/security/pam_breakglass.so\taccounts=root", "root", NULL},
        {LINE "session sufficient pam_permit.so\n", "root", NULL},
        {"session requisite pam_breakglass.so accounts=root until=2027-01-15T08:00:01Z\n", "root", NULL},
        {LINE, "alice", "accounts= does not name alice"},
        {"", "root", "has no session line"},
        {"#" LINE, "root", "has no session line"},
        {"account required pam_breakglass.so accounts=root\n", "root", "has no session line"},
        {OLD, "root", "must say \"session requisite\""},
        {"session optional pam_umask.so\n" LINE, "root", "sshd:1: the first session line is not"},
        {"session [success=2 default=2] pam_permit.so\n" LINE, "root", "the first session line is not"},
        {"@include common-auth\n" LINE, "root", "@include stands before the line"},
        {"session include common-session\n" LINE, "root", "the first session line is not"},
        {"session sufficient pam_breakglass.so accounts=root\n", "root", "must say"},
        {"session required pam_breakglass.so accounts=root\n", "root", "must say"},
        {"session optional pam_breakglass.so accounts=root\n", "root", "must say"},
        {"session [default=ignore] pam_breakglass.so accounts=root\n", "root", "must say"},
        {"-session requisite pam_breakglass.so accounts=root\n", "root", "must say"},
        {"session requisite pam_breakglass.so accounts=root observe\n", "root", "only observes"},
        {"session requisite pam_breakglass.so accounts=root observe\n", "breakglass", NULL},
        {"session requisite pam_breakglass.so accounts=root until=2027-01-15T08:00:00Z\n", "root",
         "trial has expired"},
        {"session requisite pam_breakglass.so accounts=root wrong\n", "root", "does not know"},
        {"session requisite pam_breakglass.so\n", "root", "names no account"},
        {"session requisite pam_breakglass.so.old accounts=root\n", "root", "first session line is not"},
        {"session requisite tmp/pam_breakglass.so accounts=root\n", "root", "first session line is not"},
        {"session requisite xpam_breakglass.so accounts=root\n", "root", "first session line is not"},
        {"session requisite \\\npam_breakglass.so accounts=root\n", "root", "a backslash continues"},
        {"auth required pam_permit.so \\\n" LINE, "root", "a backslash continues"},
        {"session requisite pam_breakglass.so accounts=root\r\n", "root", "not an account"},
        {"acount required pam_permit.so\n" LINE, "root", "sshd:1: not a line of a PAM service file"},
        {"session requisite pam_breakglass.so # accounts=root\n", "root", "names no account"},
    };
    char folder[] = "/tmp/gateline-XXXXXX";
    struct bg_root root;
    struct bg_sentence err;
    (void)state;

    assert_non_null(mkdtemp(folder));
    assert_int_equal(bg_root_open(&root, folder), 0);
    assert_int_equal(bg_gateline_enforced(&root, "sshd", "root", NOW, &err), -ENOENT);
    for (size_t i = 0; i < BG_COUNT(cases); i++) {
        write_service(&root, cases[i].text, strlen(cases[i].text));
        err.text[0] = '\0';
        int r = bg_gateline_enforced(&root, "sshd", cases[i].account, NOW, &err);
        if (r != (cases[i].says ? -ENOENT : 0) || (cases[i].says && !strstr(err.text, cases[i].says)))
            fail_msg("case %zu:\n%s\n%d, \"%s\"", i, cases[i].text, r, err.text);
    }
    write_service(&root, LINE "\0", strlen(LINE) + 1);
    assert_int_equal(bg_gateline_enforced(&root, "sshd", "root", NOW, &err), -ENOENT);
    write_service(&root, LINE, strlen(LINE));
    assert_int_equal(bg_gateline_enforced(&root, "sshd", "root", NOW, &err), 0);
    assert_int_equal(bg_gateline_offers(&root, "sshd", "root", NOW, &err), 0);
    assert_int_equal(bg_gateline_offers(&root, "sshd", "alice", NOW, &err), -ENOENT);
    assert_int_equal(bg_gateline_enforced(&root, "../pam.d/sshd", "root", NOW, &err), -ENOENT);
    assert_int_equal(bg_gateline_enforced(&root, "su", "root", NOW, &err), -ENOENT);

    /* A trial's last minutes: whoever is offered a key now may only reach PAM when its line is inert. */
    write_service(&root, TRIAL, strlen(TRIAL));
    assert_int_equal(bg_gateline_enforced(&root, "sshd", "root", NOW, &err), 0);
    assert_int_equal(bg_gateline_offers(&root, "sshd", "root", NOW, &err), -ENOENT);
    assert_non_null(strstr(err.text, "trial has expired"));
    assert_int_equal(bg_gateline_offers(&root, "sshd", "breakglass", NOW, &err), -ENOENT);
    assert_int_equal(bg_gateline_offers(&root, "sshd", "root", NOW - 1, &err), 0);

    /* A file that others may write proves nothing. */
    assert_int_equal(fchmodat(root.fd, "etc/pam.d/sshd", 0666, 0), 0);
    assert_int_equal(bg_gateline_enforced(&root, "sshd", "root", NOW, &err), -ENOENT);
    assert_int_equal(unlinkat(root.fd, "etc/pam.d/sshd", 0), 0);
    assert_int_equal(unlinkat(root.fd, "etc/pam.d", AT_REMOVEDIR), 0);
    assert_int_equal(unlinkat(root.fd, "etc", AT_REMOVEDIR), 0);
    bg_root_close(&root);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments),
        cmocka_unit_test(covers),
        cmocka_unit_test(enforced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
