#include "console/screen/text/text_view.h"

static struct reading *of(struct view *view)
{
    return (struct reading *)(void *)view;
}

void reading_paint(struct view *view, struct canvas *c, struct area area)
{
    struct reading *r = of(view);

    page_clear(&r->page);
    r->build(r, &r->page);
    r->width = area.cols;
    page_paint(&r->page, c, area);
}

bool reading_foot(struct view *view, struct canvas *c)
{
    return finder_typing(view) && finder_paint(&of(view)->finder, view, c, "Search: ", NULL);
}

static void find(struct reading *r, bool back)
{
    if (!page_find(&r->page, &r->view.app->canvas, r->width, r->finder.field.text, back))
        app_say(r->view.app, STYLE_PLAIN, back ? "not found before this" : "not found after this");
}

bool reading_key(struct view *view, int key)
{
    enum finder_answer answer = finder_key(&of(view)->finder, view, key);

    if (answer == FINDER_DONE)
        find(of(view), false);
    return answer != FINDER_NOT_MINE;
}

bool reading_pasted(struct view *view, const char *text, size_t len)
{
    return finder_paste(&of(view)->finder, view, text, len);
}

bool reading_command(struct view *view, enum command command)
{
    switch (command) {
    case DO_FIND:
        finder_begin(&of(view)->finder, view);
        return true;
    case DO_FIND_NEXT:
        find(of(view), false);
        return true;
    case DO_FIND_PREVIOUS:
        find(of(view), true);
        return true;
    default:
        return page_command(&of(view)->page, command);
    }
}

void reading_free(struct view *view)
{
    page_free(&of(view)->page);
}
