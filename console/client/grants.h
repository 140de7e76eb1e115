/* The grants that hosts know, put together: one row a grant, with the hosts that say the same of it. */
#pragma once

#include "console/base/json.h"
#include "console/client/calls.h"

struct grant_rows {
    struct grants_row {
        const struct bg_grant_row *row; /* as the first of the hosts says */
        struct bg_strings on;           /* the hosts that say so */
        struct bg_strings review_on;    /* and those of them that want a review */
        int64_t review_due;             /* the earliest; 0: none */
        size_t nth;                     /* as it came */
    } * v;
    size_t n;
    struct grants_said {
        const struct bg_grant_row *row;
        const char *host;
        size_t nth;
    } * said; /* what each host says */
    size_t n_said;
    struct replies replies; /* the rows are in them */
    const char **names;     /* and the names in here; they are the links' */
};

/* Asks every reachable link for all its grants ("live" or "all"). Rows of several hosts with the same ID and
 * state are one row, in the order in which they came. 0 or -ENOMEM, and in any case to be freed; links tell
 * who failed. */
int grants_fetch(struct calls *fan, const char *which, struct grant_rows *grants);
/* Likewise those that want a review, each once, what is due first first; the archive too: what is overdue may
 * have been put there to make room. */
int grants_fetch_reviews(struct calls *fan, struct grant_rows *grants);
/* Both in two steps: the rows of a host, whose name must stay; and all of them put together. 0 or -ENOMEM. */
int grants_add(struct grant_rows *grants, struct reply *reply, const char *host);
int grants_join(struct grant_rows *grants, bool reviews);
void grant_rows_free(struct grant_rows *grants);
/* Whether it waits or is open, so that there is something to close. */
bool grants_lives(const struct bg_grant_row *row);
/* For --json: {"hosts": [{"host", "reachable", "error"}], "grants": […]}, each with "on" and "review_on";
 * overdue: each also says whether its review is. */
void grants_print_json(struct calls *fan, const struct grant_rows *grants, bool overdue, int64_t now);
