/* What must be remembered of a grant and stands in no statement: how often it was used, and what was told of
 * it already. var/lib/breakglass/used/PERSON.ID (or run/breakglass/used where /var takes no writes). */
#pragma once

#include "policy/base/file.h"

#include <stdbool.h>

struct used {
    unsigned logins;
    bool over;    /* grant.over or request.lapsed was told */
    bool overdue; /* review.overdue was told */
};

/* All zero where nothing is known. */
void used_load(const struct bg_root *root, const char *person, const char *id, struct used *used);
int used_save(const struct bg_root *root, const char *person, const char *id, const struct used *used);
void used_drop(const struct bg_root *root, const char *person, const char *id);
