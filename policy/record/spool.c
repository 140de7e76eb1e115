/* SPDX-License-Identifier: ISC */
/* Events as files until the broker takes them: in /run or /var, with a reserve for full disks. */
#include "policy/record/spool.h"

#include "policy/base/clean.h"
#include "policy/base/cleanup.h"
#include "policy/base/folder.h"

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
#define RECORD_NAME_MAX 64
#define SPOOL_READ_MAX 65536 /* names looked at in one spool */

/* A record of two events is the file NAME.a, and NAME.b once the first of them is dropped. Outside of this
 * file it is two records of these names. */
#define FIRST ".a"
#define SECOND ".b"

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

/* A name that sorts by time and that no other record has: SECONDS.NANOSECONDS.THREAD.UPTIME. The last, in
 * nanoseconds, tells apart what a clock that was set back gives the same time. */
static int choose_name(char *name, size_t size, const char *part)
{
    struct timespec now, up;

    if (clock_gettime(CLOCK_REALTIME, &now) < 0 || clock_gettime(CLOCK_MONOTONIC, &up) < 0)
        return -errno;
    (void)snprintf(name, size, "%012lld.%09ld.%010ld.%019lld%s", (long long)now.tv_sec, now.tv_nsec,
                   (long)syscall(SYS_gettid), (long long)up.tv_sec * 1000000000 + up.tv_nsec, part);
    return 0;
}

static int write_to(const struct bg_root *root, size_t spool, const char *text, const char *part)
{
    bg_close_ int dir = open_or_make(root, spools[spool].base, spools[spool].base_mode, spools[spool].path);
    char name[RECORD_NAME_MAX];
    int r;

    if (dir < 0)
        return dir;
    r = choose_name(name, sizeof name, part);
    if (r < 0)
        return r;
    return spool == 0 ? bg_file_write_volatile_at(dir, name, text, strlen(text), 0600)
                      : bg_file_write_at(dir, name, text, strlen(text), 0600);
}

/* Whatever the reason: an event that can be kept anywhere is kept. */
static int write_to_either(const struct bg_root *root, const char *text, const char *part)
{
    return write_to(root, 0, text, part) < 0 ? write_to(root, 1, text, part) : 0;
}

int bg_spool_write(const struct bg_root *root, const struct bg_event *event)
{
    bg_free_ char *text = bg_event_print(event);

    return text ? write_to_either(root, text, "") : -ENOMEM;
}

int bg_spool_write_two(const struct bg_root *root, const struct bg_event *first,
                       const struct bg_event *second)
{
    bg_free_ char *text = bg_event_print_two(first, second);

    return text ? write_to_either(root, text, FIRST) : -ENOMEM;
}

static bool is_part(const char *name, const char *part)
{
    size_t len = strlen(name);

    return len > 2 && strcmp(name + len - 2, part) == 0;
}

static bool is_record_name(const char *name)
{
    size_t len = strlen(name), digits = is_part(name, FIRST) || is_part(name, SECOND) ? len - 2 : len;

    return len > 0 && len < RECORD_NAME_MAX && name[0] != '.' && strspn(name, "0123456789.") >= digits;
}

/* From the name of one part to that of the other. */
static void rename_part(char *name, const char *part)
{
    memcpy(name + strlen(name) - 2, part, 2);
}

/* Appends "run/NAME" for each record of one spool. */
static int spool_names(const struct bg_root *root, size_t spool, struct bg_list *names)
{
    struct bg_list found bg_cleanup_(bg_list_free) = {0};
    bg_close_ int dir = bg_dir_open(root, spools[spool].path);
    char full[RECORD_NAME_MAX + 4];
    int r;

    if (dir < 0)
        return dir == -ENOENT ? 0 : dir;
    r = bg_folder_names(dir, SPOOL_READ_MAX, &found, NULL);
    for (size_t i = 0; i < found.n && r >= 0; i++) {
        if (!is_record_name(found.v[i]))
            continue;
        int n = snprintf(full, sizeof full, "%s%s", spools[spool].prefix, found.v[i]);
        r = bg_list_add(names, full, (size_t)n);
        if (r >= 0 && is_part(full, FIRST)) {
            rename_part(full, SECOND);
            r = bg_list_add(names, full, (size_t)n);
        }
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
static int open_spool(const struct bg_root *root, const char *name, char record[RECORD_NAME_MAX])
{
    for (size_t i = 0; i < BG_COUNT(spools); i++)
        if (strncmp(name, spools[i].prefix, 4) == 0 && is_record_name(name + 4)) {
            memcpy(record, name + 4, strlen(name + 4) + 1);
            return bg_dir_open(root, spools[i].path);
        }
    return -EINVAL;
}

/* Cuts the text of two events down to one. */
static int take_part(char *text, bool first)
{
    char *second = strstr(text, "\nEVENT=");

    if (!second)
        return -EINVAL;
    if (first)
        second[1] = '\0';
    else
        memmove(text, second + 1, strlen(second + 1) + 1);
    return 0;
}

int bg_spool_read(const struct bg_root *root, const char *name, char **text)
{
    char record[RECORD_NAME_MAX];
    bg_close_ int dir = open_spool(root, name, record);
    bg_free_ char *data = NULL;
    size_t len;
    int r;

    if (dir < 0)
        return dir;
    bool first = is_part(record, FIRST), second = is_part(record, SECOND);
    r = bg_file_read_at(root, dir, record, RECORD_MAX, &data, &len);
    if (r == -ENOENT && second) { /* the first is still there, too */
        rename_part(record, FIRST);
        r = bg_file_read_at(root, dir, record, RECORD_MAX, &data, &len);
    }
    if (r < 0)
        return r;
    if (strlen(data) != len)
        return -EINVAL;
    if (first || second)
        r = take_part(data, first);
    if (r < 0)
        return r;
    *text = BG_TAKE_PTR(data);
    return 0;
}

int bg_spool_drop(const struct bg_root *root, const char *name)
{
    char record[RECORD_NAME_MAX], left[RECORD_NAME_MAX];
    bg_close_ int dir = open_spool(root, name, record);
    int r;

    if (dir < 0)
        return dir;
    if (is_part(record, FIRST)) {
        memcpy(left, record, sizeof left);
        rename_part(left, SECOND);
        r = renameat(dir, record, dir, left);
    } else {
        r = unlinkat(dir, record, 0);
    }
    return r < 0 ? -errno : 0;
}
