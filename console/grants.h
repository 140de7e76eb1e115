/* The grants that hosts know, put together: one row a grant, with the hosts that say the same of it. */
#pragma once

#include "fan.h"

/* Asks every reachable link for all its grants ("live" or "all") and gives one array of rows. Rows of several
 * hosts with the same ID and state are one row, whose "on" names the hosts. To be put. 0 or -ENOMEM; links
 * tell who failed. */
int grants_fetch(struct fan *fan, const char *which, json_object **rows);
/* The hosts as JSON: [{"host": …, "reachable": …, "error": …}]. To be put; NULL without memory. */
json_object *grants_hosts(struct fan *fan);
