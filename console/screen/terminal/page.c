/* SPDX-License-Identifier: ISC */
/* Folds, paints, scrolls and searches a page. */
#include "console/screen/terminal/page.h"

#include "policy/base/cleanup.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 1000000

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

bool page_command(struct page *page, enum command command)
{
    long to;

    if (!keys_move(command, (long)page->top, page->rows - 1, ROWS_MAX, &to))
        return false;
    page->top = to < 0 ? 0 : (size_t)to; /* the next paint bounds it */
    return true;
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
