/* The table of verbs. */
#include "verb.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct verb verbs[] = {
    {0},
};

const struct verb *verb_find(const char *name)
{
    for (const struct verb *v = verbs; v->name; v++)
        if (strcmp(v->name, name) == 0)
            return v;
    return NULL;
}

void verb_help(const struct verb *verb)
{
    printf("usage: breakglass %s%s%s\n\n%s", verb->name, *verb->arguments ? " " : "", verb->arguments,
           verb->help);
}

int verb_usage(const char *name, const char *format, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, format);
    (void)vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    fprintf(stderr, "breakglass %s: %s\nbreakglass %s --help tells more.\n", name, text, name);
    return EXIT_USAGE;
}
