/* What may stand in the cells of a screen, whatever was painted; and what a row reads as. */
#pragma once

#include "console/screen/terminal/canvas.h"

#include "policy/base/clean.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

/* UTF-8 of one character, whatever the locale; gives the bytes. */
static inline size_t cells_encode(char out[4], wchar_t character)
{
    unsigned code = (unsigned)character;
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    for (size_t i = n; i > 1; i--, code >>= 6)
        out[i - 1] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(n == 1 ? code : code | (0xf0u << (4 - n) & 0xf0u));
    return n;
}

static inline bool cells_is_clean(wchar_t character)
{
    char bytes[4];

    return bg_is_clean(bytes, cells_encode(bytes, character));
}

/* What is wrong with one cell; NULL: nothing. */
static inline const char *cells_one(const struct canvas *c, int row, int col)
{
    const struct cell *cell = &c->cell[row * c->cols + col];
    bool is_last = col + 1 == c->cols;

    if (cell->base >= ' ' && cell->base <= '~' && !cell->mark[0])
        return NULL; /* nearly all there is */
    if (cell->base == 0)
        return cell->mark[0]                                         ? "a mark on the right half"
               : col == 0 || !c->utf8 || wcwidth(cell[-1].base) != 2 ? "a right half without its left"
                                                                     : NULL;
    if (!cells_is_clean(cell->base))
        return "a character that is not clean";
    if (!c->utf8)
        return cell->base >= 0x80 || cell->mark[0] ? "more than ASCII" : NULL;
    for (int i = 0; i < CANVAS_MARKS; i++)
        if (cell->mark[i] && (!cells_is_clean(cell->mark[i]) || wcwidth(cell->mark[i]) != 0))
            return "a mark that is none";
    if (wcwidth(cell->base) == 2)
        return is_last || cell[1].base != 0 ? "a left half without its right" : NULL;
    return wcwidth(cell->base) == 1 ? NULL : "a character without a width";
}

/* Of the whole canvas. */
static inline const char *cells_wrong(const struct canvas *c)
{
    for (int row = 0; row < c->rows; row++)
        for (int col = 0; col < c->cols; col++) {
            const char *wrong = cells_one(c, row, col);

            if (wrong)
                return wrong;
        }
    return NULL;
}

/* The row as UTF-8, from `col` on, blanks at its end left away. */
static inline char *cells_row(const struct canvas *c, int row, int col, char *out, size_t size)
{
    size_t len = 0;

    for (; col < c->cols && len + 4 * (1 + CANVAS_MARKS) < size; col++) {
        const struct cell *cell = &c->cell[row * c->cols + col];

        if (cell->base)
            len += cells_encode(out + len, cell->base);
        for (int i = 0; i < CANVAS_MARKS && cell->mark[i]; i++)
            len += cells_encode(out + len, cell->mark[i]);
    }
    while (len > 0 && out[len - 1] == ' ')
        len--;
    out[len] = 0;
    return out;
}
