/* SPDX-License-Identifier: ISC */
/* Preloaded by tests: another wall clock for one program, never for the machine. The file that TEST_CLOCK
 * names says which: "+840" or "-3600" is so many seconds off, and a number without a sign stands still at
 * that second since 1970; a second number there stops the time since boot, too. It moves when that file is
 * written. The other clocks go on. libfaketime cannot do this: it takes the times that sd-event gives to
 * timerfd_settime for faked ones, which ends the event loop; and gettimeofday, which ncurses measures its
 * waits with, is not faked here. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SEEN __attribute__((visibility("default")))

#define FILE_SIZE 32
#define TIMERS 64 /* descriptors below it may be timers of the wall clock */

static const char *file;
static struct {
    bool is_realtime, is_armed;
    struct itimerspec at; /* as the program has it */
} timers[TIMERS];
static long long armed_by; /* the shift that they were armed by */

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("TEST_CLOCK");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *map = fd < 0 ? MAP_FAILED : mmap(NULL, FILE_SIZE, PROT_READ, MAP_SHARED, fd, 0);

    if (fd >= 0)
        (void)close(fd);
    if (map != MAP_FAILED)
        file = map;
}

static bool is_shifted(void)
{
    return file && (*file == '+' || *file == '-');
}

static int arm(int fd, long long shift)
{
    struct itimerspec real = timers[fd].at;

    /* Zero means never. What is due already is due at once. */
    if (real.it_value.tv_sec != 0 || real.it_value.tv_nsec != 0)
        real.it_value.tv_sec = real.it_value.tv_sec - shift < 1 ? 1 : real.it_value.tv_sec - shift;
    return (int)syscall(SYS_timerfd_settime, fd, TFD_TIMER_ABSTIME, &real, NULL);
}

/* The kernel moves its timers when a clock is set; these move when the program next looks at the clock. */
static void move_timers(long long shift)
{
    if (shift == armed_by)
        return;
    armed_by = shift;
    for (int fd = 0; fd < TIMERS; fd++)
        if (timers[fd].is_armed)
            (void)arm(fd, shift);
}

/* Where the file stops that clock: at which second. */
static bool is_stopped(clockid_t clock, long long *at)
{
    char *rest = NULL, *end = NULL;

    if (!file || is_shifted())
        return false;
    long long wall = strtoll(file, &rest, 10), boot = strtoll(rest, &end, 10);
    *at = clock == CLOCK_BOOTTIME ? boot : wall;
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ||
           (clock == CLOCK_BOOTTIME && end != rest);
}

SEEN int clock_gettime(clockid_t clock, struct timespec *t)
{
    bool is_wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
    long long at;

    if (is_stopped(clock, &at)) {
        *t = (struct timespec){.tv_sec = at};
        return 0;
    }
    int r = (int)syscall(SYS_clock_gettime, clock, t);
    if (r == 0 && is_wall && is_shifted()) {
        long long shift = atoll(file);
        t->tv_sec += shift;
        move_timers(shift);
    }
    return r;
}

SEEN time_t time(time_t *t)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (t)
        *t = now.tv_sec;
    return now.tv_sec;
}

SEEN int timerfd_create(clockid_t clock, int flags)
{
    int fd = (int)syscall(SYS_timerfd_create, clock, flags);

    if (fd >= 0 && fd < TIMERS) {
        timers[fd].is_realtime = clock == CLOCK_REALTIME;
        timers[fd].is_armed = false;
    }
    return fd;
}

SEEN int timerfd_settime(int fd, int flags, const struct itimerspec *at, struct itimerspec *old)
{
    if (fd < 0 || fd >= TIMERS || !timers[fd].is_realtime || flags != TFD_TIMER_ABSTIME || !is_shifted())
        return (int)syscall(SYS_timerfd_settime, fd, flags, at, old);
    timers[fd].at = *at;
    timers[fd].is_armed = true;
    armed_by = atoll(file);
    return arm(fd, armed_by);
}
