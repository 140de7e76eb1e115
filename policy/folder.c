#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Small on purpose: one call never reads further than this into a huge folder. */
#define BUFFER 4096

static bool is_wanted(const char *name, bool temporary)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return false;
    return (name[0] == '.') == temporary;
}

static int read_names(int dir, bool temporary, size_t max, struct bg_list *names, bool *more)
{
    _Alignas(struct dirent64) char buffer[BUFFER];
    size_t taken = 0;
    long n;

    *more = false;
    while ((n = syscall(SYS_getdents64, dir, buffer, sizeof buffer)) > 0) {
        for (long at = 0; at < n;) {
            const struct dirent64 *entry = (const struct dirent64 *)(const void *)(buffer + at);

            at += entry->d_reclen;
            if (!is_wanted(entry->d_name, temporary))
                continue;
            if (taken == max) {
                *more = true;
                return 0;
            }
            int r = bg_list_add(names, entry->d_name, strlen(entry->d_name));
            if (r < 0)
                return r;
            taken++;
        }
    }
    return n < 0 ? -errno : 0;
}

int bg_folder_names(int dir, size_t max, struct bg_list *names, bool *more)
{
    bool ignored;

    return read_names(dir, false, max, names, more ? more : &ignored);
}

int bg_folder_temporaries(int dir, size_t max, struct bg_list *names)
{
    bool ignored;

    return read_names(dir, true, max, names, &ignored);
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
