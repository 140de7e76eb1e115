/* SPDX-License-Identifier: ISC */
/* Walks to each file folder by folder, and checks owner and mode of everything on the way. */
#include "policy/base/file.h"

#include "policy/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int bg_root_open(struct bg_root *root, const char *path)
{
    bg_close_ int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct stat st;

    *root = (struct bg_root){.fd = -1, .owner = 0};
    if (fd < 0 || fstat(fd, &st) < 0)
        return -errno;
    /* On a real host the owner is root whatever the inode of "/" says (a user namespace may show another). */
    root->owner = strcmp(path, "/") == 0 ? 0 : st.st_uid;
    root->fd = BG_TAKE_FD(fd);
    return 0;
}

void bg_root_close(struct bg_root *root)
{
    for (size_t i = 0; i < BG_COUNT(root->pins); i++) {
        if (root->pins[i] > 0)
            (void)close(root->pins[i] - 1);
        root->pins[i] = 0;
    }
    if (root->fd >= 0)
        (void)close(root->fd);
    root->fd = -1;
}

/* Nobody but root->owner can change what is in it. */
static int check_safe(const struct bg_root *root, const struct stat *st)
{
    return st->st_uid == root->owner && (st->st_mode & (S_IWGRP | S_IWOTH)) == 0 ? 0 : -EPERM;
}

/* flags: O_NOFOLLOW, and O_PATH for a folder that is only passed through. */
static int open_component(const struct bg_root *root, int dir, const char *name, int flags)
{
    bg_close_ int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);
    struct stat st;

    if (fd < 0)
        return errno == ELOOP || errno == ENOTDIR ? -EPERM : -errno;
    if (fstat(fd, &st) < 0)
        return -errno;
    int r = check_safe(root, &st);
    return r < 0 ? r : BG_TAKE_FD(fd);
}

/* One path component that cannot climb. */
static int check_component(const char *name)
{
    if (name[0] == '\0' || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return -EINVAL;
    return 0;
}

int bg_dir_open_at(const struct bg_root *root, int dir, const char *name)
{
    int r = check_component(name);
    return r < 0 ? r : open_component(root, dir, name, O_NOFOLLOW);
}

/* Splits the next component off *path. Links are only followed above the product's own folder: /var may be
 * root's link to another disk. 0 at the end of the path. */
static int next_component(const char **path, char name[NAME_MAX + 1], bool *ours)
{
    size_t len = strcspn(*path, "/");

    if (len == 0)
        return 0;
    if (len > NAME_MAX)
        return -ENAMETOOLONG;
    memcpy(name, *path, len);
    name[len] = '\0';
    *path += len + ((*path)[len] == '/');
    int r = check_component(name);
    if (r < 0)
        return r;
    *ours = *ours || strcmp(name, "breakglass") == 0;
    return 1;
}

static const char *const bases[] = {BG_ETC, BG_VAR, BG_RUN};

/* The pinned folder that *path is, or lies below; *path then is what is left of it. -1 for none. */
static int pinned(const struct bg_root *root, const char **path)
{
    for (size_t i = 0; i < BG_COUNT(bases); i++) {
        size_t len = strlen(bases[i]);
        if (root->pins[i] > 0 && strncmp(*path, bases[i], len) == 0 &&
            ((*path)[len] == '/' || (*path)[len] == '\0')) {
            *path += len + ((*path)[len] == '/');
            return root->pins[i] - 1;
        }
    }
    return -1;
}

static int walk(const struct bg_root *root, const char *path, bool make, mode_t mode)
{
    int start = pinned(root, &path);
    bool ours = start >= 0;
    bg_close_ int dir = -1; /* the folder reached, once it is not the start any more */
    char name[NAME_MAX + 1];
    int r;

    if (start < 0)
        start = root->fd;
    while ((r = next_component(&path, name, &ours)) > 0) {
        int from = dir >= 0 ? dir : start;
        if (make && mkdirat(from, name, mode) < 0 && errno != EEXIST)
            return -errno;
        int next = open_component(root, from, name, (ours ? O_NOFOLLOW : 0) | (*path ? O_PATH : 0));
        if (next < 0)
            return next;
        if (dir >= 0)
            (void)close(dir);
        dir = next;
    }
    if (r < 0 || dir >= 0)
        return r < 0 ? r : BG_TAKE_FD(dir);
    r = ours ? fcntl(start, F_DUPFD_CLOEXEC, 0) : openat(start, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return r < 0 ? -errno : r;
}

void bg_root_pin(struct bg_root *root, const char *base)
{
    for (size_t i = 0; i < BG_COUNT(bases); i++) {
        if (strcmp(base, bases[i]) != 0 || root->pins[i] > 0)
            continue;
        int fd = walk(root, base, false, 0);
        root->pins[i] = fd >= 0 ? fd + 1 : 0;
    }
}

int bg_dir_open(const struct bg_root *root, const char *path)
{
    return walk(root, path, false, 0);
}

int bg_dir_make(const struct bg_root *root, const char *path, mode_t mode)
{
    return walk(root, path, true, mode);
}

/* Reads up to `size` bytes of a file that should have one less; gives how many there were. A read that comes
 * back short has seen the end, so a file of the right length takes one call. */
static ssize_t read_full(int fd, char *buf, size_t size)
{
    size_t used = 0;

    while (used < size) {
        ssize_t n = read(fd, buf + used, size - used);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        used += (size_t)n;
        if (n == 0 || used == size - 1)
            break;
    }
    return (ssize_t)used;
}

int bg_fd_read(int fd, size_t cap, char **data, size_t *len)
{
    bg_free_ char *buf = malloc(cap + 2);
    ssize_t n = buf ? read_full(fd, buf, cap + 2) : -ENOMEM;

    if (n < 0)
        return (int)n;
    if ((size_t)n > cap)
        return -EFBIG;
    buf[n] = '\0';
    *len = (size_t)n;
    *data = BG_TAKE_PTR(buf);
    return 0;
}

int bg_file_read_dated_at(const struct bg_root *root, int dir, const char *name, size_t cap, char **data,
                          size_t *len, int64_t *changed)
{
    int r = check_component(name);
    if (r < 0)
        return r;
    bg_close_ int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;
    if (fd < 0)
        return errno == ELOOP || errno == ENXIO ? -EPERM : -errno;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode) || check_safe(root, &st) < 0)
        return -EPERM;
    if (st.st_size < 0 || (size_t)st.st_size > cap)
        return -EFBIG;

    /* One byte more than it should hold: a file that grows while it is read is refused, not cut. */
    size_t size = (size_t)st.st_size + 1;
    bg_free_ char *buf = malloc(size + 1);
    if (!buf)
        return -ENOMEM;
    ssize_t n = read_full(fd, buf, size);
    if (n < 0)
        return (int)n;
    if ((size_t)n == size)
        return -EAGAIN;
    buf[n] = '\0';
    *len = (size_t)n;
    *data = BG_TAKE_PTR(buf);
    *changed = st.st_mtim.tv_sec;
    return 0;
}

