/* SPDX-License-Identifier: ISC */
/* Stands in for pam_module/root.c in the module that tests load: the host is a scratch folder, and every call
 * that could fail can be made to. None of this is in the module that is installed. */
#include "pam_module/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>

/* The call with this number fails, counted from 1; 0: none does. Set by the test. */
__attribute__((visibility("default"))) extern unsigned gate_fault_at, gate_fault_count;
unsigned gate_fault_at, gate_fault_count;

/* What a refusal did to the calling process: it is only noted, unless the test says that it is to be done. */
__attribute__((visibility("default"))) extern unsigned gate_forbade, gate_armed;
__attribute__((visibility("default"))) extern bool gate_confines;
unsigned gate_forbade, gate_armed;
bool gate_confines;

int gate_root_open(struct bg_root *root)
{
    const char *path = getenv("BREAKGLASS_TEST_ROOT");

    return path ? bg_root_open(root, path) : -ENOENT;
}

void gate_root_log(const struct bg_root *root, char *path, size_t size)
{
    (void)snprintf(path, size, "/proc/self/fd/%d/dev/log", root->fd);
}

static int fails(void)
{
    return ++gate_fault_count == gate_fault_at;
}

#define WRAP(type, name, arguments, values, error, result)                                                   \
    type __real_##name arguments;                                                                            \
    type __wrap_##name arguments;                                                                            \
    type __wrap_##name arguments                                                                             \
    {                                                                                                        \
        if (fails()) {                                                                                       \
            errno = error;                                                                                   \
            return result;                                                                                   \
        }                                                                                                    \
        return __real_##name values;                                                                         \
    }

WRAP(void *, malloc, (size_t n), (n), ENOMEM, NULL)
WRAP(void *, calloc, (size_t n, size_t size), (n, size), ENOMEM, NULL)
WRAP(void *, realloc, (void *p, size_t n), (p, n), ENOMEM, NULL)
WRAP(void *, reallocarray, (void *p, size_t n, size_t size), (p, n, size), ENOMEM, NULL)
WRAP(char *, strdup, (const char *s), (s), ENOMEM, NULL)
WRAP(char *, strndup, (const char *s, size_t n), (s, n), ENOMEM, NULL)
WRAP(ssize_t, read, (int fd, void *p, size_t n), (fd, p, n), EIO, -1)
WRAP(ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n), ENOSPC, -1)
WRAP(int, fstat, (int fd, struct stat *st), (fd, st), EIO, -1)
WRAP(off_t, lseek, (int fd, off_t to, int whence), (fd, to, whence), EIO, -1)
WRAP(int, renameat, (int dir, const char *old, int to, const char *new), (dir, old, to, new), ENOSPC, -1)

int __real_prctl(int option, ...);
int __wrap_prctl(int option, ...);
int __wrap_prctl(int option, ...)
{
    unsigned long value, address;
    va_list ap;

    va_start(ap, option);
    value = va_arg(ap, unsigned long);
    address = va_arg(ap, unsigned long);
    va_end(ap);
    if (fails()) {
        errno = EINVAL;
        return -1;
    }
    if (option == PR_SET_SECCOMP && value == SECCOMP_MODE_FILTER)
        gate_forbade++;
    return gate_confines ? __real_prctl(option, value, address, 0, 0) : 0;
}

int __real_timer_create(clockid_t clock, struct sigevent *event, timer_t *timer);
int __wrap_timer_create(clockid_t clock, struct sigevent *event, timer_t *timer);
int __wrap_timer_create(clockid_t clock, struct sigevent *event, timer_t *timer)
{
    if (fails()) {
        errno = EAGAIN;
        return -1;
    }
    return gate_confines ? __real_timer_create(clock, event, timer) : 0;
}

int __real_timer_settime(timer_t timer, int flags, const struct itimerspec *new, struct itimerspec *old);
int __wrap_timer_settime(timer_t timer, int flags, const struct itimerspec *new, struct itimerspec *old);
int __wrap_timer_settime(timer_t timer, int flags, const struct itimerspec *new, struct itimerspec *old)
{
    if (fails()) {
        errno = EINVAL;
        return -1;
    }
    gate_armed++;
    return gate_confines ? __real_timer_settime(timer, flags, new, old) : 0;
}

/* Of its uses only F_DUPFD_CLOEXEC is the gate's: one int follows. */
int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...)
{
    va_list ap;

    va_start(ap, command);
    int argument = va_arg(ap, int);
    va_end(ap);
    if (fails()) {
        errno = EMFILE;
        return -1;
    }
    return __real_fcntl(fd, command, argument);
}

int __real_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...)
{
    mode_t mode = 0;
    va_list ap;

    va_start(ap, flags);
    if (flags & O_CREAT)
        mode = va_arg(ap, mode_t);
    va_end(ap);
    if (fails()) {
        errno = EIO;
        return -1;
    }
    return __real_openat(dir, path, flags, mode);
}
