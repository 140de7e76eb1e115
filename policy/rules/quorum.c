/* SPDX-License-Identifier: ISC */
/* A bipartite matching: approvers are matched with the places of all Approve= lines, each person once. */
#include "policy/rules/quorum.h"

#include <stdint.h>
#include <string.h>

/* A place is one unit of a line's need: "2 of @dba" has two. */
struct matching {
    const struct bg_role *role;
    const char *const *people;
    size_t n;
    size_t line[BG_PLACES_MAX];   /* of each place */
    size_t person[BG_PLACES_MAX]; /* who fills it, or NOBODY */
    size_t n_places;
    uint64_t seen; /* places on the path that is being tried */
};

#define NOBODY SIZE_MAX

static size_t place_of(const struct matching *m, size_t person)
{
    for (size_t place = 0; place < m->n_places; place++)
        if (m->person[place] == person)
            return place;
    return m->n_places;
}

/* Kuhn's augmenting path: finds somebody for `place`, moving others to other places where that helps. Every
 * call marks one place more as seen, so the depth is at most BG_PLACES_MAX. */
static bool fill(struct matching *m, size_t place)
{
    m->seen |= UINT64_C(1) << place;
    for (size_t person = 0; person < m->n; person++) {
        if (!bg_list_has(&m->role->approve[m->line[place]].people, m->people[person]))
            continue;
        size_t other = place_of(m, person);
        if (other < m->n_places && ((m->seen & (UINT64_C(1) << other)) || !fill(m, other)))
            continue;
        m->person[place] = person;
        return true;
    }
    return false;
}

static bool lay_out(struct matching *m)
{
    for (size_t line = 0; line < m->role->n_approve; line++) {
        if (m->role->approve[line].need == 0 || m->role->approve[line].need > BG_PLACES_MAX - m->n_places)
            return false;
        for (unsigned i = 0; i < m->role->approve[line].need; i++) {
            m->line[m->n_places] = line;
            m->person[m->n_places++] = NOBODY;
        }
    }
    return m->n_places > 0;
}

bool bg_quorum_met(const struct bg_role *role, const char *const *people, size_t n, unsigned *filled)
{
    struct matching m = {.role = role, .people = people, .n = n};
    bool met = true;

    if (filled && role->n_approve > 0)
        memset(filled, 0, role->n_approve * sizeof *filled);
    if (!lay_out(&m))
        return false;
    for (size_t place = 0; place < m.n_places; place++) {
        m.seen = 0;
        if (!fill(&m, place))
            met = false;
        else if (filled)
            filled[m.line[place]]++;
    }
    return met;
}
