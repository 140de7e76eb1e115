/* A scratch folder that stands for "/", made for one test and removed after it. */
#pragma once

#include "policy/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct scratch {
    char path[64];
    struct bg_root root;
};

static inline int scratch_make_in(struct scratch *s, const char *parent)
{
    (void)snprintf(s->path, sizeof s->path, "%.40s/bg-test-XXXXXX", parent);
    if (!mkdtemp(s->path))
        return -errno;
    return bg_root_open(&s->root, s->path);
}

static inline int scratch_make(struct scratch *s)
{
    return scratch_make_in(s, "/tmp");
}

static inline int scratch_drop_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline void scratch_drop(struct scratch *s)
{
    bg_root_close(&s->root);
    (void)nftw(s->path, scratch_drop_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The absolute path of a file below it; in one of four buffers that take turns. */
static inline const char *scratch_path(const struct scratch *s, const char *relative)
{
    static char paths[4][PATH_MAX];
    static unsigned turn;
    char *out = paths[turn++ % 4];

    (void)snprintf(out, PATH_MAX, "%s/%s", s->path, relative);
    return out;
}

/* Makes every missing folder of a relative path. */
static inline int scratch_folder(const struct scratch *s, const char *relative)
{
    int fd = bg_dir_make(&s->root, relative, 0700);

    if (fd < 0)
        return fd;
    (void)close(fd);
    return 0;
}

static inline int scratch_write(const struct scratch *s, const char *relative, const char *text)
{
    FILE *f = fopen(scratch_path(s, relative), "we");

    if (!f)
        return -errno;
    (void)fputs(text, f);
    return fclose(f) == 0 ? 0 : -EIO;
}

/* Says of a file when it was last modified. */
static inline int scratch_date(const struct scratch *s, const char *relative, int64_t time)
{
    const struct timespec times[2] = {{.tv_sec = time}, {.tv_sec = time}};

    return utimensat(AT_FDCWD, scratch_path(s, relative), times, 0) < 0 ? -errno : 0;
}
