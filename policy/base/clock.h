/* This host's clocks, read together. What judges time takes what they say as values. */
#pragma once

#include <stdint.h>

#define BG_BOOT_SIZE 37 /* a boot's id as the kernel prints it, with NUL */

struct bg_clock {
    int64_t wall;            /* CLOCK_REALTIME, seconds since 1970 */
    int64_t since_boot;      /* CLOCK_BOOTTIME, seconds; turns together with `wall` */
    char boot[BG_BOOT_SIZE]; /* the boot's id; "" where it cannot be read */
};

void bg_clock_read(struct bg_clock *clock);
/* The boot's id alone, which stays the same while a process lives; "" where it cannot be read. */
void bg_clock_boot(char boot[BG_BOOT_SIZE]);
/* bg_clock_read where the wall clock was read already (all that is judged in one go has one `wall`), and the
 * boot's id too. An id "" is read now. */
void bg_clock_read_at(struct bg_clock *clock, int64_t wall, const char boot[BG_BOOT_SIZE]);

/* CLOCK_MONOTONIC in microseconds: for time-outs and how long something took. */
uint64_t bg_monotonic(void);
