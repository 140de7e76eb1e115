/* SPDX-License-Identifier: ISC */
/* Quorums, held against trying every assignment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/rules/quorum.h"

#include <stdlib.h>
#include <string.h>

#define PEOPLE 6
#define LINES 4

static char *names[PEOPLE] = {(char[]){"a"}, (char[]){"b"}, (char[]){"c"},
                              (char[]){"d"}, (char[]){"e"}, (char[]){"f"}};

/* A role of random lines over PEOPLE people. */
struct sample {
    struct bg_role role;
    struct bg_approve lines[LINES];
    char *people[LINES][PEOPLE];
    bool in[LINES][PEOPLE];
};

static uint32_t state = 1;

static unsigned roll(unsigned n)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 16) % n;
}

static void make(struct sample *s)
{
    memset(s, 0, sizeof *s);
    s->role.approve = s->lines;
    s->role.n_approve = 1 + roll(LINES);
    for (size_t i = 0; i < s->role.n_approve; i++) {
        s->lines[i].need = 1 + roll(2);
        s->lines[i].people.v = s->people[i];
        for (size_t j = 0; j < PEOPLE; j++) {
            s->in[i][j] = roll(2);
            if (s->in[i][j])
                s->people[i][s->lines[i].people.n++] = names[j];
        }
    }
}

/* The most places that can be filled, giving each person in turn every line or none. */
static unsigned most(const struct sample *s, unsigned present, size_t person, unsigned *filled)
{
    unsigned best;

    if (person == PEOPLE)
        return 0;
    best = most(s, present, person + 1, filled);
    for (size_t i = 0; i < s->role.n_approve && (present & (1u << person)); i++) {
        unsigned with;
        if (!s->in[i][person] || filled[i] == s->lines[i].need)
            continue;
        filled[i]++;
        with = 1 + most(s, present, person + 1, filled);
        filled[i]--;
        if (with > best)
            best = with;
    }
    return best;
}

static void check(const struct sample *s, unsigned present)
{
    const char *people[PEOPLE];
    unsigned filled[LINES], none[LINES] = {0}, sum = 0, needed = 0, expected = most(s, present, 0, none);
    size_t n = 0;
    bool met;

    for (size_t j = 0; j < PEOPLE; j++)
        if (present & (1u << j))
            people[n++] = names[j];
    met = bg_quorum_met(&s->role, people, n, filled);
    for (size_t i = 0; i < s->role.n_approve; i++) {
        assert_true(filled[i] <= s->lines[i].need);
        sum += filled[i];
        needed += s->lines[i].need;
    }
    assert_int_equal(sum, expected);
    assert_int_equal(met, expected == needed);
    assert_int_equal(bg_quorum_met(&s->role, people, n, NULL), met);
}

static void against_brute_force(void **unused)
{
    (void)unused;
    for (unsigned round = 0; round < 400; round++) {
        struct sample s;
        make(&s);
        for (unsigned present = 0; present < 1u << PEOPLE; present++)
            check(&s, present);
    }
}

static void no_lines_is_never_met(void **unused)
{
    struct bg_role role = {0};
    const char *people[] = {"a"};

    (void)unused;
    assert_false(bg_quorum_met(&role, people, 1, NULL));
    assert_false(bg_quorum_met(&role, people, 0, NULL));
}

static void too_many_places_are_never_met(void **unused)
{
    char *everybody[100];
    char text[100][4];
    const char *people[100];
    struct bg_approve line = {.need = BG_PLACES_MAX, .people = {.v = everybody, .n = 100}};
    struct bg_role role = {.approve = &line, .n_approve = 1};
    unsigned filled = 7;

    (void)unused;
    for (unsigned i = 0; i < 100; i++) {
        text[i][0] = (char)('a' + (char)(i / 10));
        text[i][1] = (char)('a' + (char)(i % 10));
        text[i][2] = '\0';
        people[i] = everybody[i] = text[i];
    }
    assert_true(bg_quorum_met(&role, people, 100, &filled));
    assert_int_equal(filled, BG_PLACES_MAX);
    assert_true(bg_quorum_met(&role, people, BG_PLACES_MAX, NULL));
    assert_false(bg_quorum_met(&role, people, BG_PLACES_MAX - 1, &filled));
    assert_int_equal(filled, BG_PLACES_MAX - 1);
    line.need = BG_PLACES_MAX + 1;
    assert_false(bg_quorum_met(&role, people, 100, &filled));
    line.need = 0;
    assert_false(bg_quorum_met(&role, people, 100, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_brute_force),
        cmocka_unit_test(no_lines_is_never_met),
        cmocka_unit_test(too_many_places_are_never_met),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
