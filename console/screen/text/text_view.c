/* SPDX-License-Identifier: ISC */
#include "console/screen/text/text_view.h"

static struct text_view *of(struct view *view)
{
    return (struct text_view *)(void *)view;
}

void text_view_paint(struct view *view, struct canvas *c, struct area area)
{
    struct text_view *r = of(view);

    page_clear(&r->page);
    r->build(r, &r->page);
    r->width = area.cols;
    page_paint(&r->page, c, area);
}

bool text_view_foot(struct view *view, struct canvas *c)
{
    return search_typing(view) && search_paint(&of(view)->finder, view, c, "Search: ", NULL);
}

static void find(struct text_view *r, bool back)
{
    if (!page_find(&r->page, &r->view.frame->canvas, r->width, r->finder.field.text, back))
        frame_say(r->view.frame, STYLE_PLAIN, back ? "not found before this" : "not found after this");
}

bool text_view_key(struct view *view, int key)
{
    enum search_answer answer = search_key(&of(view)->finder, view, key);

    if (answer == SEARCH_DONE)
        find(of(view), false);
    return answer != SEARCH_NOT_MINE;
}

bool text_view_pasted(struct view *view, const char *text, size_t len)
{
    return search_paste(&of(view)->finder, view, text, len);
}

bool text_view_command(struct view *view, enum command command)
{
    switch (command) {
    case CMD_FIND:
        search_begin(&of(view)->finder, view);
        return true;
    case CMD_FIND_NEXT:
        find(of(view), false);
        return true;
    case CMD_FIND_PREVIOUS:
        find(of(view), true);
        return true;
    default:
        return page_command(&of(view)->page, command);
    }
}

void text_view_free(struct view *view)
{
    page_free(&of(view)->page);
}
