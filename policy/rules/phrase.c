/* SPDX-License-Identifier: ISC */
/* How people are named in sentences, with their contact and not too many of them. */
#include "policy/rules/phrase.h"

#include <stdarg.h>
#include <stdio.h>

#define NAMED_MAX 8

void bg_say(struct bg_say *say, const char *format, ...)
{
    va_list args;
    int n;

    if (say->size == 0 || say->len >= say->size - 1)
        return;
    va_start(args, format);
    n = vsnprintf(say->out + say->len, say->size - say->len, format, args);
    va_end(args);
    if (n < 0)
        say->out[say->len] = '\0';
    else if ((size_t)n >= say->size - say->len)
        say->len = say->size - 1;
    else
        say->len += (size_t)n;
}

void bg_say_person(struct bg_say *say, const struct bg_policy *policy, const char *person)
{
    const struct bg_person *p = policy ? bg_policy_person(policy, person) : NULL;

    if (p && p->contact)
        bg_say(say, "%s (%s)", person, p->contact);
    else
        bg_say(say, "%s", person);
}

void bg_say_people(struct bg_say *say, const struct bg_policy *policy, const struct bg_list *people)
{
    size_t named = people->n > NAMED_MAX ? NAMED_MAX : people->n;

    for (size_t i = 0; i < named; i++) {
        bg_say(say, "%s", i == 0 ? "" : i + 1 == people->n ? " or " : ", ");
        bg_say_person(say, policy, people->v[i]);
    }
    if (people->n > named)
        bg_say(say, " or %zu others", people->n - named);
}
