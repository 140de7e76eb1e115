/* SPDX-License-Identifier: ISC */
/* Preloaded by the screen tests: the wall clock stands still at the second that the file in SCREEN_CLOCK says
 * (in seconds since 1970), and moves when that file is written. All other clocks, and
 * so every timer, go on. libfaketime cannot do this: it takes the times that sd-event gives to
 * timerfd_settime for faked ones, which ends the event loop; and gettimeofday, which is not faked here, is
 * what ncurses measures its waits with.
 * And whose account this is, where PLAY_ACCOUNT says so: "root", or any other. */
#include <dlfcn.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SEEN __attribute__((visibility("default")))

#define FILE_SIZE 32

static const char *stopped;

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("SCREEN_CLOCK");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *map = fd < 0 ? MAP_FAILED : mmap(NULL, FILE_SIZE, PROT_READ, MAP_SHARED, fd, 0);

    if (fd >= 0)
        (void)close(fd);
    if (map != MAP_FAILED)
        stopped = map;
}

SEEN int clock_gettime(clockid_t clock, struct timespec *t)
{
    if (stopped && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        *t = (struct timespec){.tv_sec = atoll(stopped)};
        return 0;
    }
    return (int)syscall(SYS_clock_gettime, clock, t);
}

SEEN time_t time(time_t *t)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (t)
        *t = now.tv_sec;
    return now.tv_sec;
}

SEEN struct passwd *getpwuid(uid_t uid)
{
    static struct passwd own;
    struct passwd *(*next)(uid_t) = NULL, *known;
    char *name = getenv("PLAY_ACCOUNT");

    *(void **)&next = dlsym(RTLD_NEXT, "getpwuid");
    known = next ? next(uid) : NULL;
    if (!known || !name || !*name)
        return known;
    own = *known;
    own.pw_name = name;
    own.pw_uid = strcmp(name, "root") == 0 ? 0 : uid ? uid : 1001;
    return &own;
}
