/* SPDX-License-Identifier: ISC */
/* A text to be read: built anew at each paint, scrolled, and searched. */
#include "console/screen/text/text_view.h"

void text_view_paint(struct view *view, struct canvas *c, struct area area)
{
    page_clear(&view->page);
    view->type->build(view, &view->page);
    page_paint(&view->page, c, area);
}

bool text_view_foot(struct view *view, struct canvas *c)
{
    return search_typing(view) && search_paint(view, c, "Search: ", NULL);
}

static void find(struct view *view, bool back)
{
    if (!page_find(&view->page, &view->frame->canvas, view->search.field.text, back))
        frame_say(view->frame, STYLE_PLAIN, back ? "not found above" : "not found below");
}

bool text_view_key(struct view *view, int key)
{
    enum search_answer answer = search_key(view, key);

    if (answer == SEARCH_DONE)
        find(view, false);
    return answer != SEARCH_NOT_MINE;
}

bool text_view_command(struct view *view, enum command command)
{
    switch (command) {
    case CMD_FIND:
        search_begin(view);
        return true;
    case CMD_FIND_NEXT:
        find(view, false);
        return true;
    case CMD_FIND_PREVIOUS:
        find(view, true);
        return true;
    default:
        return page_command(&view->page, command);
    }
}
