/* SPDX-License-Identifier: ISC */
/* How people are named in sentences, with their contact and not too many of them. */
#include "policy/rules/phrase.h"

#include <stdarg.h>
#include <stdio.h>

#define NAMED_MAX 8

void bg_phrase_add(struct bg_phrase *phrase, const char *format, ...)
{
    va_list args;
    int n;

    if (phrase->size == 0 || phrase->len >= phrase->size - 1)
        return;
    va_start(args, format);
    n = vsnprintf(phrase->out + phrase->len, phrase->size - phrase->len, format, args);
    va_end(args);
    if (n < 0)
        phrase->out[phrase->len] = '\0';
    else if ((size_t)n >= phrase->size - phrase->len)
        phrase->len = phrase->size - 1;
    else
        phrase->len += (size_t)n;
}

void bg_phrase_person(struct bg_phrase *phrase, const struct bg_policy *policy, const char *person)
{
    const struct bg_person *p = policy ? bg_policy_person(policy, person) : NULL;

    if (p && p->contact)
        bg_phrase_add(phrase, "%s (%s)", person, p->contact);
    else
        bg_phrase_add(phrase, "%s", person);
}

void bg_phrase_people(struct bg_phrase *phrase, const struct bg_policy *policy, const struct bg_list *people)
{
    size_t named = people->n > NAMED_MAX ? NAMED_MAX : people->n;

    for (size_t i = 0; i < named; i++) {
        bg_phrase_add(phrase, "%s", i == 0 ? "" : i + 1 == people->n ? " or " : ", ");
        bg_phrase_person(phrase, policy, people->v[i]);
    }
    if (people->n > named)
        bg_phrase_add(phrase, " or %zu others", people->n - named);
}
