/* SPDX-License-Identifier: ISC */
/* The one reader of /etc/breakglass: a main file, then its drop-ins by name. What it does not read it names.
 */
#include "policy/rules/files.h"

#include "policy/base/cleanup.h"
#include "policy/base/folder.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX ".conf"
#define SHOWN_SIZE (NAME_MAX + 16) /* "signers.d/" and a name */

/* --- the names in a folder --- */

struct sorting {
    const char *shown;
    struct bg_list *names;
    struct bg_problems *problems;
};

static bool is_drop_in(const char *name)
{
    size_t len = strlen(name), suffix = strlen(SUFFIX);

    return name[0] != '.' && len > suffix && strcmp(name + len - suffix, SUFFIX) == 0;
}

static int sort_out(const char *name, void *arg)
{
    const struct sorting *s = arg;
    char file[SHOWN_SIZE];

    if (is_drop_in(name))
        return bg_list_add(s->names, name, strlen(name));
    (void)snprintf(file, sizeof file, "%s/%s", s->shown, name);
    bg_problem_add(s->problems, file, 0, true,
                   "this file is ignored: its name must end in .conf, and not begin with a dot; rename it or "
                   "move it away");
    return 0;
}

int bg_drop_ins(int dir, const char *shown, struct bg_list *names, struct bg_problems *problems)
{
    struct sorting s = {.shown = shown, .names = names, .problems = problems};
    int r = bg_folder_each(dir, sort_out, &s);

    if (r < 0)
        return r;
    bg_folder_sort(names);
    if (names->n <= BG_DROP_INS_MAX)
        return 0;
    bg_problem_add(problems, shown, 0, false, "more than %d files: those after %s are ignored",
                   BG_DROP_INS_MAX, names->v[BG_DROP_INS_MAX - 1]);
    while (names->n > BG_DROP_INS_MAX)
        free(names->v[--names->n]);
    return 0;
}

/* --- the files of a host --- */

static int cannot_use(const struct bg_rule_files *files, const char *shown, int r, const char *kind)
{
    if (r == -ENOMEM)
        return r;
    if (r == -EPERM)
        bg_problem_add(files->problems, shown, 0, false,
                       "cannot be used: it is not a %s of root's that only root may write (chown root, chmod "
                       "go-w)",
                       kind);
    else if (r == -EFBIG)
        bg_problem_add(files->problems, shown, 0, false, "cannot be used: it is larger than %d bytes",
                       BG_RULE_FILE_MAX);
    else if (r == -ENOENT)
        bg_problem_add(files->problems, shown, 0, false,
                       "cannot be used: there is no such %s (breakglass init makes a first one)", kind);
    else
        bg_problem_add(files->problems, shown, 0, false, "cannot be used: %s", strerrordesc_np(-r));
    return 0;
}

static int add_file(const struct bg_rule_files *files, const struct bg_root *root, int dir, const char *name,
                    const char *shown, bool needed)
{
    bg_free_ char *text = NULL;
    size_t len = 0;
    int64_t changed = 0;
    int r = bg_file_read_dated_at(root, dir, name, BG_RULE_FILE_MAX, &text, &len, &changed);

    if (r == -ENOENT && !needed)
        return 0;
    if (r < 0)
        return cannot_use(files, shown, r, "regular file");
    if (changed > *files->changed)
        *files->changed = changed;
    return files->add(files->rules, shown, text, len);
}

static int add_drop_ins(const struct bg_rule_files *files, const struct bg_root *root, int etc)
{
    bg_close_ int dir = bg_dir_open_at(root, etc, files->folder);
    bg_cleanup_(bg_list_free) struct bg_list names = {0};
    int r = dir < 0 ? dir : bg_drop_ins(dir, files->folder, &names, files->problems);

    if (dir == -ENOENT)
        return 0;
    if (r < 0)
        return cannot_use(files, files->folder, r, "folder");
    for (size_t i = 0; i < names.n && r >= 0; i++) {
        char shown[SHOWN_SIZE];

        (void)snprintf(shown, sizeof shown, "%s/%s", files->folder, names.v[i]);
        r = add_file(files, root, dir, names.v[i], shown, true);
    }
    return r;
}

int bg_rule_files_read(const struct bg_rule_files *files, const struct bg_root *root)
{
    bg_close_ int etc = bg_dir_open(root, BG_ETC);
    int r;

    if (etc == -ENOENT && !files->needed)
        return 0;
    if (etc < 0)
        return cannot_use(files, "/" BG_ETC, etc, "folder");
    r = add_file(files, root, etc, files->main, files->main, files->needed);
    return r < 0 ? r : add_drop_ins(files, root, etc);
}
