/* SPDX-License-Identifier: ISC */
/* What was written to /run while /var took nothing moves home, and what nobody needs any more goes. */
#include "policy/store/store.h"

#include "policy/base/cleanup.h"
#include "policy/base/folder.h"
#include "policy/store/disk.h"
#include "policy/store/marks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NAMES_MAX 65536
#define STALE (60 * 60)                        /* a temporary file this old has no writer any more */
#define EARLY_KEPT ((time_t)30 * 24 * 60 * 60) /* a statement whose request never came */

static bool is_mark(const char *name)
{
    return strcmp(name, "closed") == 0 || strcmp(name, "expired") == 0;
}

/* Whether `to` has the file already, or a mark there counts more: of two marks the earlier does. */
static bool is_home(const struct bg_store *store, int from, int to, const char *name)
{
    struct bg_grant here = {0}, home = {0}; /* for their marks alone */

    if (strcmp(name, "opened") == 0) {
        bg_mark_load_opened(store, from, &here);
        bg_mark_load_opened(store, to, &home);
        return !here.opened.noted ||
               (home.opened.noted && !bg_mark_is_earlier(&here.opened.at, &home.opened.at));
    }
    if (strcmp(name, "expired") == 0) {
        bg_mark_load_expired(store, from, &here);
        bg_mark_load_expired(store, to, &home);
        return home.expired && !(here.expired && here.expired_time < home.expired_time);
    }
    return faccessat(to, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Copies one file to `to` unless it is there. 1 when it was copied, 0 when there was nothing to do. */
static int copy_file(const struct bg_store *store, int from, int to, const char *name)
{
    bg_free_ char *data = NULL;
    size_t len;
    int r = bg_file_read_at(&store->root, from, name, BG_STATEMENT_MAX, &data, &len);

    if (r < 0)
        return r == -ENOENT || r == -EPERM || r == -EFBIG ? 0 : r;
    if (is_home(store, from, to, name))
        return 0;
    r = bg_file_write_at(to, name, data, len, 0600);
    return r < 0 ? r : 1;
}

/* Copies signatures, then texts, so that no text is ever without its signature; the marks are among the
 * latter. */
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

/* The other way round. The marks of an end stay where they are unless asked for: they belong in both places.
 */
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
    bg_close_ int from = bg_disk_open(store, BG_IN_RUN, path);
    int r;

    if (from < 0)
        return from == -ENOENT || from == -EPERM ? 0 : from;
    r = bg_folder_names(from, NAMES_MAX, &names, NULL);
    if (r < 0 || names.n == 0)
        return r;
    bg_close_ int to = bg_disk_make(store, BG_IN_VAR, path);
    if (to < 0)
        return to;
    r = copy_all(store, from, to, &names);
    if (r >= 0)
        drop_all(from, to, &names, false);
    return r;
}

static void drop_older(int dir, const struct bg_list *names, time_t than)
{
    struct stat st;

    for (size_t i = 0; i < names->n; i++)
        if (fstatat(dir, names->v[i], &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
            st.st_mtime < than)
            (void)unlinkat(dir, names->v[i], 0);
}

/* Removes temporary files that a killed writer left, and early statements whose request never came. */
static void sweep(const struct bg_store *store, enum bg_disk place, const char *const path[], bool early)
{
    struct bg_list temporary bg_cleanup_(bg_list_free) = {0}, all bg_cleanup_(bg_list_free) = {0};
    bg_close_ int dir = bg_disk_open(store, place, path);

    if (dir < 0 || bg_folder_temporaries(dir, NAMES_MAX, &temporary) < 0)
        return;
    drop_older(dir, &temporary, time(NULL) - STALE);
    if (early && bg_folder_names(dir, NAMES_MAX, &all, NULL) >= 0)
        drop_older(dir, &all, time(NULL) - EARLY_KEPT);
}

/* Removes a folder of /run if nothing is left in it. */
static void drop_folder(const struct bg_store *store, const char *const above[], const char *name)
{
    bg_close_ int dir = bg_disk_open(store, BG_IN_RUN, above);

    if (dir >= 0)
        (void)unlinkat(dir, name, AT_REMOVEDIR);
}

/* What is settled. `deep`: there are folders of IDs in it. `places`: where it is looked for; the archive is
 * large, and only what a review left in /run concerns us. */
static const struct shelf {
    const char *name;
    bool deep;
    int places;
} shelves[] = {{"grants", true, BG_PLACES}, {"early", false, BG_PLACES}, {"archive", true, BG_IN_RUN + 1}};

/* Settles and sweeps SHELF/NAME/ and, where it is deep, SHELF/NAME/ID/. */
static int settle_below(const struct bg_store *store, const struct shelf *shelf, const char *name)
{
    const char *const path[] = {shelf->name, name, NULL};
    struct bg_list ids bg_cleanup_(bg_list_free) = {0};
    int moved = 0, r = 0;

    for (int place = 0; place < shelf->places; place++) {
        sweep(store, (enum bg_disk)place, path, strcmp(shelf->name, "early") == 0);
        if (shelf->deep && bg_disk_names(store, (enum bg_disk)place, path, NAMES_MAX, &ids) == -ENOMEM)
            return -ENOMEM;
    }
    if (!shelf->deep)
        return settle_folder(store, path);
    bg_folder_sort(&ids);
    for (size_t i = 0; i < ids.n && r >= 0; i++) {
        const char *const grant[] = {shelf->name, name, ids.v[i], NULL};

        for (int place = 0; place < shelf->places; place++)
            sweep(store, (enum bg_disk)place, grant, false);
        r = settle_folder(store, grant);
        drop_folder(store, path, ids.v[i]);
        moved += r > 0 ? r : 0;
    }
    return r < 0 ? r : moved;
}

static int settle_shelf(const struct bg_store *store, const struct shelf *shelf)
{
    const char *const path[] = {shelf->name, NULL};
    struct bg_list names bg_cleanup_(bg_list_free) = {0};
    int moved = 0;

    for (int place = 0; place < shelf->places; place++)
        if (bg_disk_names(store, (enum bg_disk)place, path, NAMES_MAX, &names) == -ENOMEM)
            return -ENOMEM;
    bg_folder_sort(&names);
    for (size_t i = 0; i < names.n; i++) {
        int r = settle_below(store, shelf, names.v[i]);

        if (r < 0)
            return r;
        drop_folder(store, path, names.v[i]);
        moved += r;
    }
    return moved;
}

int bg_store_migrate(const struct bg_store *store)
{
    int moved = 0;

    for (size_t i = 0; i < BG_COUNT(shelves); i++) {
        int r = settle_shelf(store, &shelves[i]);

        if (r < 0)
            return r;
        moved += r;
    }
    return moved;
}

/* --- the archive --- */

/* Moves the folder; where the archive has it already (a mover that was killed), what is in it. */
static int move_folder(const struct bg_store *store, int from, int to, const char *id)
{
    struct bg_list names bg_cleanup_(bg_list_free) = {0};
    int r;

    if (renameat(from, id, to, id) == 0)
        return 0;
    if (errno != ENOTEMPTY && errno != EEXIST)
        return -errno;
    bg_close_ int source = bg_dir_open_at(&store->root, from, id);
    bg_close_ int target = bg_dir_open_at(&store->root, to, id);
    if (source < 0 || target < 0)
        return source < 0 ? source : target;
    r = bg_folder_names(source, NAMES_MAX, &names, NULL);
    for (size_t i = 0; i < names.n && r >= 0; i++)
        if (renameat(source, names.v[i], target, names.v[i]) < 0)
            r = -errno;
    if (r >= 0 && (fsync(target) < 0 || unlinkat(from, id, AT_REMOVEDIR) < 0))
        r = -errno;
    return r;
}

static int move_to_archive(const struct bg_store *store, const char *person, const char *id)
{
    const char *const from_path[] = {"grants", person, NULL}, *const to_path[] = {"archive", person, NULL};
    bg_close_ int from = bg_disk_open(store, BG_IN_VAR, from_path);
    if (from < 0)
        return from;
    bg_close_ int to = bg_disk_make(store, BG_IN_VAR, to_path);
    if (to < 0)
        return to;
    int r = move_folder(store, from, to, id);
    if (r < 0)
        return r;
    return fsync(to) < 0 || fsync(from) < 0 ? -errno : 0;
}

/* What is left of it in /run: the marks. */
static void drop_from_run(const struct bg_store *store, const char *person, const char *id)
{
    const char *const grant[] = {"grants", person, id, NULL}, *const path[] = {"grants", person, NULL};
    const char *const archived[] = {"archive", person, id, NULL}, *const top[] = {"grants", NULL};
    struct bg_list names bg_cleanup_(bg_list_free) = {0};
    bg_close_ int dir = bg_disk_open(store, BG_IN_RUN, grant);
    bg_close_ int copy = bg_disk_open(store, BG_IN_VAR, archived);

    if (dir < 0 || copy < 0 || bg_folder_names(dir, NAMES_MAX, &names, NULL) < 0)
        return;
    drop_all(dir, copy, &names, true);
    drop_folder(store, path, id);
    drop_folder(store, top, person);
}

int bg_store_archive(const struct bg_store *store, const char *person, const char *id)
{
    const char *const path[] = {"grants", person, id, NULL};
    struct bg_grant grant bg_cleanup_(bg_grant_free) = {0};
    int r = bg_store_load(store, person, id, &grant);

    if (r < 0 || grant.archived)
        return r;
    r = settle_folder(store, path);
    if (r >= 0)
        r = move_to_archive(store, person, id);
    if (r < 0)
        return r;
    drop_from_run(store, person, id);
    return 0;
}
