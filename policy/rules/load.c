/* SPDX-License-Identifier: ISC */
/* Policy files to one policy: each file's lines are kept, and read together once the last one is there. */
#include "policy/rules/load.h"

#include "policy/base/cleanup.h"
#include "policy/rules/draft.h"
#include "policy/rules/parse.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- from texts --- */

static int have_draft(struct bg_policy *policy)
{
    if (!policy->draft)
        policy->draft = bg_policy_draft_new();
    if (policy->draft)
        return 0;
    policy->broken = true;
    return -ENOMEM;
}

int bg_policy_add(struct bg_policy *policy, const char *file, const char *text, size_t len)
{
    int r = have_draft(policy);

    if (r >= 0)
        r = bg_policy_draft_add(policy->draft, file, text, len);
    if (r < 0)
        policy->broken = true;
    return r;
}

int bg_policy_settle(struct bg_policy *policy)
{
    int r = have_draft(policy);

    if (r < 0)
        return r;
    (void)crypto_hash_sha256_final(&policy->draft->hash, policy->digest);
    r = bg_policy_parse(policy, policy->draft);
    bg_policy_draft_free(policy->draft);
    policy->draft = NULL;
    if (r < 0)
        policy->broken = true;
    return r;
}

/* --- from files --- */

static const char *in_words(int r)
{
    return r == -EPERM   ? "it is not a plain file of root's that only root may change"
           : r == -EFBIG ? "it is larger than 1 MiB"
                         : strerrordesc_np(-r);
}

static int add_file(struct bg_policy *policy, const struct bg_root *root, int dir, const char *name,
                    const char *shown)
{
    bg_free_ char *text = NULL;
    size_t len = 0;
    int64_t changed = 0;
    int r = bg_file_read_dated_at(root, dir, name, BG_POLICY_FILE_MAX, &text, &len, &changed);

    if (r == -ENOMEM)
        return r;
    if (r < 0) {
        bg_problem_add(&policy->problems, shown, 0, false, "cannot be used: %s",
                       r == -ENOENT ? "there is no such file (breakglass init makes a first one)"
                                    : in_words(r));
        policy->broken = true;
        return 0;
    }
    if (changed > policy->changed)
        policy->changed = changed;
    return bg_policy_add(policy, shown, text, len);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_drop_in(const char *name)
{
    size_t len = strlen(name);

    return name[0] != '.' && len > 5 && strcmp(name + len - 5, ".conf") == 0;
}

/* The drop-ins' names, sorted. */
static int list_drop_ins(int fd, struct bg_list *names)
{
    int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;
    int r = 0;

    if (!dir) {
        r = -errno;
        if (copy >= 0)
            (void)close(copy);
        return r;
    }
    while (r >= 0 && (errno = 0, entry = readdir(dir)) != NULL)
        if (is_drop_in(entry->d_name))
            r = bg_list_add(names, entry->d_name, strlen(entry->d_name));
    if (r >= 0 && errno != 0)
        r = -errno;
    (void)closedir(dir);
    if (names->n > 0)
        qsort(names->v, names->n, sizeof *names->v, compare_names);
    return r;
}

static int add_drop_ins(struct bg_policy *policy, const struct bg_root *root)
{
    bg_close_ int fd = bg_dir_open(root, BG_ETC "/policy.d");
    bg_cleanup_(bg_list_free) struct bg_list names = {0};
    int r = fd < 0 ? fd : list_drop_ins(fd, &names);

    if (fd == -ENOENT)
        return 0;
    if (r == -ENOMEM)
        return r;
    if (r < 0) {
        bg_problem_add(&policy->problems, "policy.d", 0, false, "cannot be used: %s",
                       r == -EPERM ? "it is not a folder of root's that only root may change" : in_words(r));
        policy->broken = true;
        return 0;
    }
    for (size_t i = 0; i < names.n; i++) {
        char shown[300];
        (void)snprintf(shown, sizeof shown, "policy.d/%s", names.v[i]);
        r = add_file(policy, root, fd, names.v[i], shown);
        if (r < 0)
            return r;
    }
    return 0;
}

static int load(struct bg_policy *policy, const struct bg_root *root)
{
    bg_close_ int etc = bg_dir_open(root, BG_ETC);
    int r;

    if (etc == -ENOMEM)
        return etc;
    if (etc < 0) {
        bg_problem_add(&policy->problems, "/" BG_ETC, 0, false, "cannot be used: %s",
                       etc == -ENOENT  ? "there is no such folder (breakglass init makes it)"
                       : etc == -EPERM ? "it is not a folder of root's that only root may change"
                                       : in_words(etc));
        policy->broken = true;
        return 0;
    }
    r = add_file(policy, root, etc, "policy.conf", "policy.conf");
    return r < 0 ? r : add_drop_ins(policy, root);
}

int bg_policy_load(struct bg_policy *policy, const struct bg_root *root)
{
    int r, s;

    bg_policy_begin(policy);
    r = load(policy, root);
    if (r < 0)
        policy->broken = true;
    s = bg_policy_settle(policy);
    return r < 0 ? r : s;
}
