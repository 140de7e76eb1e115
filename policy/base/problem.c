/* SPDX-License-Identifier: ISC */
/* Problems of configuration files are collected up to a cap; those left out still count as errors. */
#include "policy/base/problem.h"

#include "policy/base/error.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define PROBLEMS_MAX 200

void bg_problem_add(struct bg_problems *p, const char *file, unsigned line, bool warning, const char *format,
                    ...)
{
    struct bg_sentence sentence;
    va_list args;

    if (!warning)
        p->errors++;
    va_start(args, format);
    bg_vsay(&sentence, format, args);
    va_end(args);

    struct bg_problem *v = NULL;
    if (p->n < PROBLEMS_MAX)
        v = reallocarray(p->v, p->n + 1, sizeof *v);
    if (!v) {
        p->left_out++;
        return;
    }
    p->v = v;
    struct bg_problem problem = {
        .line = line, .warning = warning, .file = strdup(file), .text = strdup(sentence.text)};
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
