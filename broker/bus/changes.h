/* The latest changes, kept once for all watchers: each reads at its own pace, so a slow one costs no memory.
 */
#pragma once

#include "policy/decide/decide.h"
#include "policy/base/name.h"

#include <stdint.h>

#define CHANGES_MAX 16384 /* how far behind a watcher may be; more than all grants of a host at once */

struct changes {
    uint64_t n; /* how many there ever were: the next one's number */
    struct change {
        char person[BG_PERSON_SIZE];
        char id[BG_ID_SIZE];
        enum bg_state state;
    } v[CHANGES_MAX];
};

/* Nothing is added where a name or an ID is too long to be one. */
void changes_add(struct changes *changes, const char *person, const char *id, enum bg_state state);
/* The change of that number. NULL if it has not happened yet, or is overwritten (changes_lost). */
const struct change *changes_at(const struct changes *changes, uint64_t number);
/* Whether a watcher whose next number this is has missed some. */
bool changes_lost(const struct changes *changes, uint64_t number);
