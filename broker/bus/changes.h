/* What changed lately, kept once for all who watch: each is told from where they are, at the pace they read
 * at, so that a slow reader costs no memory. */
#pragma once

#include "policy/decide/decide.h"
#include "policy/base/name.h"

#include <stdint.h>

#define CHANGES_MAX 16384 /* how far behind somebody may be; more than all grants of a host in one go */

struct changes {
    uint64_t n; /* how many there were ever; the next one's number */
    struct change {
        char person[BG_PERSON_SIZE];
        char id[BG_ID_SIZE];
        enum bg_state state;
    } v[CHANGES_MAX];
};

/* A name or an ID that is too long for one is no grant's: nothing is added. */
void changes_add(struct changes *changes, const char *person, const char *id, enum bg_state state);
/* The one of that number. NULL where it has not happened yet, or is forgotten (changes_lost). */
const struct change *changes_at(const struct changes *changes, uint64_t number);
/* Whether who is to be told that number next has missed some. */
bool changes_lost(const struct changes *changes, uint64_t number);
