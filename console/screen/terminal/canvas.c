/* SPDX-License-Identifier: ISC */
/* Text becomes cells: cleaned, as wide as it is, never outside. */
#include "console/screen/terminal/canvas.h"

#include "policy/base/clean.h"
#include "policy/base/cleanup.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 8192 /* bytes of one line that can matter on a screen */

/* --- characters --- */

/* The next character of well-formed UTF-8 (bg_clean makes it so); its length in bytes. */
static size_t next(const char *text, wchar_t *out)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t n = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    uint32_t value = n == 1 ? p[0] : p[0] & (0x7fU >> n);

    for (size_t i = 1; i < n; i++)
        value = value << 6 | (p[i] & 0x3fU);
    *out = (wchar_t)value;
    return n;
}

/* What stands for our own ornaments where only ASCII is drawn. */
static wchar_t plain(wchar_t character)
{
    static const struct {
        wchar_t from, to;
    } pairs[] = {
        {L'─', L'-'}, {L'│', L'|'},  {L'▸', L'>'}, {L'▓', L'#'}, {L'░', L'.'},
        {L'·', L'-'}, {L'…', L'~'},  {L'✓', L'+'}, {L'✗', L'x'}, {L'–', L'-'},
        {L'—', L'-'}, {L'’', L'\''}, {L'“', L'"'}, {L'”', L'"'}, {L'→', L'>'},
    };

    if (character < 0x80)
        return character;
    for (size_t i = 0; i < BG_COUNT(pairs); i++)
        if (pairs[i].from == character)
            return pairs[i].to;
    return L'?';
}

/* first: there is nothing before it for a combining one to stand on, so that it stands alone. */
static int width_of(const struct canvas *c, wchar_t character, bool first)
{
    int width = !c->utf8 || character < 0x80 ? 1 : wcwidth(character);

    return width < 0 || (width == 0 && first) ? 1 : width;
}

/* As it is drawn: characters that the locale cannot show become '?', as do combining ones that stand alone.
 */
static wchar_t shown(const struct canvas *c, wchar_t character)
{
    if (!c->utf8)
        return plain(character);
    return character >= 0x80 && wcwidth(character) <= 0 ? L'?' : character;
}

/* --- the cells --- */

int canvas_resize(struct canvas *c, int rows, int cols)
{
    struct cell *cells;

    rows = rows < 1 ? 1 : rows > CANVAS_MAX ? CANVAS_MAX : rows;
    cols = cols < 1 ? 1 : cols > CANVAS_MAX ? CANVAS_MAX : cols;
    cells = calloc((size_t)rows * (size_t)cols, sizeof *cells);
    if (!cells)
        return -ENOMEM;
    free(c->cell);
    c->cell = cells;
    c->rows = rows;
    c->cols = cols;
    canvas_clear(c);
    return 0;
}

void canvas_free(struct canvas *c)
{
    free(c->cell);
    *c = (struct canvas){0};
}

static struct cell *at(struct canvas *c, int row, int col)
{
    if (!c->cell || row < 0 || col < 0 || row >= c->rows || col >= c->cols)
        return NULL;
    return &c->cell[(size_t)row * (size_t)c->cols + (size_t)col];
}

/* A character goes; if it was half of a wide one, the other half becomes a blank. */
static void set(struct canvas *c, int row, int col, wchar_t base, unsigned style)
{
    struct cell *cell = at(c, row, col), *left = at(c, row, col - 1), *right = at(c, row, col + 1);

    if (!cell)
        return;
    if (cell->base == 0 && left && base != 0)
        *left = (struct cell){.base = L' ', .style = left->style};
    if (right && right->base == 0 && cell->base != 0)
        *right = (struct cell){.base = L' ', .style = right->style};
    *cell = (struct cell){.base = base, .style = (uint8_t)style};
}

void canvas_clear(struct canvas *c)
{
    for (size_t i = 0; i < (size_t)c->rows * (size_t)c->cols; i++)
        c->cell[i] = (struct cell){.base = L' '};
    c->cursor = false;
}

/* --- text --- */

