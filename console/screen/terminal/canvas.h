/* What is on the screen, as cells in memory. The views paint here, and here only: terminal.c brings it to a
 * terminal, tests read it. canvas_text is the one function through which every text goes. */
#pragma once

#include "console/base/page.h"

#include <stdbool.h>
#include <stdint.h>
#include <wchar.h>

#define CANVAS_MAX 1000 /* rows and columns */
#define CANVAS_MARKS 2  /* combining characters kept with a character; more are dropped */

struct cell {
    wchar_t base; /* 0: the right half of the wide character before it */
    wchar_t mark[CANVAS_MARKS];
    uint8_t style;
};

struct canvas {
    int rows, cols;
    struct cell *cell; /* rows * cols */
    bool utf8;         /* else only ASCII is drawn */
    int cursor_row, cursor_col;
    bool cursor; /* shown: something is typed there */
};

/* A part of a canvas. */
struct area {
    int row, col, rows, cols;
};

/* 0 or -ENOMEM; sizes are clamped to 1 … CANVAS_MAX. All is blank then. */
int canvas_resize(struct canvas *c, int rows, int cols);
void canvas_free(struct canvas *c);
void canvas_clear(struct canvas *c);

/* Draws `text` as one line, at most `width` columns of it (cut with a mark where it is longer), whatever is
 * in it: it is cleaned, wide characters are never halved, combining ones stay on theirs. Gives the columns
 * used. Everything outside of the canvas is left away. */
int canvas_text(struct canvas *c, int row, int col, int width, unsigned style, const char *text);
int canvas_put(struct canvas *c, int row, int col, int width, unsigned style, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
/* Right-aligned in the width. */
void canvas_right(struct canvas *c, int row, int col, int width, unsigned style, const char *text);
/* The same character all along. */
void canvas_fill(struct canvas *c, int row, int col, int width, unsigned style, wchar_t with);
/* Adds STYLE_CHOSEN to what is there. */
void canvas_choose(struct canvas *c, int row, int col, int width);
/* A bar of `width` columns of which `part` of `whole` are full. */
void canvas_bar(struct canvas *c, int row, int col, int width, unsigned style, int64_t part, int64_t whole);

/* Columns that canvas_text would use for all of it. */
int canvas_width(const struct canvas *c, const char *text);
/* How many bytes of a cleaned text fit into `width` columns, broken at a blank where there is one. */
size_t canvas_break(const struct canvas *c, const char *clean, int width);
