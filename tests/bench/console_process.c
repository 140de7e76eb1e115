/* SPDX-License-Identifier: ISC */
/* What /proc says of a process: memory, CPU time, wake-ups. */
#include "tests/bench/console_process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *file_of(pid_t pid, const char *name)
{
    char path[64];

    (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    return fopen(path, "re");
}

static long status_of(pid_t pid, const char *key)
{
    FILE *f = file_of(pid, "status");
    char line[256];
    long value = -1;

    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, key, strlen(key)) == 0)
            value = strtol(line + strlen(key), NULL, 10);
    if (f)
        (void)fclose(f);
    return value;
}

double process_cpu_ms(pid_t pid)
{
    FILE *f = file_of(pid, "schedstat");
    double ns = 0;

    if (f) {
        if (fscanf(f, "%lf", &ns) != 1)
            ns = 0;
        (void)fclose(f);
    }
    return ns / 1e6;
}

long process_waits(pid_t pid)
{
    return status_of(pid, "voluntary_ctxt_switches:");
}

long process_peak_kib(pid_t pid)
{
    return status_of(pid, "VmHWM:");
}
