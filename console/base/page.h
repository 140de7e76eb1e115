/* A text for people as lines with a style: the screen folds and paints it, a verb prints it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* What a text is, not how it looks: terminal.c has colours or attributes for each. */
enum style {
    STYLE_PLAIN,
    STYLE_STRONG, /* headings, names that matter */
    STYLE_FAINT,  /* labels, what has ended */
    STYLE_OPEN,
    STYLE_WAITS,
    STYLE_BAD, /* refused, unreachable, critical */
    STYLE_BAR, /* the first line and the tabs */
    STYLE_KEY, /* keys in the footer */
    STYLE_FIELD,
    STYLES,
    STYLE_CHOSEN = 0x40, /* added to any: the selected line */
};

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
/* Each line of a text; NULL: none. */
void page_block(struct page *page, unsigned style, int indent, const char *text);
/* "label      text": folded under the text. */
void page_pair(struct page *page, unsigned style, const char *label, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The lines of another page, as they are there. */
void page_append(struct page *page, const struct page *other);
void page_free(struct page *page); /* and it is an empty one */
/* Empty, to be filled anew and shown from the same place. */
void page_clear(struct page *page);
/* Folded, without its styles. */
void page_print(const struct page *page, FILE *to);
