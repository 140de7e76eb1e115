/* SPDX-License-Identifier: ISC */
#include "console/base/run_program.h"

#include "policy/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define INPUT_MAX 65536 /* what a pipe holds, so that writing never waits for reading */

#define STOP_LOOK_MS 100 /* how often one looks whether the program was stopped at its prompt */

extern char **environ;

struct ends {
    int in[2], out[2];
};

static void ends_close(const struct ends *ends)
{
    for (int i = 0; i < 2; i++) {
        bg_closep(&ends->in[i]);
        bg_closep(&ends->out[i]);
    }
}

static int spawn(pid_t *pid, char *const argv[], const struct ends *ends, int key_fd, bool quiet)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t signals, none;
    int r = posix_spawn_file_actions_init(&files);

    if (r != 0)
        return -r;
    r = posix_spawnattr_init(&attr);
    if (r == 0) {
        /* We ignore SIGPIPE, and a screen blocks what its keys are; it must not. */
        (void)sigemptyset(&none);
        (void)sigemptyset(&signals);
        (void)sigaddset(&signals, SIGPIPE);
        r = posix_spawnattr_setsigdefault(&attr, &signals);
        if (r == 0)
            r = posix_spawnattr_setsigmask(&attr, &none);
        if (r == 0)
            r = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
        if (r == 0)
            r = posix_spawn_file_actions_adddup2(&files, ends->in[0], STDIN_FILENO);
        if (r == 0)
            r = posix_spawn_file_actions_adddup2(&files, ends->out[1], STDOUT_FILENO);
        if (r == 0 && quiet)
            r = posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        if (r == 0 && key_fd >= 0)
            r = posix_spawn_file_actions_adddup2(&files, key_fd, 3);
        if (r == 0)
            r = posix_spawnp(pid, argv[0], &files, &attr, argv, environ);
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

int run_program(char *const argv[], const char *input, size_t input_len, int key_fd, bool quiet, size_t cap,
                char **output, size_t *output_len, struct bg_sentence *err)
{
    bg_cleanup_(ends_close) struct ends ends = {{-1, -1}, {-1, -1}};
    pid_t pid = 0;
    int r, status;

    if (input_len > INPUT_MAX)
        return bg_fail(err, -E2BIG, "too much input for %s", argv[0]);
    if (pipe2(ends.in, O_CLOEXEC) < 0 || pipe2(ends.out, O_CLOEXEC) < 0)
        return bg_fail(err, -errno, "cannot make a pipe: %s", strerror(errno));
    r = spawn(&pid, argv, &ends, key_fd, quiet);
    if (r < 0)
        return bg_fail(err, r, "cannot run %s: %s", argv[0], strerror(-r));
    (void)close(ends.in[0]);
    (void)close(ends.out[1]);
    ends.in[0] = ends.out[1] = -1;
    if (input && write(ends.in[1], input, input_len) != (ssize_t)input_len)
        r = -EIO;
    (void)close(ends.in[1]);
    ends.in[1] = -1;
    if (r >= 0)
        r = collect(pid, ends.out[0], cap, output, output_len);
    (void)close(ends.out[0]);
    ends.out[0] = -1;
    status = wait_for(pid);
    if (status == -EINTR)
        return bg_fail(err, status, "%s was interrupted; nothing was sent", argv[0]);
    if (r < 0 || status < 0)
        return bg_fail(err, r < 0 ? r : status, "%s did not take its input", argv[0]);
    return status;
}
