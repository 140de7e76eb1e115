/* SPDX-License-Identifier: ISC */
/* A ring: the newest changes overwrite the oldest. */
#include "broker/bus/changes.h"

#include <string.h>

void changes_add(struct changes *changes, const char *person, const char *id, enum bg_state state)
{
    struct change *to = &changes->v[changes->n % CHANGES_MAX];

    if (strlen(person) >= sizeof to->person || strlen(id) >= sizeof to->id)
        return;
    memcpy(to->person, person, strlen(person) + 1);
    memcpy(to->id, id, strlen(id) + 1);
    to->state = state;
    changes->n++;
}

bool changes_lost(const struct changes *changes, uint64_t number)
{
    return number < changes->n && changes->n - number > CHANGES_MAX;
}

const struct change *changes_at(const struct changes *changes, uint64_t number)
{
    if (number >= changes->n || changes_lost(changes, number))
        return NULL;
    return &changes->v[number % CHANGES_MAX];
}
