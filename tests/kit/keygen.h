/* The installed ssh-keygen, in a scratch folder: for tests that hold our formats against it. */
#pragma once

#include "tests/kit/scratch.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Runs it with stdin from the file `in` (NULL: /dev/null) and output thrown away. Its exit status, -1 if it
 * did not run. */
static inline int keygen(const char *in, char *const argv[])
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status = -1;

    if (posix_spawn_file_actions_init(&actions) != 0)
        return -1;
    posix_spawn_file_actions_addopen(&actions, 0, in ? in : "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    if (posix_spawnp(&pid, "ssh-keygen", &actions, NULL, argv, environ) != 0)
        pid = -1;
    posix_spawn_file_actions_destroy(&actions);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}
#define KEYGEN(in, ...) keygen(in, (char *[]){(char *)"ssh-keygen", __VA_ARGS__, NULL})

static inline void put_file(const char *path, const char *text, size_t len)
{
    FILE *f = fopen(path, "we");

    if (!f || fwrite(text, 1, len, f) != len || fclose(f) != 0)
        abort();
}

/* NUL-terminated, to be freed. */
static inline char *get_file(const char *path)
{
    char *text = calloc(1, 65536);
    FILE *f = fopen(path, "re");

    if (!text || !f)
        abort();
    text[fread(text, 1, 65535, f)] = '\0';
    (void)fclose(f);
    return text;
}

/* A group of tests works in a scratch folder. */
static struct scratch keygen_scratch;

static inline int enter_scratch(void **state)
{
    (void)state;
    return scratch_make(&keygen_scratch) == 0 && chdir(keygen_scratch.path) == 0 ? 0 : -1;
}

static inline int leave_scratch(void **state)
{
    (void)state;
    if (chdir("/") != 0)
        return -1;
    scratch_drop(&keygen_scratch);
    return 0;
}
