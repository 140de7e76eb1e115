/* SPDX-License-Identifier: ISC */
/* Every line that is printed is cleaned as a whole. */
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

/* Bytes of the text that fit into so many columns, cut at a blank where there is one. */
static size_t fold(const char *text, size_t columns)
{
    size_t i, used = 0, cut = 0;

    for (i = 0; text[i] && (used <= columns || !cut); i++) {
        if (text[i] == ' ')
            cut = i;
        used += (text[i] & 0xc0) != 0x80;
    }
    return used <= columns || !cut ? i : cut;
}

/* mark: before each line, behind the indent, which grows by `hang` after the first line. */
static void say_lines(FILE *to, int indent, int hang, const char *mark, size_t width, const char *text)
{
    size_t size = strlen(text) + 1;
    bg_free_ char *clean = malloc(size);

    if (!clean)
        return;
    (void)bg_clean(clean, size, text);
    for (const char *p = clean; *p;) {
        size_t n = fold(p, width);

        fprintf(to, "%*s%s%.*s\n", indent, "", mark, (int)n, p);
        p += n;
        p += strspn(p, " ");
        if (hang > 0 && (size_t)hang < width) {
            indent += hang;
            width -= (size_t)hang;
        }
        hang = 0;
    }
}

void say_folded(FILE *to, const char *indent, size_t width, const char *text)
{
    say_lines(to, 0, 0, indent, width, text);
}

void say_hanging(FILE *to, int indent, int hang, size_t width, const char *text)
{
    say_lines(to, indent, hang, "", width, text);
}

void text_append(char *text, size_t size, const char *format, ...)
{
    size_t len = strlen(text);
    va_list ap;

    va_start(ap, format);
    if (len + 1 < size)
        (void)vsnprintf(text + len, size - len, format, ap);
    va_end(ap);
}
