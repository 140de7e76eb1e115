/* Whether a set of people meets every Approve= line, no person counting twice (bipartite matching). */
#pragma once

#include "policy.h"

#include <stdbool.h>
#include <stddef.h>

/* people[0..n): distinct names. filled (may be NULL, one per line) gets how many places of each line a largest
 * matching fills. True when every line is filled. At most 64 people and 64 places are looked at; more is false. */
bool bg_quorum_met(const struct bg_role *role, const char *const *people, size_t n, unsigned *filled);
