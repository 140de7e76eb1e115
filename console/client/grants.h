/* The grants that hosts know, put together: one row a grant, with the hosts that say the same of it. */
#pragma once

#include "console/client/calls.h"

/* Asks every reachable link for all its grants ("live" or "all") and gives one array of rows. Rows of several
 * hosts with the same ID and state are one row, whose "on" names the hosts; "review_due" is then the
 * earliest, and "review_on" names the hosts that want a review. To be put. 0 or -ENOMEM; links tell who
 * failed. */
int grants_fetch(struct calls *fan, const char *which, json_object **rows);
/* Whether it waits or is open, so that there is something to close. */
bool grants_lives(json_object *row);
/* The hosts as JSON: [{"host": …, "reachable": …, "error": …}]. To be put; NULL without memory. */
json_object *grants_hosts(struct calls *fan);
