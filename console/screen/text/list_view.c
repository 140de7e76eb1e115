/* SPDX-License-Identifier: ISC */
/* A list: the chosen row stays where it is while rows come and go around it, and a filter is typed below. */
#include "console/screen/text/list_view.h"

static struct list_view *of(struct view *view)
{
    return (struct list_view *)(void *)view;
}

static long within(long at, long first, long last)
{
    at = at > last ? last : at;
    return at < first ? first : at;
}

void list_view_place(struct list_view *l, long at, size_t n)
{
    if (at >= 0)
        l->top += at - l->at;
    else
        at = l->bound ? l->at : 0;
    l->at = within(at, 0, (long)n - 1);
    l->top = within(l->top, l->at - l->rows + 1, l->at);
    l->top = within(l->top, 0, (long)n - l->rows);
}

bool list_view_move(struct list_view *l, enum command command, size_t n)
{
    long to;

    if (!keys_move(command, l->at, l->rows, (long)n, &to))
        return false;
    l->at = within(to, 0, (long)n - 1);
    l->bound = true;
    return true;
}

void list_view_mark(struct canvas *c, int row, struct area area)
{
    (void)canvas_text(c, row, area.col, 1, STYLE_STRONG, "▸");
    canvas_choose(c, row, area.col, area.cols);
    c->cursor_row = row;
    c->cursor_col = area.col;
}

void list_view_nothing(const struct list_view *l, struct page *page, const char *so_far)
{
    char by[FIELD_MAX + 256];

    filter_say(&l->filter, by, sizeof by);
    page_add(page, STYLE_PLAIN, 2, "Nothing matches%s: %s. Esc shows everything.", so_far, by);
}

static void set_filter(struct list_view *l)
{
    struct search *search = &l->view.search;

    if (filter_parse(&l->filter, search->field.text) < 0)
        frame_say(l->view.frame, STYLE_BAD, "no memory left");
    filter_wrong(&l->filter, l->parts, search->wrong, sizeof search->wrong);
    l->filtered(l);
}

bool list_view_foot(struct view *view, struct canvas *c)
{
    char hint[128];

    (void)snprintf(hint, sizeof hint, "%s or words", of(view)->parts);
    return search_paint(view, c, "Filter: ", hint);
}

bool list_view_key(struct view *view, int key)
{
    enum search_answer answer = search_key(view, key);

    if (answer == SEARCH_DONE || answer == SEARCH_LEFT || (answer == SEARCH_TYPED && of(view)->at_once))
        set_filter(of(view));
    return answer != SEARCH_NOT_MINE;
}

bool list_view_pasted(struct view *view, const char *text, size_t len)
{
    bool mine = search_paste(view, text, len);

    if (mine && of(view)->at_once)
        set_filter(of(view));
    return mine;
}

bool list_view_command(struct view *view, enum command command)
{
    if (command == CMD_FILTER)
        search_begin(view);
    else if (command == CMD_BACK && view->search.field.len) {
        field_set(&view->search.field, "");
        set_filter(of(view));
    }
    return command == CMD_FILTER || command == CMD_BACK;
}
