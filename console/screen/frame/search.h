/* What is looked for: typed in the last but one line, as a filter of a list or a search in a text. */
#pragma once

#include "console/screen/terminal/canvas.h"
#include "console/screen/terminal/field.h"

struct view;

/* Each view has one. */
struct search {
    struct field field;
    unsigned where;  /* of the view, to go back to */
    char wrong[160]; /* with what is typed there, for the person to see; empty: nothing */
};

/* The view's keys go to the line from now on. */
void search_begin(struct view *view);
bool search_typing(const struct view *view);
enum search_answer {
    SEARCH_NOT_MINE,
    SEARCH_TYPED, /* the text may have changed */
    SEARCH_DONE,  /* Enter */
    SEARCH_LEFT,  /* Esc, Ctrl-C: the text is empty now */
};
enum search_answer search_key(struct view *view, int key);
/* What is pasted goes to the line. False: nothing is typed there now. */
bool search_paste(struct view *view, const char *text, size_t len);
/* For view_type.foot. hint (may be NULL): what can be typed there. */
bool search_paint(struct view *view, struct canvas *c, const char *label, const char *hint);
