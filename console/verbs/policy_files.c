/* SPDX-License-Identifier: ISC */
/* The policy and the signers of a host, or of files and folders that are not installed yet. */
#include "console/verbs/policy_files.h"

#include "policy/base/cleanup.h"
#include "policy/rules/files.h"
#include "policy/rules/load.h"
#include "console/action/transfer.h"
#include "console/base/destination.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct files {
    struct bg_policy *policy;
    struct bg_signers *signers;
    bool has_signers, has_policy;
};

static int load_host(struct bg_policy *policy, struct bg_signers *signers, struct bg_sentence *err)
{
    struct bg_root root = {.fd = -1};
    int r = destination_open_root(&root, err);

    if (r >= 0 && (bg_policy_load(policy, &root) < 0 || bg_signers_load(signers, &root) < 0))
        r = bg_fail(err, -ENOMEM, "no memory left");
    bg_root_close(&root);
    return r;
}

static int add_file(struct files *f, const char *path, bool is_signers, struct bg_sentence *err)
{
    bg_free_ char *text = NULL;
    size_t len = 0;
    int r = read_input(path, &text, &len, err);

    if (r < 0)
        return r;
    if (is_signers) {
        f->has_signers = true;
        r = bg_signers_parse(f->signers, path, text, len);
    } else {
        f->has_policy = true;
        r = bg_policy_add(f->policy, path, text, len);
    }
    return r < 0 ? bg_fail(err, r, "no memory left") : 0;
}

static int add_drop_ins(struct files *f, const char *folder, const char *name, bool is_signers,
                        struct bg_sentence *err)
{
    bg_cleanup_(bg_list_free) struct bg_list names = {0};
    bg_free_ char *path = NULL;
    int r = 0;

    if (asprintf(&path, "%s/%s", folder, name) < 0) {
        path = NULL;
        return bg_fail(err, -ENOMEM, "no memory left");
    }
    bg_close_ int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return errno == ENOENT ? 0 : bg_fail(err, -errno, "%s: %s", path, strerrordesc_np(errno));
    r = bg_drop_ins(dir, path, &names, is_signers ? &f->signers->problems : &f->policy->problems);
    if (r < 0)
        return bg_fail(err, r, "%s: %s", path, strerrordesc_np(-r));
    for (size_t i = 0; i < names.n && r >= 0; i++) {
        bg_free_ char *file = NULL;

        if (asprintf(&file, "%s/%s", path, names.v[i]) < 0) {
            file = NULL;
            return bg_fail(err, -ENOMEM, "no memory left");
        }
        r = add_file(f, file, is_signers, err);
    }
    return r;
}

static int add_folder(struct files *f, const char *folder, struct bg_sentence *err)
{
    static const char *const names[] = {"policy.conf", "signers"};
    int r = 0;

    for (size_t i = 0; i < BG_COUNT(names) && r >= 0; i++) {
        bg_free_ char *path = NULL;
        struct stat st;

        if (asprintf(&path, "%s/%s", folder, names[i]) < 0) {
            path = NULL;
            return bg_fail(err, -ENOMEM, "no memory left");
        }
        if (stat(path, &st) == 0)
            r = add_file(f, path, i == 1, err);
    }
    if (r >= 0)
        r = add_drop_ins(f, folder, "policy.d", false, err);
    if (r >= 0)
        r = add_drop_ins(f, folder, "signers.d", true, err);
    return r;
}

static int add_path(struct files *f, const char *path, struct bg_sentence *err)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    struct stat st;

    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return add_folder(f, path, err);
    return add_file(f, path, strncmp(name, "signers", 7) == 0, err);
}

int policy_files_load(const struct bg_list *paths, struct bg_policy *policy, struct bg_signers *signers,
                      bool *has_signers, struct bg_sentence *err)
{
    struct files files = {.policy = policy, .signers = signers};
    int r = 0;

    *has_signers = true;
    if (paths->n == 0)
        return load_host(policy, signers, err);
    bg_policy_begin(policy);
    for (size_t i = 0; i < paths->n && r >= 0; i++)
        r = add_path(&files, paths->v[i], err);
    if (r < 0)
        return r;
    if (bg_policy_settle(policy) < 0)
        return bg_fail(err, -ENOMEM, "no memory left");
    bg_signers_settle(signers);
    *has_signers = files.has_signers;
    return files.has_policy || files.has_signers
               ? 0
               : bg_fail(err, -ENOENT, "there is no policy and no signers in there");
}
