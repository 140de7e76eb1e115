/* What waits for a review: grants that were used, are over, and that nobody looked at since. */
#pragma once

#include "console/client/values.h"

#include <stdint.h>
#include <stdio.h>

/* Those of `rows` (grants_fetch) that some host wants reviewed, each ID once: what is due first comes first,
 * so overdue ones lead, with "overdue" true. A new array, to be put; NULL without memory. */
json_object *reviews_waiting(json_object *rows, int64_t now);
/* A table of them. person: who reads it, so that what they asked for or agreed to is marked; "" for
 * nobody. */
void reviews_show(FILE *to, json_object *waiting, const char *person, int64_t now);
