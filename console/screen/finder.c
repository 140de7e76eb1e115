#include "finder.h"

#include "terminal.h"

void finder_begin(struct finder *f, struct view *view)
{
    if (finder_typing(view))
        return;
    f->where = view->where;
    view->where = AT_FILTER;
}

bool finder_typing(const struct view *view)
{
    return view->where == AT_FILTER;
}

enum finder_answer finder_key(struct finder *f, struct view *view, int key)
{
    if (!finder_typing(view))
        return FINDER_NOT_MINE;
    if (key == TERM_ENTER || key == TERM_ESCAPE || key == TERM_CTRL('C')) {
        view->where = f->where;
        if (key == TERM_ENTER)
            return FINDER_DONE;
        field_set(&f->field, "");
        return FINDER_LEFT;
    }
    return field_key(&f->field, key) ? FINDER_TYPED : FINDER_NOT_MINE;
}

bool finder_paste(struct finder *f, const struct view *view, const char *text, size_t len)
{
    if (!finder_typing(view))
        return false;
    field_paste(&f->field, text, len);
    return true;
}

bool finder_paint(struct finder *f, const struct view *view, struct canvas *c, const char *label)
{
    int row = c->rows - 2, col = 1;

    if (!finder_typing(view)) {
        if (f->field.len)
            canvas_put(c, row, 1, c->cols - 2, STYLE_WAITS, "%s%s   (Esc shows all)", label, f->field.text);
        return f->field.len > 0;
    }
    col += canvas_text(c, row, col, c->cols / 2, STYLE_STRONG, label);
    field_paint(&f->field, c, row, col, c->cols - col - 1, true);
    return true;
}
