/* What waits for a review: grants that were used, have ended, and that nobody looked at since. */
#pragma once

#include "console/client/grants.h"

/* Keeps those of `grants` that some host wants reviewed, each ID once: what is due first comes first, so
 * overdue ones lead. 0 or -ENOMEM. */
int reviews_waiting(struct grant_rows *grants);
