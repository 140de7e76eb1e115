/* SPDX-License-Identifier: ISC */
/* Medians and percentiles, printed against their goals. */
#include "tests/bench/console_numbers.h"

#include <stdio.h>
#include <stdlib.h>

void samples_add(struct samples *s, double value)
{
    if (s->n < SAMPLES_MAX)
        s->v[s->n++] = value;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double samples_at(struct samples *s, unsigned percent)
{
    if (s->n == 0)
        return 0;
    qsort(s->v, s->n, sizeof s->v[0], by_value);
    return s->v[(s->n - 1) * percent / 100];
}

void samples_print(const char *what, struct samples *s, struct samples *floor)
{
    printf("  %-44s median %7.1f ms   99%% %7.1f ms", what, samples_at(s, 50), samples_at(s, 99));
    if (floor)
        printf("   x %.2f of the floor", samples_at(s, 50) / samples_at(floor, 50));
    (void)putchar('\n');
}

void print_goal(const char *what, double is, double goal)
{
    printf("  goal: %s %.1f, at most %.1f: %s\n", what, is, goal, is <= goal ? "met" : "MISSED");
    (void)fflush(stdout);
}
