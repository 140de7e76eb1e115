/* SPDX-License-Identifier: ISC */
/* Names in a folder by getdents64, a small buffer at a time, so that a huge folder costs little. */
#include "policy/base/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Small on purpose: one call never reads further than this into a huge folder. */
#define BUFFER 1024

int bg_folder_each(int dir, int (*each)(const char *name, void *arg), void *arg)
{
    _Alignas(struct dirent64) char buffer[BUFFER];
    long n;

    if (lseek(dir, 0, SEEK_SET) < 0) /* the fd may be a copy of one that was read before */
        return -errno;
    while ((n = syscall(SYS_getdents64, dir, buffer, sizeof buffer)) > 0) {
        for (long at = 0; at < n;) {
            const struct dirent64 *entry = (const struct dirent64 *)(const void *)(buffer + at);

            at += entry->d_reclen;
            if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                continue;
            int r = each(entry->d_name, arg);
            if (r != 0)
                return r;
        }
    }
    return n < 0 ? -errno : 0;
}

struct collecting {
    struct bg_list *names;
    size_t left;
    bool temporary;
    bool *more;
};

static int collect(const char *name, void *arg)
{
    struct collecting *c = arg;

    if ((name[0] == '.') != c->temporary)
        return 0;
    if (c->left == 0) {
        if (c->more)
            *c->more = true;
        return 1;
    }
    c->left--;
    return bg_list_add(c->names, name, strlen(name));
}

int bg_folder_names(int dir, size_t max, struct bg_list *names, bool *more)
{
    struct collecting c = {.names = names, .left = max, .more = more};
    int r;

    if (more)
        *more = false;
    r = bg_folder_each(dir, collect, &c);
    return r < 0 ? r : 0;
}

int bg_folder_temporaries(int dir, size_t max, struct bg_list *names)
{
    struct collecting c = {.names = names, .left = max, .temporary = true};
    int r = bg_folder_each(dir, collect, &c);

    return r < 0 ? r : 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void bg_folder_sort(struct bg_list *names)
{
    size_t kept = 0;

    if (names->n == 0)
        return;
    qsort(names->v, names->n, sizeof *names->v, compare);
    for (size_t i = 1; i < names->n; i++) {
        if (strcmp(names->v[i], names->v[kept]) == 0)
            free(names->v[i]);
        else
            names->v[++kept] = names->v[i];
    }
    names->n = kept + 1;
}

bool bg_folder_elsewhere(int r)
{
    switch (-r) {
    case ENOSPC:
    case EROFS:
    case EDQUOT:
    case EIO:
    case ENOENT: /* the folder is missing: not mounted, or not made */
    case ENOTDIR:
    case EPERM: /* not safe, or immutable */
    case EACCES:
    case EUCLEAN: /* the file system found itself broken */
    case ENODEV:
    case ENXIO:
    case ESTALE:
        return true;
    default:
        return false;
    }
}
