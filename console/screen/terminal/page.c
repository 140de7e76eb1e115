/* SPDX-License-Identifier: ISC */
#include "console/screen/terminal/page.h"

#include "policy/base/clean.h"
#include "policy/base/cleanup.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define LABEL 12 /* columns of "reason      " */
#define LINES_MAX 5000

static void add(struct page *page, unsigned style, int indent, int label, const char *text)
{
    struct page_line *v;
    size_t size = strlen(text) + 1;

    if (page->n >= LINES_MAX)
        return;
    v = reallocarray(page->v, page->n + 1, sizeof(*v));
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

void page_take(struct page *page, const char *text)
{
    bg_free_ char *copy = strdup(text);

    for (char *p = copy, *line; p && *p && (line = strsep(&p, "\n"));) {
        int indent = (int)strspn(line, " ");
        bool warns = strncmp(line + indent, "! ", 2) == 0;

        add(page, warns ? STYLE_WAITS : STYLE_PLAIN, indent > 20 ? 20 : indent, warns ? 2 : 0, line + indent);
    }
}

FILE *page_stream(struct page_stream *stream)
{
    *stream = (struct page_stream){0};
    return open_memstream(&stream->text, &stream->len);
}

void page_taken(struct page *page, struct page_stream *stream, FILE *file)
{
    if (fclose(file) == 0 && stream->text)
        page_take(page, stream->text);
    free(stream->text);
    stream->text = NULL;
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

/* --- folding --- */

/* The next row of a line: where it begins (*from moves on), how many bytes, at which column. */
static size_t fold(const struct page_line *line, const struct canvas *c, int width, size_t *from, int *col)
{
    size_t n;

    *col = line->indent + (*from ? line->label : 0);
    if (*col > width / 2)
        *col = 0;
    n = canvas_break(c, line->text + *from, width - *col);
    return n;
}

static size_t skip(const struct page_line *line, size_t at)
{
    return at + strspn(line->text + at, " ");
}

static size_t rows_of(const struct page_line *line, const struct canvas *c, int width)
{
    size_t rows = 0, from = 0;
    int col;

    do {
        rows++;
        from = skip(line, from + fold(line, c, width, &from, &col));
    } while (line->text[from]);
    return rows;
}

size_t page_rows(const struct page *page, const struct canvas *c, int width)
{
    size_t rows = 0;

    for (size_t i = 0; i < page->n; i++)
        rows += rows_of(&page->v[i], c, width);
    return rows;
}

static void paint_row(struct canvas *c, struct area area, int row, const struct page_line *line, size_t from,
                      size_t n, int col)
{
    bg_free_ char *part = strndup(line->text + from, n);

    if (part)
        (void)canvas_text(c, area.row + row, area.col + col, area.cols - col, line->style, part);
}

void page_paint(struct page *page, struct canvas *c, struct area area)
{
    size_t all = page_rows(page, c, area.cols), at = 0, shown = area.rows > 0 ? (size_t)area.rows : 0;
    bool more = page->top + shown < all && area.rows > 2;

    page->rows = area.rows;
    page->cols = area.cols;
    if (page->top + shown > all)
        page->top = all > shown ? all - shown : 0;
    page->ends = !more;
    if (more)
        shown--; /* the last row says that there is more */
    for (size_t i = 0; i < page->n && at < page->top + shown; i++) {
        size_t from = 0;

        do {
            int col;
            size_t n = fold(&page->v[i], c, area.cols, &from, &col);

            if (at >= page->top && at < page->top + shown)
                paint_row(c, area, (int)(at - page->top), &page->v[i], from, n, col);
            at++;
            from = skip(&page->v[i], from + n);
        } while (page->v[i].text[from]);
    }
    if (more)
        canvas_right(c, area.row + area.rows - 1, area.col, area.cols, STYLE_FAINT, "more … (PgDn)");
}

static void scroll(struct page *page, long by)
{
    if (by < 0 && (size_t)-by > page->top)
        page->top = 0;
    else
        page->top = (size_t)((long)page->top + by);
}

bool page_command(struct page *page, enum command command)
{
    switch (command) {
    case CMD_UP:
        scroll(page, -1);
        return true;
    case CMD_DOWN:
        scroll(page, 1);
        return true;
    case CMD_PAGE_UP:
        scroll(page, 1 - page->rows);
        return true;
    case CMD_PAGE_DOWN:
        scroll(page, page->rows - 1);
        return true;
    case CMD_HALF_UP:
        scroll(page, -page->rows / 2);
        return true;
    case CMD_HALF_DOWN:
        scroll(page, page->rows / 2);
        return true;
    case CMD_FIRST:
        page->top = 0;
        return true;
    case CMD_LAST:
        page->top = LINES_MAX * 100; /* the next paint bounds it */
        return true;
    default:
        return false;
    }
}

bool page_find(struct page *page, const struct canvas *c, const char *text, bool back)
{
    long found = -1;

    for (size_t i = 0, next = 0; *text && i < page->n; i++) {
        size_t row = next;

        next += rows_of(&page->v[i], c, page->cols);
        if (!strcasestr(page->v[i].text, text) || (back ? row >= page->top : row <= page->top))
            continue;
        found = (long)row;
        if (!back)
            break;
    }
    if (found >= 0)
        page->top = (size_t)found;
    return found >= 0;
}
