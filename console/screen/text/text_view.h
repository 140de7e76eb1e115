/* Views that are a text to be read: a builder makes the page at each paint, so that it is always of now. */
#pragma once

#include "console/screen/frame/frame.h"
#include "console/screen/text/search.h"
#include "console/screen/text/page.h"

struct text_view {
    struct view view;
    struct page page;
    struct search_prompt finder;
    int width;
    /* Fills the page, which is empty. */
    void (*build)(struct text_view *reading, struct page *page);
};

/* For the view_type of such a view, and for those that add something of their own. */
void text_view_paint(struct view *view, struct canvas *c, struct area area);
bool text_view_foot(struct view *view, struct canvas *c);
bool text_view_key(struct view *view, int key);
bool text_view_pasted(struct view *view, const char *text, size_t len);
bool text_view_command(struct view *view, enum command command);
void text_view_free(struct view *view);
