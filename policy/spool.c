#include "spool.h"

#include "clean.h"
#include "cleanup.h"
#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define RECORD_MAX (64 * 1024)
#define SPOOL_READ_MAX 65536 /* names looked at in one spool */

/* The two spools, and how a name says which. */
static const struct {
    const char *prefix, *base, *path;
    mode_t base_mode;
} spools[] = {{"run/", BG_RUN, BG_RUN "/spool", 0755}, {"var/", BG_VAR, BG_VAR "/spool", 0700}};

/* Opens a folder, and makes it where tmpfiles has not: a login must not depend on that. */
static int open_or_make(const struct bg_root *root, const char *base, mode_t base_mode, const char *path)
{
    int dir = bg_dir_open(root, path);

    if (dir != -ENOENT)
        return dir;
    dir = bg_dir_make(root, base, base_mode);
    if (dir < 0)
        return dir;
    (void)close(dir);
    return bg_dir_make(root, path, 0700);
}

/* A name that sorts by time and that no other thread can choose: SECONDS.NANOSECONDS.THREAD.NUMBER. */
static int choose_name(int dir, char *name, size_t size)
{
    struct timespec now;

    if (clock_gettime(CLOCK_REALTIME, &now) < 0)
        return -errno;
    for (unsigned i = 0; i < 1000; i++) {
        /* The clock may have been set back to a moment that this thread had before. */
        (void)snprintf(name, size, "%012lld.%09ld.%010ld.%03u", (long long)now.tv_sec, now.tv_nsec,
                       (long)syscall(SYS_gettid), i);
        if (faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
            return errno == ENOENT ? 0 : -errno;
    }
    return -EEXIST;
}

static int write_to(const struct bg_root *root, size_t spool, const char *text)
{
    bg_close_ int dir = open_or_make(root, spools[spool].base, spools[spool].base_mode, spools[spool].path);
    char name[64];
    int r;

    if (dir < 0)
        return dir;
    r = choose_name(dir, name, sizeof name);
    if (r < 0)
        return r;
    return spool == 0 ? bg_file_write_volatile_at(dir, name, text, strlen(text), 0600)
                      : bg_file_write_at(dir, name, text, strlen(text), 0600);
}

int bg_spool_write(const struct bg_root *root, const struct bg_event *event)
{
    bg_free_ char *text = bg_event_print(event);
    int r;

    if (!text)
        return -ENOMEM;
    r = write_to(root, 0, text);
    /* Whatever the reason: an event that can be kept anywhere is kept. */
    return r < 0 ? write_to(root, 1, text) : 0;
}

static bool is_record_name(const char *name)
{
    size_t len = strlen(name);

    return len > 0 && len < 64 && name[0] != '.' && strspn(name, "0123456789.") == len;
}

/* Appends "run/NAME" for each record of one spool. */
static int spool_names(const struct bg_root *root, size_t spool, struct bg_list *names)
{
    struct bg_list found bg_cleanup_(bg_list_free) = {0};
    bg_close_ int dir = bg_dir_open(root, spools[spool].path);
    char full[80];
    int r;

    if (dir < 0)
        return dir == -ENOENT ? 0 : dir;
    r = bg_folder_names(dir, SPOOL_READ_MAX, &found, NULL);
    for (size_t i = 0; i < found.n && r >= 0; i++) {
        if (!is_record_name(found.v[i]))
            continue;
        int n = snprintf(full, sizeof full, "%s%s", spools[spool].prefix, found.v[i]);
        r = bg_list_add(names, full, (size_t)n);
    }
    return r;
}

static int by_record(const void *a, const void *b)
{
    const char *x = *(const char *const *)a, *y = *(const char *const *)b;
    int r = strcmp(x + 4, y + 4);

    return r != 0 ? r : strcmp(x, y);
}

int bg_spool_names(const struct bg_root *root, size_t max, struct bg_list *names)
{
    struct bg_list found bg_cleanup_(bg_list_free) = {0};
    int r = 0, failed = 0;

    for (size_t i = 0; i < BG_COUNT(spools); i++) {
        r = spool_names(root, i, &found);
        if (r < 0)
            failed = r;
    }
    if (found.n == 0) /* one unreadable spool does not hide the other */
        return failed;
    qsort(found.v, found.n, sizeof *found.v, by_record);
    for (size_t i = 0; i < found.n && i < max; i++) {
        r = bg_list_add(names, found.v[i], strlen(found.v[i]));
        if (r < 0)
            return r;
    }
    return 0;
}

/* The folder and the record of a name that bg_spool_names gave. */
static int open_spool(const struct bg_root *root, const char *name, const char **record)
{
    for (size_t i = 0; i < BG_COUNT(spools); i++)
        if (strncmp(name, spools[i].prefix, 4) == 0 && is_record_name(name + 4)) {
            *record = name + 4;
            return bg_dir_open(root, spools[i].path);
        }
    return -EINVAL;
}

int bg_spool_read(const struct bg_root *root, const char *name, char **text)
{
    const char *record = NULL;
    bg_close_ int dir = open_spool(root, name, &record);
    bg_free_ char *data = NULL;
    size_t len;
    int r;

    if (dir < 0)
        return dir;
    r = bg_file_read_at(root, dir, record, RECORD_MAX, &data, &len);
    if (r < 0)
        return r;
    if (strlen(data) != len)
        return -EINVAL;
    *text = BG_TAKE_PTR(data);
    return 0;
}

int bg_spool_drop(const struct bg_root *root, const char *name)
{
    const char *record = NULL;
    bg_close_ int dir = open_spool(root, name, &record);

    if (dir < 0)
        return dir;
    return unlinkat(dir, record, 0) < 0 ? -errno : 0;
}
