/* SPDX-License-Identifier: ISC */
/* A program's input and output are ours, its terminal the user's. */
#include "console/base/run_program.h"

#include "policy/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#define INPUT_MAX 65536 /* what a pipe holds, so that writing never waits for reading */

#define STOP_LOOK_MS 100 /* how often one looks whether the program was stopped at its prompt */

extern char **environ;

struct ends {
    int in[2], out[2], nowhere;
};

static void shut(int *fd)
{
    bg_closep(fd);
    *fd = -1;
}

static void ends_close(struct ends *ends)
{
    shut(&ends->in[0]);
    shut(&ends->in[1]);
    shut(&ends->out[0]);
    shut(&ends->out[1]);
    shut(&ends->nowhere);
}

/* We ignore SIGPIPE, and a screen blocks what its keys are; it must not. */
static int set_signals(posix_spawnattr_t *attr, bool session)
{
    sigset_t usual, none;
    int r;

    (void)sigemptyset(&none);
    (void)sigemptyset(&usual);
    (void)sigaddset(&usual, SIGPIPE);
    r = posix_spawnattr_setsigdefault(attr, &usual);
    if (r == 0)
        r = posix_spawnattr_setsigmask(attr, &none);
    if (r == 0)
        r = posix_spawnattr_setflags(attr, (short)(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                                                   (session ? POSIX_SPAWN_SETSID : 0)));
    return r;
}

int start_program(pid_t *pid, const char *const argv[], const char *const environment[], const int fd[4],
                  bool session)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    int r = posix_spawn_file_actions_init(&files);

    if (r != 0)
        return -r;
    r = posix_spawnattr_init(&attr);
    if (r == 0) {
        r = set_signals(&attr, session);
        for (int i = 0; r == 0 && i < 4; i++)
            if (fd[i] >= 0)
                r = posix_spawn_file_actions_adddup2(&files, fd[i], i);
        if (r == 0)
            r = posix_spawnp(pid, argv[0], &files, &attr, (char *const *)(uintptr_t)argv,
                             environment ? (char *const *)(uintptr_t)environment : environ);
        (void)posix_spawnattr_destroy(&attr);
    }
    (void)posix_spawn_file_actions_destroy(&files);
    return -r;
}

/* Whether Ctrl-Z at the program's prompt would stop it alone: under a screen we do not stop by ourselves. */
static bool stops_with_us(void)
{
    sigset_t blocked;

    return sigprocmask(SIG_BLOCK, NULL, &blocked) == 0 && sigismember(&blocked, SIGTSTP) == 1;
}

/* It has stopped: so do we, and both go on together. */
static void stop_too(pid_t pid)
{
    sigset_t stop, before;

    (void)sigemptyset(&stop);
    (void)sigaddset(&stop, SIGTSTP);
    (void)raise(SIGTSTP);
    (void)sigprocmask(SIG_UNBLOCK, &stop, &before); /* here we stand still */
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    (void)kill(pid, SIGCONT);
}

static void stop_with(pid_t pid)
{
    siginfo_t info = {0};

    if (waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOHANG) == 0 && info.si_pid == pid)
        stop_too(pid);
}

static int collect(pid_t pid, int fd, size_t cap, char **output, size_t *len)
{
    bg_free_ char *bytes = malloc(cap + 1);
    size_t have = 0;
    ssize_t n = 1;

    if (!bytes)
        return -ENOMEM;
    while (have < cap) {
        if (stops_with_us()) {
            struct pollfd ready = {.fd = fd, .events = POLLIN};

            if (poll(&ready, 1, STOP_LOOK_MS) <= 0) {
                stop_with(pid);
                continue;
            }
        }
        n = read(fd, bytes + have, cap - have);
        if (n == 0)
            break;
        if (n < 0 && errno != EINTR)
            return -errno;
        have += n > 0 ? (size_t)n : 0;
    }
    bytes[have] = 0;
    *output = BG_TAKE_PTR(bytes);
    *len = have;
    return 0;
}

static int wait_for(pid_t pid)
{
    int status;

    for (;;) {
        if (waitpid(pid, &status, stops_with_us() ? WUNTRACED : 0) < 0) {
            if (errno != EINTR)
                return -errno;
        } else if (WIFSTOPPED(status))
            stop_too(pid);
        else
            return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
    }
}

static int start(pid_t *pid, const struct program *p, struct ends *ends)
{
    static const char *const clean[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL};
    int complaints = p->of_system ? ends->out[1] : -1;

    if (p->quiet)
        complaints = ends->nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    return start_program(pid, p->argv, p->of_system ? clean : NULL,
                         (const int[]){ends->in[0], ends->out[1], complaints, p->fd3 > 0 ? p->fd3 : -1},
                         false);
}

int run_program(const struct program *p, size_t cap, char **output, size_t *len, struct bg_sentence *err)
{
    bg_cleanup_(ends_close) struct ends ends = {{-1, -1}, {-1, -1}, -1};
    const char *name = p->argv[0];
    pid_t pid = 0;
    int r, status;

    *output = NULL;
    if (p->input_len > INPUT_MAX)
        return bg_fail(err, -E2BIG, "too much input for %s", name);
    if (pipe2(ends.in, O_CLOEXEC) < 0 || pipe2(ends.out, O_CLOEXEC) < 0)
        return bg_fail(err, -errno, "cannot make a pipe: %s", strerrordesc_np(errno));
    r = start(&pid, p, &ends);
    if (r < 0)
        return bg_fail(err, r, "cannot run %s: %s", name, strerrordesc_np(-r));
    shut(&ends.in[0]);
    shut(&ends.out[1]);
    if (p->input && write(ends.in[1], p->input, p->input_len) != (ssize_t)p->input_len)
        r = -EIO;
    shut(&ends.in[1]);
    if (r >= 0)
        r = collect(pid, ends.out[0], cap, output, len);
    shut(&ends.out[0]);
    status = wait_for(pid);
    if (status == -EINTR)
        return bg_fail(err, status, "%s was interrupted", name);
    if (r < 0 || status < 0)
        return bg_fail(err, r < 0 ? r : status, "cannot speak to %s: %s", name,
                       strerrordesc_np(r < 0 ? -r : -status));
    return status;
}
