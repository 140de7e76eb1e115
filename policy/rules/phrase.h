/* How people and lists of them are named in sentences. */
#pragma once

#include "policy/base/list.h"
#include "policy/rules/policy.h"

#include <stddef.h>

/* A fixed buffer that is appended to; what does not fit is cut. Start with `struct bg_phrase s = {.out =
 * buffer, .size = sizeof buffer}`. */
struct bg_phrase {
    char *out; /* always NUL-terminated after the first bg_phrase_add */
    size_t size, len;
};
void bg_phrase_add(struct bg_phrase *phrase, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "dave (+49 151 0000000)", or "dave" without a Contact=. Where policy is NULL, the name alone. */
void bg_phrase_person(struct bg_phrase *phrase, const struct bg_policy *policy, const char *person);
/* "dave (+49 …), erin or frank"; at most 8 are named, then "or 3 others". */
void bg_phrase_people(struct bg_phrase *phrase, const struct bg_policy *policy, const struct bg_list *people);
