/* SPDX-License-Identifier: ISC */
/* Editing PAM service files: tests/gate/NAME.in becomes NAME.on with the gate and NAME.off without. Twice is
 * the same as once, and what the edit writes is what the module's own reading calls enforced. */
#include "console/gate/pam.h"
#include "policy/pamfile/pamfile.h"
#include "tests/kit/scratch.h"

#include "policy/base/cleanup.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define CALL "pam_breakglass.so accounts=root,postgres"

static char *read_text(const char *path, size_t *len)
{
    FILE *from = fopen(path, "re");
    char *text = calloc(1, BG_PAMFILE_MAX);

    if (!from || !text)
        fail_msg("%s cannot be read", path);
    *len = fread(text, 1, BG_PAMFILE_MAX - 1, from);
    (void)fclose(from);
    return text;
}

static void edit_is(const char *name, const char *text, size_t len, const char *call, const char *expected,
                    size_t expected_len)
{
    bg_free_ char *out = NULL;
    struct bg_sentence err;
    size_t out_len;

    assert_int_equal(gate_pam_edit(&out, &out_len, text, len, call, &err), 0);
    if (out_len != expected_len || memcmp(out, expected, out_len) != 0)
        fail_msg("%s, %s: got\n%s\ninstead of\n%s", name, call ? "on" : "off", out, expected);
}

static void one(const char *in)
{
    char path[4096];
    size_t len, on_len, off_len;
    bg_free_ char *text = read_text(in, &len);

    (void)snprintf(path, sizeof path, "%.*s.on", (int)(strlen(in) - 3), in);
    bg_free_ char *on = read_text(path, &on_len);
    (void)snprintf(path, sizeof path, "%.*s.off", (int)(strlen(in) - 3), in);
    bg_free_ char *off = read_text(path, &off_len);

    edit_is(in, text, len, CALL, on, on_len);
    edit_is(in, text, len, NULL, off, off_len);
    edit_is(in, on, on_len, CALL, on, on_len);
    edit_is(in, off, off_len, NULL, off, off_len);
    edit_is(in, on, on_len, NULL, off, off_len);
    edit_is(in, off, off_len, CALL, on, on_len);
}

static void golden(void **state)
{
    glob_t found;
    (void)state;

    assert_int_equal(glob(SRCDIR "/gate/*.in", 0, NULL, &found), 0);
    assert_true(found.gl_pathc >= 8);
    for (size_t i = 0; i < found.gl_pathc; i++)
        one(found.gl_pathv[i]);
    globfree(&found);
}

static void not_text(void **state)
{
    char *out;
    size_t len;
    struct bg_sentence err;
    (void)state;

    assert_int_equal(gate_pam_edit(&out, &len, "account\0x", 9, CALL, &err), -EINVAL);
    assert_null(out);
}

static void in_place(void **state)
{
    struct gate_pam_file file;
    struct bg_list services = {0};
    struct bg_gateline line;
    struct bg_sentence err;
    struct scratch s;
    struct stat st;
    bg_free_ char *out = NULL, *call = NULL;
    size_t len;
    (void)state;

    (void)umask(022);
    assert_int_equal(scratch_make(&s), 0);
    assert_int_equal(scratch_folder(&s, "etc/pam.d"), 0);
    assert_int_equal(scratch_write(&s, "etc/pam.d/sshd", "@include common-account\n"), 0);
    assert_int_equal(scratch_write(&s, "etc/pam.d/sshd.dpkg-old", "account required " CALL "\n"), 0);
    assert_int_equal(fchmodat(s.root.fd, "etc/pam.d/sshd", 0640, 0), 0);
    assert_int_equal(gate_pam_services(&s.root, &services), 0);
    assert_int_equal(services.n, 0);
    assert_int_equal(gate_pam_read(&s.root, "sshd", &file, &err), 0);
    assert_int_equal(gate_pam_line(file.text, file.len, &line, &err), -ENOENT);
    assert_int_equal(gate_pam_edit(&out, &len, file.text, file.len, CALL, &err), 0);
    assert_int_equal(gate_pam_write(&s.root, "sshd", out, len, file.mode, &err), 0);
    gate_pam_free(&file);
    assert_int_equal(fstatat(s.root.fd, "etc/pam.d/sshd", &st, 0), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    assert_int_equal(bg_gateline_enforced(&s.root, "sshd", "root", 0, &err), 0);
    assert_int_equal(bg_gateline_enforced(&s.root, "sshd", "postgres", 0, &err), 0);
    assert_int_equal(bg_gateline_enforced(&s.root, "sshd", "alice", 0, &err), -ENOENT);
    assert_int_equal(gate_pam_services(&s.root, &services), 0);
    assert_int_equal(services.n, 1);
    assert_string_equal(services.v[0], "sshd");
    bg_list_free(&services);
    assert_int_equal(gate_pam_line(out, len, &line, &err), 0);
    line.observe = true;
    line.until = 1795435200;
    call = gate_pam_call("pam_breakglass.so", &line);
    assert_string_equal(call, CALL " observe until=2026-11-23T12:00:00Z");
    bg_gateline_free(&line);

    /* Links and others' files are left alone. */
    assert_int_equal(symlinkat("sshd", s.root.fd, "etc/pam.d/su"), 0);
    assert_true(gate_pam_read(&s.root, "su", &file, &err) < 0);
    assert_int_equal(fchmodat(s.root.fd, "etc/pam.d/sshd", 0666, 0), 0);
    assert_int_equal(gate_pam_read(&s.root, "sshd", &file, &err), -EPERM);
    assert_true(gate_pam_read(&s.root, "../passwd", &file, &err) < 0);
    scratch_drop(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden),
        cmocka_unit_test(not_text),
        cmocka_unit_test(in_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
