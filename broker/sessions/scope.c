/* SPDX-License-Identifier: ISC */
/* A drop-in for the scope in /run, then a reload by SIGHUP. */
#include "broker/sessions/scope.h"
#include "policy/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define UNITS "run/systemd/system"
#define DROP_IN "50-breakglass.conf"

int scope_extend(const struct broker *b, const char *unit, int64_t seconds)
{
    char path[256], text[128];

    if (unit[0] == '\0')
        return -ENOENT;
    (void)snprintf(path, sizeof path, UNITS "/%s.d", unit);
    /* systemd counts from the scope's start, which is a moment after the gate's record. */
    int n =
        snprintf(text, sizeof text, "# by breakglassd\n[Scope]\nRuntimeMaxSec=%lld\n", (long long)seconds);
    bg_close_ int dir = bg_dir_make(&b->site.root, path, 0755);
    if (dir < 0)
        return dir;
    int r = bg_file_write_volatile_at(dir, DROP_IN, text, (size_t)n, 0644);
    if (r < 0)
        return r;
    /* PID 1 reloads on SIGHUP (systemd(1)): no D-Bus and no polkit needed, only CAP_KILL. */
    return !b->real || kill(1, SIGHUP) == 0 ? 0 : -errno;
}

void scope_forget(const struct broker *b, const char *unit)
{
    char name[160];

    bg_close_ int dir = bg_dir_open(&b->site.root, UNITS);
    if (dir < 0 || unit[0] == '\0')
        return;
    (void)snprintf(name, sizeof name, "%s.d/" DROP_IN, unit);
    (void)unlinkat(dir, name, 0);
    (void)snprintf(name, sizeof name, "%s.d", unit);
    (void)unlinkat(dir, name, AT_REMOVEDIR);
}
