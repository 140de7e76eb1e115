/* Scope-bound release, as systemd does it: `bg_free_ char *s = NULL;`. */
#pragma once

#include <stdlib.h>
#include <unistd.h>

static inline void bg_freep(void *p)
{
    free(*(void **)p);
}

static inline void bg_closep(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

#define bg_cleanup_(f) __attribute__((cleanup(f)))
#define bg_free_ bg_cleanup_(bg_freep)
#define bg_close_ bg_cleanup_(bg_closep)

/* Gives a pointer (or fd) away: the variable forgets it, so its cleanup does nothing. */
#define BG_TAKE_PTR(p)                                                                                       \
    ({                                                                                                       \
        __typeof__(p) taken_ = (p);                                                                          \
        (p) = NULL;                                                                                          \
        taken_;                                                                                              \
    })
#define BG_TAKE_FD(fd)                                                                                       \
    ({                                                                                                       \
        int taken_ = (fd);                                                                                   \
        (fd) = -1;                                                                                           \
        taken_;                                                                                              \
    })

#define BG_COUNT(array) (sizeof(array) / sizeof((array)[0]))
