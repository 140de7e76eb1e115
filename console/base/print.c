/* SPDX-License-Identifier: ISC */
#include "console/base/print.h"

#include "policy/base/clean.h"
#include "policy/base/cleanup.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void say_clean(FILE *to, const char *prefix, const char *text)
{
    size_t size = strlen(text) + 1;
    bg_free_ char *clean = malloc(size);

    if (!clean)
        return;
    (void)bg_clean(clean, size, text);
    fprintf(to, "%s%s\n", prefix, clean);
}

__attribute__((format(printf, 3, 0))) static void vsay(FILE *to, const char *prefix, const char *format,
                                                       va_list ap)
{
    bg_free_ char *text = NULL;

    if (vasprintf(&text, format, ap) < 0)
        text = NULL;
    else
        say_clean(to, prefix, text);
}

void say(FILE *to, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vsay(to, "", format, ap);
    va_end(ap);
}

void complain(const char *format, ...)
{
    va_list ap;

    (void)fflush(stdout);
    va_start(ap, format);
    vsay(stderr, "breakglass: ", format, ap);
    va_end(ap);
}

void say_block(FILE *to, const char *indent, const char *text)
{
    bg_free_ char *copy = strdup(text);

    for (char *p = copy, *line; p && *p && (line = strsep(&p, "\n"));)
        say_clean(to, indent, line);
}

void say_folded(FILE *to, const char *indent, size_t width, const char *text)
{
    size_t size = strlen(text) + 1;
    bg_free_ char *clean = malloc(size);

    if (!clean)
        return;
    (void)bg_clean(clean, size, text);
    for (char *p = clean; *p;) {
        size_t cut = strlen(p);

        if (cut > width) {
            for (cut = width; cut > 0 && p[cut] != ' '; cut--)
                ;
            if (cut == 0)
                cut = strcspn(p, " ");
        }
        fprintf(to, "%s%.*s\n", indent, (int)cut, p);
        p += cut;
        p += strspn(p, " ");
    }
}