static void add_mark(struct canvas *c, int row, int col, wchar_t mark)
{
    struct cell *cell = at(c, row, col);

    for (int i = 0; cell && i < CANVAS_MARKS; i++)
        if (!cell->mark[i]) {
            cell->mark[i] = mark;
            return;
        }
}

/* The column of the character that a mark belongs to. */
static int owner_of(const struct canvas *c, int row, int col)
{
    const struct cell *cell = at((struct canvas *)(uintptr_t)c, row, col);

    return cell && cell->base == 0 ? col - 1 : col;
}

static int draw(struct canvas *c, int row, int col, int width, unsigned style, const char *clean)
{
    int used = 0;

    while (*clean) {
        wchar_t character;
        size_t n = next(clean, &character);
        int w = width_of(c, character, used == 0);

        if (used + w > width)
            break;
        if (w == 0)
            add_mark(c, row, owner_of(c, row, col + used - 1), character);
        else
            set(c, row, col + used, shown(c, character), style);
        if (w == 2)
            set(c, row, col + used + 1, 0, style);
        used += w;
        clean += n;
    }
    return used;
}

int canvas_width(const struct canvas *c, const char *text)
{
    char clean[TEXT_MAX];
    int width = 0;

    (void)bg_clean(clean, sizeof clean, text);
    for (const char *p = clean; *p;) {
        wchar_t character;

        p += next(p, &character);
        width += width_of(c, character, width == 0);
    }
    return width;
}

int canvas_text(struct canvas *c, int row, int col, int width, unsigned style, const char *text)
{
    char clean[TEXT_MAX];

    if (width > c->cols - col)
        width = c->cols - col;
    if (row < 0 || row >= c->rows || col < 0 || width <= 0)
        return 0;
    (void)bg_clean(clean, sizeof clean, text);
    if (canvas_width(c, clean) <= width)
        return draw(c, row, col, width, style, clean);
    for (int used = draw(c, row, col, width - 1, style, clean); used < width - 1; used++)
        set(c, row, col + used, L' ', style);
    set(c, row, col + width - 1, shown(c, L'…'), style);
    return width;
}

int canvas_put(struct canvas *c, int row, int col, int width, unsigned style, const char *format, ...)
{
    char text[TEXT_MAX];
    va_list ap;

    va_start(ap, format);
    (void)vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    return canvas_text(c, row, col, width, style, text);
}

void canvas_right(struct canvas *c, int row, int col, int width, unsigned style, const char *text)
{
    int needs = canvas_width(c, text);

    if (needs < width)
        (void)canvas_text(c, row, col + width - needs, needs, style, text);
    else
        (void)canvas_text(c, row, col, width, style, text);
}

void canvas_fill(struct canvas *c, int row, int col, int width, unsigned style, wchar_t with)
{
    for (int i = 0; i < width; i++)
        set(c, row, col + i, shown(c, with), style);
}

void canvas_choose(struct canvas *c, int row, int col, int width)
{
    for (int i = 0; i < width; i++) {
        struct cell *cell = at(c, row, col + i);

        if (cell)
            cell->style |= STYLE_CHOSEN;
    }
}

void canvas_bar(struct canvas *c, int row, int col, int width, unsigned style, int64_t part, int64_t whole)
{
    int full = 0;

    /* They come from hosts: a product of them may not fit. */
    if (part > 0 && whole > 0)
        full = part >= whole ? width : (int)((double)part * width / (double)whole);
    if (part > 0 && full == 0 && width > 0)
        full = 1;
    canvas_fill(c, row, col, full, style, L'▓');
    canvas_fill(c, row, col + full, width - full, style, L'░');
}

size_t canvas_break(const struct canvas *c, const char *clean, int width)
{
    size_t at_blank = 0, i = 0;
    int used = 0;

    while (clean[i]) {
        wchar_t character;
        size_t n = next(clean + i, &character);
        int w = width_of(c, character, used == 0);

        if (character == L' ')
            at_blank = i;
        if (used + w > width && i > 0)
            return at_blank ? at_blank : i;
        used += w;
        i += n;
    }
    return i;
}
