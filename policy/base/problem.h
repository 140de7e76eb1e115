/* What is wrong in configuration files: file, line, sentence. Collected, so that one run names them all. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct bg_problem {
    char *file;    /* as shown, e.g. "policy.conf" or "signers.d/dba.conf" */
    unsigned line; /* from 1; 0 for the whole file */
    bool warning;  /* true: nothing is refused for it, an administrator should know */
    char *text;    /* cleaned; what is wrong and what was meant */
};

struct bg_problems {
    struct bg_problem *v;
    size_t n;
    size_t errors;   /* those that are not warnings */
    size_t left_out; /* beyond the cap of 200, or without memory */
};

/* Adds one. Never fails: what cannot be kept is counted in left_out (and in errors, so that a problem that
 * could not be stored still refuses). */
void bg_problem_add(struct bg_problems *p, const char *file, unsigned line, bool warning, const char *format,
                    ...) __attribute__((format(printf, 5, 6)));
void bg_problems_free(struct bg_problems *p);
