/* SPDX-License-Identifier: ISC */
/* Problems of configuration files are collected up to a cap; those left out still count as errors. */
#include "policy/base/problem.h"

#include "policy/base/clean.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROBLEMS_MAX 200

void bg_problem_add(struct bg_problems *p, const char *file, unsigned line, bool warning, const char *format,
                    ...)
{
    char raw[1024], clean[1024];
    va_list args;

    if (!warning)
        p->errors++;
    va_start(args, format);
    int n = vsnprintf(raw, sizeof raw, format, args);
    va_end(args);
    if (n < 0)
        raw[0] = '\0';
    bg_clean(clean, sizeof clean, raw);

    struct bg_problem *v = NULL;
    if (p->n < PROBLEMS_MAX)
        v = reallocarray(p->v, p->n + 1, sizeof *v);
    if (!v) {
        p->left_out++;
        return;
    }
    p->v = v;
    struct bg_problem problem = {
        .line = line, .warning = warning, .file = strdup(file), .text = strdup(clean)};
    if (!problem.file || !problem.text) {
        free(problem.file);
        free(problem.text);
        p->left_out++;
        return;
    }
    p->v[p->n++] = problem;
}

void bg_problems_free(struct bg_problems *p)
{
    for (size_t i = 0; i < p->n; i++) {
        free(p->v[i].file);
        free(p->v[i].text);
    }
    free(p->v);
    *p = (struct bg_problems){0};
}
