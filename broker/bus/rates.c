/* SPDX-License-Identifier: ISC */
/* A token bucket for each person and kind, in a table of fixed size. */
#include "broker/bus/rates.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct {
    double burst, per_minute;
} limits[RATE_KINDS] = {
    [RATE_CALLS] = {300, 600},
    [RATE_STATEMENTS] = {60, 120},
};

/* The one of that name, else the one idle for longest. */
static struct rate *find(struct rates *rates, const char *who)
{
    struct rate *rate = &rates->v[0];

    for (size_t i = 0; i < RATE_PERSONS; i++) {
        if (strcmp(rates->v[i].who, who) == 0)
            return &rates->v[i];
        if (rates->v[i].at < rate->at)
            rate = &rates->v[i];
    }
    return rate;
}

static struct rate *fill(struct rates *rates, const char *who, uint64_t now)
{
    char name[RATE_NAME];

    (void)snprintf(name, sizeof name, "%s", who);
    struct rate *rate = find(rates, name);
    bool known = strcmp(rate->who, name) == 0 && rate->at > 0;

    for (size_t i = 0; i < RATE_KINDS; i++) {
        if (!known)
            rate->left[i] = limits[i].burst;
        else
            rate->left[i] += (double)(now - rate->at) * limits[i].per_minute / 60e6;
        if (rate->left[i] > limits[i].burst)
            rate->left[i] = limits[i].burst;
    }
    memcpy(rate->who, name, sizeof name);
    rate->at = now;
    return rate;
}

bool rates_allow(struct rates *rates, const char *who, enum rate_kind what, uint64_t now)
{
    return fill(rates, who, now)->left[what] >= 1;
}

void rates_count(struct rates *rates, const char *who, enum rate_kind what, uint64_t now)
{
    fill(rates, who, now)->left[what] -= 1;
}
