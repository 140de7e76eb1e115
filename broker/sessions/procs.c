/* SPDX-License-Identifier: ISC */
/* Reads /proc; a process is named by its number and start time together. */
#include "broker/sessions/procs.h"
#include "policy/base/cleanup.h"
#include "policy/record/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int read_proc(pid_t pid, const char *file, char *out, size_t size);

/* A zombie is gone already; only its parent does not know yet. */
static bool is_zombie(pid_t pid)
{
    char text[1024];
    const char *p;
    int r = read_proc(pid, "stat", text, sizeof text);

    if (r < 0)
        return r == -ESRCH;
    p = strrchr(text, ')');
    return !p || p[1] != ' ' || p[2] == 'Z' || p[2] == 'X';
}

bool procs_lives(pid_t pid, uint64_t starttime)
{
    uint64_t start = 0;
    int r = bg_process_start(pid, &start);

    if (r < 0)
        return r != -ESRCH;
    return start == starttime && !is_zombie(pid);
}

static int add(struct procs *procs, pid_t pid)
{
    if (pid <= 1 || pid == getpid() || is_zombie(pid))
        return 0;
    /* Grows by doubling: the size is always the next power of two. */
    if ((procs->n & (procs->n - 1)) == 0) {
        pid_t *v = reallocarray(procs->v, procs->n == 0 ? 1 : 2 * procs->n, sizeof *v);

        if (!v)
            return -ENOMEM;
        procs->v = v;
    }
    procs->v[procs->n++] = pid;
    return 0;
}

void procs_free(struct procs *procs)
{
    free(procs->v);
    *procs = (struct procs){0};
}

static pid_t parse_pid(const char *name)
{
    char *end = NULL;
    long pid = strtol(name, &end, 10);

    return name[0] >= '1' && name[0] <= '9' && *end == '\0' && pid <= INT32_MAX ? (pid_t)pid : 0;
}

static void close_dir(DIR **dir)
{
    if (*dir)
        (void)closedir(*dir);
}

static int each_process(int (*each)(pid_t pid, void *arg), void *arg)
{
    DIR *dir bg_cleanup_(close_dir) = opendir("/proc");
    int r = 0;

    if (!dir)
        return -errno;
    for (struct dirent *entry; r == 0 && (entry = readdir(dir));) {
        pid_t pid = parse_pid(entry->d_name);

        if (pid > 0)
            r = each(pid, arg);
    }
    return r;
}

struct wanted {
    struct procs *procs;
    const struct marks *marks;
    bool more; /* a round added something */
};

bool procs_has_marks(pid_t pid, const struct marks *marks)
{
    char unit[sizeof marks->unit];
    uint32_t audit = UINT32_MAX;

    if (marks->audit != UINT32_MAX && bg_process_audit(pid, &audit) == 0 && audit == marks->audit)
        return true;
    return marks->unit[0] != '\0' && procs_scope(pid, unit, sizeof unit) == 0 &&
           strcmp(unit, marks->unit) == 0;
}

static int if_marked(pid_t pid, void *arg)
{
    struct wanted *w = arg;

    return procs_has_marks(pid, w->marks) ? add(w->procs, pid) : 0;
}

int procs_of_marks(struct procs *procs, const struct marks *marks)
{
    struct wanted w = {.procs = procs, .marks = marks};

    if (marks->audit == UINT32_MAX && marks->unit[0] == '\0')
        return 0;
    return each_process(if_marked, &w);
}

static bool has(const struct procs *procs, pid_t pid)
{
    for (size_t i = 0; i < procs->n; i++)
        if (procs->v[i] == pid)
            return true;
    return false;
}

static int if_child(pid_t pid, void *arg)
{
    struct wanted *w = arg;
    pid_t parent = 0;

    if (has(w->procs, pid) || bg_process_parent(pid, &parent) < 0 || !has(w->procs, parent))
        return 0;
    size_t before = w->procs->n;
    int r = add(w->procs, pid);

    w->more = w->more || w->procs->n > before;
    return r;
}

int procs_add(struct procs *procs, pid_t pid)
{
    return has(procs, pid) ? 0 : add(procs, pid);
}

int procs_below(struct procs *procs)
{
    struct wanted w = {.procs = procs, .more = procs->n > 0};
    int r = 0;

    while (r == 0 && w.more) {
        w.more = false;
        r = each_process(if_child, &w);
    }
    return r;
}

static int read_proc(pid_t pid, const char *file, char *out, size_t size)
{
    char path[64];
    size_t len = 0;

    (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
    bg_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? -ESRCH : -errno;
    while (len < size - 1) {
        ssize_t n = read(fd, out + len, size - 1 - len);

        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        len += (size_t)n;
    }
    out[len] = '\0';
    return 0;
}

int procs_scope_parse(const char *text, char *unit, size_t size)
{
    static const char prefix[] = "/session-", suffix[] = ".scope";

    for (const char *p = text; (p = strstr(p, prefix)); p++) {
        const char *name = p + 1;
        size_t len = strcspn(name, "/\n"), tail = sizeof suffix - 1;

        if (len <= sizeof prefix - 2 + tail || len >= size || strncmp(name + len - tail, suffix, tail) != 0)
            continue;
        /* logind's identifiers are letters and digits; whatever else a cgroup is called, it is not a session.
         */
        if (strspn(name + sizeof prefix - 2,
                   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") !=
            len - (sizeof prefix - 2) - tail)
            continue;
        memcpy(unit, name, len);
        unit[len] = '\0';
        return 0;
    }
    return -ENOENT;
}

int procs_scope(pid_t pid, char *unit, size_t size)
{
    char text[4096];
    int r = read_proc(pid, "cgroup", text, sizeof text);

    unit[0] = '\0';
    return r < 0 ? r : procs_scope_parse(text, unit, size);
}

int procs_tty_parse(const char *stat, dev_t *tty)
{
    const char *p = strrchr(stat, ')');
    unsigned number = 0;

    /* ") state ppid pgrp session tty_nr": after the last bracket, whatever the command calls itself. */
    if (!p || sscanf(p + 1, " %*c %*d %*d %*d %u", &number) != 1)
        return -EBADMSG;
    /* The kernel's packing (new_encode_dev): minor bits 0-7 and 20-31, major bits 8-19. */
    *tty = number == 0 ? 0 : makedev((number >> 8) & 0xfff, (number & 0xff) | ((number >> 12) & 0xfff00));
    return 0;
}

int procs_tty(pid_t pid, dev_t *tty)
{
    char text[1024];
    int r = read_proc(pid, "stat", text, sizeof text);

    return r < 0 ? r : procs_tty_parse(text, tty);
}
