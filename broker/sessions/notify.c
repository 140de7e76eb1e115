/* SPDX-License-Identifier: ISC */
/* A line for each terminal of a session, as wall(1) writes it, but only to pseudo-terminals. */
#include "broker/sessions/notify.h"
#include "policy/base/clean.h"
#include "policy/base/cleanup.h"
#include "policy/base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define FRAME 64 /* bytes around the sentences */
#define TTYS_MAX 32
#define PTS_MAJOR_FIRST 136 /* Documentation/admin-guide/devices.txt: Unix98 PTY slaves, 136 to 143 */
#define PTS_MAJOR_LAST 143

static int write_to(dev_t tty, const char *line, size_t len)
{
    char path[32];
    struct stat st;

    if (major(tty) < PTS_MAJOR_FIRST || major(tty) > PTS_MAJOR_LAST)
        return -ENOTTY;
    (void)snprintf(path, sizeof path, "/dev/pts/%u", (major(tty) - PTS_MAJOR_FIRST) * 256 + minor(tty));
    bg_close_ int fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode) || st.st_rdev != tty)
        return -ENOTTY;
    return write(fd, line, len) < 0 ? -errno : 0;
}

unsigned notify_terminals(const struct procs *procs, const char *text, const char *more)
{
    char clean[BG_SENTENCE_SIZE], clean_more[BG_SENTENCE_SIZE], line[2 * BG_SENTENCE_SIZE + FRAME];
    dev_t seen[TTYS_MAX];
    size_t n_seen = 0;
    unsigned took = 0;

    (void)bg_clean(clean, sizeof clean, text);
    (void)bg_clean(clean_more, sizeof clean_more, more ? more : "");
    int len = snprintf(line, sizeof line, "\r\n*** breakglass: %s\r\n%s%s%s", clean, more ? "*** " : "",
                       clean_more, more ? "\r\n" : "");

    for (size_t i = 0; i < procs->n && n_seen < TTYS_MAX; i++) {
        dev_t tty = 0;
        size_t k = 0;

        if (procs_tty(procs->v[i], &tty) < 0 || tty == 0)
            continue;
        while (k < n_seen && seen[k] != tty)
            k++;
        if (k < n_seen)
            continue;
        seen[n_seen++] = tty;
        if (write_to(tty, line, (size_t)len) == 0)
            took++;
    }
    return took;
}
