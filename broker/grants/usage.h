/* What must be remembered of a grant and stands in no statement: how often it was used, and what was told of
 * it already. var/lib/breakglass/usage/PERSON.ID (or run/breakglass/usage where /var takes no writes). */
#pragma once

#include "policy/base/file.h"

#include <stdbool.h>

struct usage {
    unsigned logins;
    bool expired; /* grant.expired or request.lapsed was told */
    bool overdue; /* review.overdue was told */
};

/* All zero where nothing is known. */
void usage_load(const struct bg_root *root, const char *person, const char *id, struct usage *usage);
int usage_save(const struct bg_root *root, const char *person, const char *id, const struct usage *usage);
void usage_drop(const struct bg_root *root, const char *person, const char *id);
