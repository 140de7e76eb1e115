/* Whether a set of people meets every Approve= line, no person counting twice (bipartite matching). */
#pragma once

#include "policy/rules/policy.h"

#include <stdbool.h>
#include <stddef.h>

#define BG_PLACES_MAX 64 /* places of all lines of a role together; also the most lines */

/* people[0..n): distinct names. filled (may be NULL, one per line) gets how many places of each line a
 * largest matching fills. True when every line is filled. A role of more than BG_PLACES_MAX places, or
 * without any line, is never met. */
bool bg_quorum_met(const struct bg_role *role, const char *const *people, size_t n, unsigned *filled);
