/* Running a program without a shell. */
#pragma once

#include "policy/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct program {
    const char *const *argv; /* argv[0] is looked up in PATH */
    const char *input;       /* its standard input, at most 64 KiB; NULL: nothing */
    size_t input_len;
    int fd3;        /* becomes its descriptor 3; 0: nothing does */
    bool quiet;     /* its complaints are thrown away; else they are the user's */
    bool of_system; /* its environment is clean, and its complaints are part of its output */
};

/* Runs it to its end. What it prints, at most `cap` bytes, goes to *output (NUL-terminated, to be freed).
 * Gives its exit status, or -errno with a sentence. Where Ctrl-Z stops it at its prompt, we stop with it. */
int run_program(const struct program *program, size_t cap, char **output, size_t *len,
                struct bg_sentence *err);

/* Starts a program with fd[0..3] as its descriptors of these numbers (-1: as ours; fd[3]: none); environment
 * NULL: ours; session: without our terminal. 0 or -errno. */
int start_program(pid_t *pid, const char *const argv[], const char *const environment[], const int fd[4],
                  bool session);
