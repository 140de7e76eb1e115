/* Samples of a measurement, and how they are printed. */
#pragma once

#include <stddef.h>

#define SAMPLES_MAX 4096

struct samples {
    double v[SAMPLES_MAX]; /* milliseconds */
    size_t n;
};

void samples_add(struct samples *s, double value);
/* percent 50: the median. */
double samples_at(struct samples *s, unsigned percent);
/* floor (may be NULL): what it is compared with. */
void samples_print(const char *what, struct samples *s, struct samples *floor);
void print_goal(const char *what, double is, double goal);
