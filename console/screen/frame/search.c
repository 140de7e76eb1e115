/* SPDX-License-Identifier: ISC */
/* A line in which something to look for is typed: a filter of a list, or a search in a text. */
#include "console/screen/frame/search.h"

#include "console/screen/frame/frame.h"
#include "console/screen/terminal/terminal.h"

void search_begin(struct view *view)
{
    if (search_typing(view))
        return;
    view->search.where = view->where;
    view->where = MODE_FILTER;
}

bool search_typing(const struct view *view)
{
    return view->where == MODE_FILTER;
}

enum search_answer search_key(struct view *view, int key)
{
    struct search *f = &view->search;

    if (!search_typing(view))
        return SEARCH_NOT_MINE;
    if (key == TERM_ENTER || key == TERM_ESCAPE || key == TERM_CTRL('C')) {
        view->where = f->where;
        if (key == TERM_ENTER)
            return SEARCH_DONE;
        field_set(&f->field, "");
        f->wrong[0] = 0;
        return SEARCH_LEFT;
    }
    return field_key(&f->field, key) ? SEARCH_TYPED : SEARCH_NOT_MINE;
}

bool search_paste(struct view *view, const char *text, size_t len)
{
    if (!search_typing(view))
        return false;
    field_paste(&view->search.field, text, len);
    return true;
}

static void paint_shown(const struct search *f, struct canvas *c, const char *label)
{
    int row = c->rows - 2, col = 1;

    col += canvas_put(c, row, col, c->cols - 2, STYLE_WAITS, "%s%s   ", label, f->field.text);
    if (*f->wrong)
        (void)canvas_text(c, row, col, c->cols - 1 - col, STYLE_BAD, f->wrong);
    else
        (void)canvas_text(c, row, col, c->cols - 1 - col, STYLE_WAITS, "(Esc clears it)");
}

bool search_paint(struct view *view, struct canvas *c, const char *label, const char *hint)
{
    struct search *f = &view->search;
    int row = c->rows - 2, col = 1, room, needs;

    if (!search_typing(view)) {
        if (f->field.len)
            paint_shown(f, c, label);
        return f->field.len > 0;
    }
    if (*f->wrong)
        hint = f->wrong;
    col += canvas_text(c, row, col, c->cols / 2, STYLE_STRONG, label);
    room = c->cols - col - 1;
    needs = hint ? canvas_width(c, hint) + 2 : 0;
    /* It goes where what is typed needs the room. */
    if (needs && canvas_width(c, f->field.text) + 2 + needs <= room) {
        room -= needs;
        (void)canvas_text(c, row, col + room + 2, needs, *f->wrong ? STYLE_BAD : STYLE_FAINT, hint);
    }
    field_paint(&f->field, c, row, col, room, true);
    return true;
}
