/* Rate limits for each person, so that nobody fills the journal or the disk. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum rate_kind {
    RATE_CALLS,      /* calls that may change something */
    RATE_STATEMENTS, /* statements, new or refused; valid closes are not counted */
    RATE_KINDS,
};

#define RATE_PERSONS 128 /* remembered at once */
#define RATE_NAME 80

/* A bucket of each kind for everybody who was active lately: each act takes from it, time fills it. */
struct rates {
    struct rate {
        char who[RATE_NAME];
        double left[RATE_KINDS];
        uint64_t at;
    } v[RATE_PERSONS];
};

/* Whether `who` may do one more of these at `now` (microseconds that only grow). Names are cut at RATE_NAME.
 */
bool rates_allow(struct rates *rates, const char *who, enum rate_kind what, uint64_t now);
/* One more was done. */
void rates_count(struct rates *rates, const char *who, enum rate_kind what, uint64_t now);
