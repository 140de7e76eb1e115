/* SPDX-License-Identifier: ISC */
/* The policy and the signers of a host, or of files and folders that are not installed yet. */
#include "console/verbs/policy_files.h"

#include "policy/base/cleanup.h"
#include "policy/rules/files.h"
#include "policy/rules/load.h"
#include "console/action/transfer.h"
#include "console/base/destination.h"
#include "console/base/print.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int load_host(struct policy_files *f, struct bg_sentence *err)
{
    bg_cleanup_(bg_root_close) struct bg_root root = {.fd = -1};
    int r = destination_open_root(&root, err);

    f->has_policy = f->has_signers = true;
    if (r >= 0 && (bg_policy_load(&f->policy, &root) < 0 || bg_signers_load(&f->signers, &root) < 0))
        r = bg_fail(err, -ENOMEM, "no memory left");
    return r;
}

static int add_file(struct policy_files *f, const char *path, bool is_signers, struct bg_sentence *err)
{
    bg_free_ char *text = NULL;
    size_t len = 0;
    int r = read_input(path, 0, &text, &len, err);

    if (r < 0)
        return r;
    if (is_signers) {
        f->has_signers = true;
        r = bg_signers_parse(&f->signers, path, text, len);
    } else {
        f->has_policy = true;
        r = bg_policy_add(&f->policy, path, text, len);
    }
    return r < 0 ? bg_fail(err, r, "no memory left") : 0;
}

static char *join(const char *folder, const char *name, struct bg_sentence *err)
{
    char *path = NULL;

    if (asprintf(&path, "%s/%s", folder, name) >= 0)
        return path;
    (void)bg_fail(err, -ENOMEM, "no memory left");
    return NULL;
}

static int add_drop_ins(struct policy_files *f, const char *path, bool is_signers, struct bg_sentence *err)
{
    bg_cleanup_(bg_list_free) struct bg_list names = {0};
    bg_close_ int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r;

    if (dir < 0)
        return errno == ENOENT ? 0 : bg_fail(err, -errno, "%s: %s", path, strerrordesc_np(errno));
    r = bg_drop_ins(dir, path, &names, is_signers ? &f->signers.problems : &f->policy.problems);
    if (r < 0)
        return bg_fail(err, r, "%s: %s", path, strerrordesc_np(-r));
    for (size_t i = 0; i < names.n && r >= 0; i++) {
        bg_free_ char *file = join(path, names.v[i], err);

        r = file ? add_file(f, file, is_signers, err) : -ENOMEM;
    }
    return r;
}

static int add_folder(struct policy_files *f, const char *folder, struct bg_sentence *err)
{
    static const char *const names[] = {"policy.conf", "signers", "policy.d", "signers.d"};
    int r = 0;

    for (size_t i = 0; i < BG_COUNT(names) && r >= 0; i++) {
        bg_free_ char *path = join(folder, names[i], err);
        bool is_signers = i % 2 == 1;

        if (!path)
            return -ENOMEM;
        if (i >= 2)
            r = add_drop_ins(f, path, is_signers, err);
        else if (access(path, F_OK) == 0)
            r = add_file(f, path, is_signers, err);
    }
    return r;
}

static int add_path(struct policy_files *f, const char *path, struct bg_sentence *err)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    struct stat st;

    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return add_folder(f, path, err);
    return add_file(f, path, strncmp(name, "signers", 7) == 0, err);
}

int policy_files_load(struct policy_files *f, const struct bg_list *paths, struct bg_sentence *err)
{
    int r = 0;

    if (paths->n == 0)
        return load_host(f, err);
    bg_policy_begin(&f->policy);
    for (size_t i = 0; i < paths->n && r >= 0; i++)
        r = add_path(f, paths->v[i], err);
    if (r < 0)
        return r;
    if (bg_policy_settle(&f->policy) < 0)
        return bg_fail(err, -ENOMEM, "no memory left");
    bg_signers_settle(&f->signers);
    return f->has_policy || f->has_signers ? 0 : bg_fail(err, -ENOENT, "no policy and no signers in there");
}

void policy_files_free(struct policy_files *f)
{
    bg_policy_free(&f->policy);
    bg_signers_free(&f->signers);
}

size_t policy_files_problems(const char *indent, const struct bg_problems *problems)
{
    for (size_t i = 0; i < problems->n; i++) {
        const struct bg_problem *p = &problems->v[i];
        char line[16] = "";

        if (p->line)
            (void)snprintf(line, sizeof line, ":%u", p->line);
        say(stdout, "%s%s%s: %s%s", indent, p->file, line, p->warning ? "warning: " : "", p->text);
    }
    if (problems->left_out)
        say(stdout, "%sand %zu more", indent, problems->left_out);
    return problems->errors;
}

void policy_files_digest(const char *what, const unsigned char digest[BG_DIGEST_BYTES])
{
    char hex[BG_DIGEST_HEX];

    bg_hex(hex, digest);
    say(stdout, "%s digest %.16s", what, hex);
}
