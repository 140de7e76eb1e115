/* Views that are a text to be read: a builder makes the page at each paint, so that it is always of now. */
#pragma once

#include "console/screen/app.h"
#include "console/screen/terminal/search.h"
#include "console/screen/text/page.h"

struct reading {
    struct view view;
    struct page page;
    struct finder finder;
    int width;
    /* Fills the page, which is empty. */
    void (*build)(struct reading *reading, struct page *page);
};

/* For the view_type of such a view, and for those that add something of their own. */
void reading_paint(struct view *view, struct canvas *c, struct area area);
bool reading_foot(struct view *view, struct canvas *c);
bool reading_key(struct view *view, int key);
bool reading_pasted(struct view *view, const char *text, size_t len);
bool reading_command(struct view *view, enum command command);
void reading_free(struct view *view);