int bg_file_read_at(const struct bg_root *root, int dir, const char *name, size_t cap, char **data,
                    size_t *len)
{
    int64_t changed;

    return bg_file_read_dated_at(root, dir, name, cap, data, len, &changed);
}

int bg_file_read(const struct bg_root *root, const char *path, size_t cap, char **data, size_t *len)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return bg_file_read_at(root, root->fd, path, cap, data, len);

    const char *name = path;
    int start = pinned(root, &name);
    if (start >= 0 && name == slash + 1)
        return bg_file_read_at(root, start, name, cap, data, len);
    bg_free_ char *folder = strndup(path, (size_t)(slash - path));
    if (!folder)
        return -ENOMEM;
    bg_close_ int dir = bg_dir_open(root, folder);
    return dir < 0 ? dir : bg_file_read_at(root, dir, slash + 1, cap, data, len);
}

static int write_full(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

static int fill(int fd, const void *data, size_t len, mode_t mode, bool durable)
{
    int r = write_full(fd, data, len);
    if (r < 0)
        return r;
    if (mode != 0600 && fchmod(fd, mode) < 0) /* it was made with 0600, which no umask of ours takes from */
        return -errno;
    if (durable && fsync(fd) < 0)
        return -errno;
    return 0;
}

static int replace(int dir, const char *name, const void *data, size_t len, mode_t mode, bool durable)
{
    char temporary[NAME_MAX + 1];
    struct timespec now;
    int r = check_component(name);
    if (r < 0)
        return r;
    if (clock_gettime(CLOCK_MONOTONIC, &now) < 0)
        return -errno;
    /* Only root writes here, so the name need not be secret, only unused; O_EXCL makes sure. */
    int n = snprintf(temporary, sizeof temporary, ".%.200s.%d.%lld", name, (int)getpid(),
                     (long long)now.tv_sec * 1000000000 + now.tv_nsec);
    if (n < 0 || (size_t)n >= sizeof temporary)
        return -ENAMETOOLONG;
    bg_close_ int fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    r = fill(fd, data, len, mode, durable);
    if (r >= 0 && renameat(dir, temporary, dir, name) < 0)
        r = -errno;
    if (r < 0) {
        (void)unlinkat(dir, temporary, 0);
        return r;
    }
    if (durable && fsync(dir) < 0)
        return -errno;
    return 0;
}

int bg_file_write_at(int dir, const char *name, const void *data, size_t len, mode_t mode)
{
    return replace(dir, name, data, len, mode, true);
}

int bg_file_write_volatile_at(int dir, const char *name, const void *data, size_t len, mode_t mode)
{
    return replace(dir, name, data, len, mode, false);
}
