/* What all views do that are a list: one row is chosen, and a filter is typed below. */
#pragma once

#include "console/client/filter.h"
#include "console/screen/frame/frame.h"

/* Stands first in such a view. */
struct list_view {
    struct view view;
    struct filter filter;
    const char *parts; /* that the filter may name: FILTER_… */
    bool at_once;      /* filters at each letter, else at Enter */
    void (*filtered)(struct list_view *list);
    long at, top; /* the chosen row, and the first on the screen */
    int rows;     /* on the screen */
    bool bound;   /* a key chose the row; until then the first is chosen, whichever that is */
};

/* Rows came and went, there are n now, and the chosen one stands at `at` (-1: it is gone): it stays where it
 * is on the screen. */
void list_view_place(struct list_view *list, long at, size_t n);
/* Moves, if it is a command that does, in a list of n rows. */
bool list_view_move(struct list_view *list, enum command command, size_t n);
/* The mark of the chosen row, after its text. */
void list_view_mark(struct canvas *c, int row, struct area area);
/* What the filter leaves nothing of: the line that says so. */
void list_view_nothing(const struct list_view *list, struct page *page, const char *so_far);
/* For view_type: */
bool list_view_foot(struct view *view, struct canvas *c);
bool list_view_key(struct view *view, int key);
bool list_view_pasted(struct view *view, const char *text, size_t len);
/* The commands that begin the filter and clear it. */
bool list_view_command(struct view *view, enum command command);
