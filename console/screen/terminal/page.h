/* A text to be read on the screen: lines with a style, folded to whatever width there is, and scrolled. */
#pragma once

#include "console/screen/terminal/canvas.h"
#include "console/screen/terminal/keys.h"

#include <stddef.h>
#include <stdio.h>

struct page {
    struct page_line {
        unsigned style;
        int indent; /* columns; folded lines stand there too, and 2 more under a label */
        int label;  /* columns at the start of the text that folded lines leave free */
        char *text;
    } * v;
    size_t n;
    size_t top;     /* the first row that is shown, of the folded rows */
    int rows, cols; /* that were there at the last paint */
    bool ends;      /* its last row was on the screen then */
};

void page_add(struct page *page, unsigned style, int indent, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* "label      text": folded under the text. */
void page_pair(struct page *page, unsigned style, const char *label, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The lines of another page, as they are there. */
void page_append(struct page *page, const struct page *other);
/* Lines of a text that the verbs print: the same words here and there. Lines that begin with "  ! " are
 * warnings. */
void page_take(struct page *page, const char *text);
/* A stream whose text page_taken adds. NULL without memory. */
struct page_stream {
    char *text;
    size_t len;
};
FILE *page_stream(struct page_stream *stream);
void page_taken(struct page *page, struct page_stream *stream, FILE *file);
void page_free(struct page *page); /* and it is an empty one */
/* Empty, to be filled anew and shown from the same place. */
void page_clear(struct page *page);

/* How many rows it needs. */
size_t page_rows(const struct page *page, const struct canvas *c, int width);
/* Paints it from ->top on, which it keeps within what there is, with a mark where there is more. */
void page_paint(struct page *page, struct canvas *c, struct area area);
/* Scrolls, if it is a command that does. */
bool page_command(struct page *page, enum command command);
/* Scrolls to the next line (back: the one before) that has the text in it, whatever the case. False: there is
 * none. */
bool page_find(struct page *page, const struct canvas *c, const char *text, bool back);
