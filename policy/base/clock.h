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
/* The same where the wall clock was read already: all that is judged in one go has one `wall`. */
void bg_clock_read_at(struct bg_clock *clock, int64_t wall);

/* CLOCK_MONOTONIC in microseconds: for time-outs and how long something took. */
uint64_t bg_monotonic(void);
