/* SPDX-License-Identifier: ISC */
/* Which UsePAM and PAMServiceName sshd goes by, from its files. */
#include "policy/pamfile/use_pam.h"

#include "policy/base/cleanup.h"
#include "tests/kit/scratch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define INCLUDE "Include /etc/ssh/sshd_config.d/*.conf\n"

static void the_first_one_counts(void **state)
{
    static const struct {
        const char *config, *early, *late; /* sshd_config; sshd_config.d/05-a.conf and 50-b.conf */
        const char *says;                  /* NULL: nothing against it */
    } cases[] = {
        {INCLUDE "UsePAM yes\n", "", "", NULL},
        {INCLUDE "UsePAM no\n", "", "UsePAM no\n", NULL},
        {INCLUDE "UsePAM yes\n", "UsePAM no\n", "", "/etc/ssh/sshd_config.d/05-a.conf:1 says UsePAM no"},
        {INCLUDE, "# UsePAM no\n#UsePAM no\nUsePAMs no\n", "", NULL},
        {INCLUDE, "X11Forwarding no\n\tusepam=\"NO\"\r\n", "", "05-a.conf:2"},
        {INCLUDE, "UsePAM yes\nUsePAM no\n", "", NULL},
        {INCLUDE, "Match User git\nUsePAM no\n", "", NULL},
        {"UsePAM no\n" INCLUDE, "", "", "/etc/ssh/sshd_config:1 says"},
        {"UsePAM yes\n" INCLUDE, "UsePAM no\n", "", NULL},
        {"Match User git\n" INCLUDE, "UsePAM no\n", "", NULL},
        {NULL, "UsePAM no\n", "", "05-a.conf:1"},
        {NULL, "", "", NULL},
        {INCLUDE, "PAMServiceName sshd\n", "", NULL},
        {INCLUDE, "PAMServiceName other\n", "",
         "/etc/ssh/sshd_config.d/05-a.conf:1 says PAMServiceName other"},
        {INCLUDE, "Match User root\n  pamservicename=other\n", "", "05-a.conf:2 says PAMServiceName other"},
        {INCLUDE "PAMServiceName other\n", "", "", NULL}, /* after our own file */
        {INCLUDE, "", "Match User root\nPAMServiceName other\n", NULL},
        {"PAMServiceName other\n" INCLUDE, "", "", "/etc/ssh/sshd_config:1 says PAMServiceName other"},
        {"Match User git\nPAMServiceName git\n", "", "", "sshd_config:2 says PAMServiceName git"},
    };
    struct scratch s;
    (void)state;

    assert_int_equal(scratch_make_in(&s, "/tmp"), 0);
    assert_int_equal(scratch_folder(&s, "etc/ssh/sshd_config.d"), 0);
    assert_int_equal(scratch_write(&s, "etc/ssh/sshd_config.d/10-breakglass.conf",
                                   "UsePAM yes\nMatch User root\n    PAMServiceName sshd\n"),
                     0);
    assert_int_equal(scratch_write(&s, "etc/ssh/sshd_config.d/01.conf.bak", "UsePAM no\n"), 0);
    for (size_t i = 0; i < BG_COUNT(cases); i++) {
        struct bg_sentence err = {{0}};

        (void)unlink(scratch_path(&s, "etc/ssh/sshd_config"));
        if (cases[i].config)
            assert_int_equal(scratch_write(&s, "etc/ssh/sshd_config", cases[i].config), 0);
        assert_int_equal(scratch_write(&s, "etc/ssh/sshd_config.d/05-a.conf", cases[i].early), 0);
        assert_int_equal(scratch_write(&s, "etc/ssh/sshd_config.d/50-b.conf", cases[i].late), 0);
        int r = bg_use_pam_check(&s.root, &err);
        if (r != (cases[i].says ? -EPERM : 0) || (cases[i].says && !strstr(err.text, cases[i].says)))
            fail_msg("case %zu: %d, \"%s\"", i, r, err.text);
    }
    scratch_drop(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_first_one_counts)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
