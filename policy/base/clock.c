/* SPDX-License-Identifier: ISC */
/* The wall clock, the time since boot, and which boot it is. */
#include "policy/base/clock.h"

#include "policy/base/cleanup.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NANO 1000000000LL

void bg_clock_boot(char boot[BG_BOOT_SIZE])
{
    bg_close_ int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0 || read(fd, boot, BG_BOOT_SIZE - 1) != BG_BOOT_SIZE - 1)
        boot[0] = '\0';
}

static void read_clocks(struct bg_clock *clock)
{
    struct timespec wall = {0}, boot = {0};

    *clock = (struct bg_clock){0};
    (void)clock_gettime(CLOCK_REALTIME, &wall);
    (void)clock_gettime(CLOCK_BOOTTIME, &boot);
    /* Whole seconds of two clocks turn at different moments. The difference, rounded, is steady, so that both
     * tell the same time passed unless one of them was set. */
    int64_t apart = (wall.tv_sec - boot.tv_sec) * NANO + wall.tv_nsec - boot.tv_nsec;

    clock->wall = wall.tv_sec;
    clock->since_boot = wall.tv_sec - (apart + NANO / 2) / NANO;
}

void bg_clock_read(struct bg_clock *clock)
{
    read_clocks(clock);
    bg_clock_boot(clock->boot);
}

void bg_clock_read_at(struct bg_clock *clock, int64_t wall, const char boot[BG_BOOT_SIZE])
{
    read_clocks(clock);
    clock->wall = wall;
    if (boot[0] != '\0')
        memcpy(clock->boot, boot, BG_BOOT_SIZE);
    else
        bg_clock_boot(clock->boot);
}

uint64_t bg_monotonic(void)
{
    struct timespec t = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}
