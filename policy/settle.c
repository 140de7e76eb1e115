#include "store.h"

#include "cleanup.h"
#include "folder.h"
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NAMES_MAX 65536
#define STALE (60 * 60)                   /* a temporary file this old has no writer any more */
#define EARLY_KEPT ((time_t)30 * 24 * 60 * 60) /* a statement whose request never came */

static bool is_mark(const char *name)
{
    return strcmp(name, "closed") == 0 || strcmp(name, "over") == 0;
}

/* Copies one file to `to` unless it is there. 1 when it was copied, 0 when there was nothing to do. */
static int copy_file(const struct bg_store *store, int from, int to, const char *name)
{
    bg_free_ char *data = NULL;
    size_t len;
    int r;

    if (faccessat(to, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return 0;
    r = bg_file_read_at(&store->root, from, name, BG_STATEMENT_MAX, &data, &len);
    if (r < 0)
        return r == -ENOENT || r == -EPERM || r == -EFBIG ? 0 : r;
    r = bg_file_write_at(to, name, data, len, 0600);
    return r < 0 ? r : 1;
}

/* Copies signatures, then texts, so that no text is ever without its signature; the marks are among the latter. */
static int copy_all(const struct bg_store *store, int from, int to, const struct bg_list *names)
{
    int copied = 0;

    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < names->n; i++) {
            if (bg_is_sig_file(names->v[i]) != (pass == 0))
                continue;
            int r = copy_file(store, from, to, names->v[i]);
            if (r < 0)
                return r;
            copied += r;
        }
    return copied;
}

/* The other way round. Marks stay where they are unless asked for: they belong in both places. */
static void drop_all(int dir, int copy, const struct bg_list *names, bool marks)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < names->n; i++)
            if (bg_is_sig_file(names->v[i]) == (pass == 1) && (marks || !is_mark(names->v[i])) &&
                faccessat(copy, names->v[i], F_OK, AT_SYMLINK_NOFOLLOW) == 0)
                (void)unlinkat(dir, names->v[i], 0);
}

/* Moves what one folder of /run holds home. Gives how many files. */
static int settle_folder(const struct bg_store *store, const char *const path[])
{
    struct bg_list names bg_cleanup_(bg_list_free) = {0};
    bg_close_ int from = bg_place_open(store, BG_IN_RUN, path);
    int r;

    if (from < 0)
        return from == -ENOENT || from == -EPERM ? 0 : from;
    r = bg_folder_names(from, NAMES_MAX, &names, NULL);
    if (r < 0 || names.n == 0)
        return r;
    bg_close_ int to = bg_place_make(store, BG_IN_VAR, path);
    if (to < 0)
        return to;
    r = copy_all(store, from, to, &names);
    if (r >= 0)
        drop_all(from, to, &names, false);
    return r;
}

/* Removes temporary files that a killed writer left, and early statements whose request never came. */
static void sweep(const struct bg_store *store, enum bg_place place, const char *const path[], bool early)
{
    bg_close_ int dir = bg_place_open(store, place, path);
    time_t now = time(NULL);
    struct stat st;

    if (dir < 0)
        return;
    DIR_EACH(dir, name)
    {
        if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
            continue;
        if (name[0] == '.' ? st.st_mtime < now - STALE : early && st.st_mtime < now - EARLY_KEPT)
            (void)unlinkat(dir, name, 0);
    }
}
