/* SPDX-License-Identifier: ISC */
#include "console/base/run.h"

#include "policy/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_MAX (256 * 1024)

/* Reads to the end; what does not fit is read and dropped, so that the program never waits for us. */
static char *read_all(int fd)
{
    char *text = malloc(OUTPUT_MAX + 1), rest[4096];
    size_t used = 0;

    if (!text)
        return NULL;
    for (;;) {
        bool room = used < OUTPUT_MAX;
        ssize_t n = read(fd, room ? text + used : rest, room ? OUTPUT_MAX - used : sizeof rest);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        if (room)
            used += (size_t)n;
    }
    text[used] = '\0';
    return text;
}

static int start(pid_t *pid, const char *const *argv, int output)
{
    static char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;

    if (posix_spawn_file_actions_init(&actions) != 0)
        return -ENOMEM;
    if (posix_spawnattr_init(&attributes) != 0) {
        (void)posix_spawn_file_actions_destroy(&actions);
        return -ENOMEM;
    }
    (void)sigemptyset(&defaults);
    (void)sigaddset(&defaults, SIGPIPE);
    int r = posix_spawnattr_setsigdefault(&attributes, &defaults);
    if (r == 0)
        r = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    if (r == 0)
        r = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (r == 0)
        r = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (r == 0)
        r = posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    if (r == 0)
        r = posix_spawn(pid, argv[0], &actions, &attributes, (char *const *)(uintptr_t)argv, environment);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    return -r;
}

static int wait_for(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int gate_run(const char *const *argv, char **output, struct bg_sentence *err)
{
    int ends[2];
    pid_t pid;

    if (output)
        *output = NULL;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return bg_fail(err, -errno, "no pipe for %s: %s", argv[0], strerrordesc_np(errno));
    bg_close_ int reader = ends[0], writer = ends[1];
    int r = start(&pid, argv, writer);
    (void)close(writer);
    writer = -1;
    if (r < 0)
        return bg_fail(err, r, "%s cannot be run: %s", argv[0], strerrordesc_np(-r));
    bg_free_ char *text = read_all(reader);
    r = wait_for(pid);
    if (r < 0 || !text)
        return bg_fail(err, text ? r : -ENOMEM, "%s was lost: %s", argv[0],
                       text ? strerrordesc_np(-r) : "no memory left");
    if (output)
        *output = BG_TAKE_PTR(text);
    return r;
}
