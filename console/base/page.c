/* SPDX-License-Identifier: ISC */
/* A text as lines with a style, from which the screen and the verbs speak alike. */
#include "console/base/page.h"

#include "console/base/print.h"
#include "policy/base/clean.h"
#include "policy/base/cleanup.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define PRINTED_COLUMNS 78

#define LABEL 12 /* columns of "reason      " */
#define LINES_MAX 5000

static void add(struct page *page, unsigned style, int indent, int label, const char *text)
{
    struct page_line *v;
    size_t size = strlen(text) + 1;

    if (page->n >= LINES_MAX)
        return;
    v = reallocarray(page->v, page->n + 1, sizeof *v);
    if (!v)
        return;
    page->v = v;
    v[page->n] = (struct page_line){style, indent, label, malloc(size)};
    if (!v[page->n].text)
        return;
    (void)bg_clean(v[page->n].text, size, text);
    page->n++;
}

/* Columns of a label and what stands behind it; a long name still ends where the text begins. */
static int label_room(const char *label, int *used)
{
    *used = 0;
    for (const char *p = label; *p; p++)
        *used += (*p & 0xc0) != 0x80;
    return *used < LABEL - 1 ? LABEL - 1 : *used + 1;
}

__attribute__((format(printf, 5, 0))) static void vadd(struct page *page, unsigned style, int indent,
                                                       const char *label, const char *format, va_list ap)
{
    bg_free_ char *text = NULL, *whole = NULL;
    int used, room = label ? label_room(label, &used) : 0;

    if (vasprintf(&text, format, ap) < 0) {
        text = NULL;
        return;
    }
    if (label && asprintf(&whole, "%s%*s%s", label, room - used, "", text) < 0)
        whole = NULL;
    add(page, style, indent, room, whole ? whole : text);
}

void page_add(struct page *page, unsigned style, int indent, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vadd(page, style, indent, NULL, format, ap);
    va_end(ap);
}

void page_block(struct page *page, unsigned style, int indent, const char *text)
{
    bg_free_ char *copy = text ? strdup(text) : NULL;

    for (char *p = copy, *line; p && *p && (line = strsep(&p, "\n"));)
        page_add(page, style, indent, "%s", line);
}

void page_pair(struct page *page, unsigned style, const char *label, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vadd(page, style, 1, label, format, ap);
    va_end(ap);
}

void page_append(struct page *page, const struct page *other)
{
    for (size_t i = 0; i < other->n; i++)
        add(page, other->v[i].style, other->v[i].indent, other->v[i].label, other->v[i].text);
}

void page_clear(struct page *page)
{
    for (size_t i = 0; i < page->n; i++)
        free(page->v[i].text);
    free(page->v);
    page->v = NULL;
    page->n = 0;
}

void page_free(struct page *page)
{
    page_clear(page);
    *page = (struct page){0};
}

/* --- printed --- */

/* Our own ornaments, where no one knows what the terminal can draw. */
static void make_plain(char *text)
{
    static const char *const pairs[][2] = {{"✓", "+"}, {"✗", "x"}, {"·", "-"}, {"…", "~"}};

    for (size_t i = 0; i < BG_COUNT(pairs); i++)
        for (char *p = text; (p = strstr(p, pairs[i][0])); p++) {
            *p = *pairs[i][1];
            memmove(p + 1, p + strlen(pairs[i][0]), strlen(p + strlen(pairs[i][0])) + 1);
        }
}

void page_print(const struct page *page, FILE *to)
{
    for (size_t i = 0; i < page->n; i++) {
        const struct page_line *line = &page->v[i];
        bg_free_ char *text = strdup(line->text);

        if (!text)
            return;
        make_plain(text);
        if (!*text)
            fputc('\n', to);
        say_hanging(to, 2 * line->indent, line->label, PRINTED_COLUMNS - 2 * (size_t)line->indent, text);
    }
}
