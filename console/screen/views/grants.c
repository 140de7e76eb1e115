/* SPDX-License-Identifier: ISC */
/* Grants: what waits, what is open, how long; and under the list the one that is selected. */
#include "console/screen/views/views.h"
#include "console/screen/views/grant_commands.h"

#include "policy/base/cleanup.h"
#include "console/words/grant.h"
#include "console/screen/data/grant_detail.h"
#include "console/screen/data/grant_standing.h"
#include "console/screen/text/grant_page.h"
#include "console/screen/text/list_view.h"

#include <stdlib.h>
#include <string.h>

#define PANE_ROWS 8
#define LIST_ROWS_MIN 6
#define COUNT_MAX 1000 /* more need not be counted */

struct grants {
    struct list_view list;
    bool all;                  /* the archive, too */
    struct grant_detail shown; /* the selected one, for the pane */
};

/* --- the selection stays with its grant --- */

static struct grant *selected(struct grants *v)
{
    return *v->shown.id ? model_find(&v->list.view.frame->model, v->shown.id) : NULL;
}

static void choose(struct grants *v)
{
    const struct model *m = &v->list.view.frame->model;

    grant_detail_choose(&v->shown, m->n_shown ? m->shown[v->list.at]->id : "");
}

/* Until somebody has chosen one it is the first: what waits comes first, and hosts answer in any order. */
static void arrange(struct grants *v)
{
    struct model *m = &v->list.view.frame->model;

    filter_arrange(m, &v->list.filter, bg_now());
    list_view_place(&v->list, v->list.bound && *v->shown.id ? filter_position(m, v->shown.id) : -1,
                    m->n_shown);
    choose(v);
}

static void select_grant(struct view *view, const char *id)
{
    struct grants *v = (struct grants *)(void *)view;

    v->list.bound = true;
    grant_detail_choose(&v->shown, id);
}

/* --- painting --- */

enum column { STATE, ROLE, WHO, HOSTS, APPROVALS, LEFT, REASON, COLUMNS };

static void set_widths(int w[COLUMNS], int width)
{
    static const int wide[COLUMNS] = {15, 14, 9, 11, 10, 17, 0}; /* "given back 1/2", "23:41 ▓▓▓▓▓▓▓▓░░" */
    static const int narrow[COLUMNS] = {12, 14, 8, 0, 7, 0, 0}; /* the hosts and the bar go first */
    int spare = width - 2, more;

    for (int i = 0; i < COLUMNS; i++)
        spare -= w[i] = wide[i];
    if (spare < 0) {
        memcpy(w, narrow, sizeof narrow);
        w[LEFT] = width - 2 - (12 + 14 + 8 + 7);
        return;
    }
    w[REASON] = spare > 40 ? spare * 2 / 3 : 0;
    spare -= w[REASON];
    more = spare < 16 ? 0 : 4; /* "given back 100/256" */
    w[STATE] += more;
    spare -= more;
    w[ROLE] += spare / 4;
    w[WHO] += spare / 8;
    w[HOSTS] += spare - spare / 4 - spare / 8;
}

static unsigned state_style(const struct sum *sum)
{
    if (sum->state == GRANT_OPEN)
        return sum->solo ? STYLE_BAD : STYLE_OPEN;
    if (sum->state == GRANT_PENDING || sum->state == GRANT_EARLY)
        return STYLE_WAITS;
    return sum->state == GRANT_REFUSED ? STYLE_BAD : STYLE_FAINT;
}

/* Where hosts differ, on how many it is so; there the longest word is cut short where it has no room. */
static void say_state(const struct sum *sum, size_t room, char *out, size_t size)
{
    const char *state = model_state(sum);

    if (!sum->other) {
        (void)snprintf(out, size, "%s", state);
        return;
    }
    (void)snprintf(out, size, "%s %u/%u", state, sum->hosts, sum->hosts + sum->other);
    if (strlen(out) > room && strchr(state, ' '))
        (void)snprintf(out, size, "%s %u/%u", strchr(state, ' ') + 1, sum->hosts, sum->hosts + sum->other);
}

static void paint_left(struct canvas *c, int row, int col, int width, const struct grant *g,
                       const struct sum *sum, int64_t now)
{
    char left[SHOW_LEFT_SIZE];
    int used;

    if (sum->state == GRANT_OPEN) {
        used = canvas_put(c, row, col, width, STYLE_OPEN, "%s ", show_left(left, sum->ends - now));
        if (width - used >= 9)
            canvas_bar(c, row, col + used, width - used < 10 ? width - used : 10, STYLE_OPEN, sum->ends - now,
                       g->duration);
    } else if (sum->state == GRANT_PENDING)
        canvas_put(c, row, col, width, STYLE_WAITS, "waiting %s",
                   (now - g->requested < 3600 ? show_about : show_left)(left, now - g->requested));
    else if (sum->state == GRANT_EARLY)
        canvas_put(c, row, col, width, STYLE_WAITS, "opens %s", show_clock(left, sum->opens, now));
    else if (sum->review_due && sum->review_due <= now)
        (void)canvas_text(c, row, col, width, STYLE_BAD, "review overdue");
    else if (sum->review_due)
        canvas_put(c, row, col, width, STYLE_WAITS, "review due %s", show_about(left, sum->review_due - now));
    else
        (void)canvas_text(c, row, col, width, sum->verdict == VERDICT_FLAG ? STYLE_BAD : STYLE_FAINT,
                          model_verdict(sum));
}

static void paint_row(struct grants *v, struct canvas *c, struct area area, int row, const struct grant *g,
                      int64_t now)
{
    int w[COLUMNS], y = area.row + row, x = area.col + 2;
    char state[32], approvals[32];
    unsigned faint;
    struct sum sum;

    set_widths(w, area.cols);
    model_sum(g, now, &sum);
    faint = state_style(&sum) == STYLE_FAINT ? STYLE_FAINT : STYLE_PLAIN;
    say_state(&sum, (size_t)w[STATE] - 1, state, sizeof state);
    (void)snprintf(approvals, sizeof approvals, sum.solo ? "solo !" : "%u of %u", sum.filled, sum.need);
    const struct {
        unsigned style;
        const char *text;
    } cell[COLUMNS] = {[STATE] = {state_style(&sum), state},
                       [ROLE] = {sum.critical ? STYLE_STRONG : faint, g->role},
                       [WHO] = {faint, g->person},
                       [HOSTS] = {faint, g->hosts},
                       [APPROVALS] = {sum.solo ? STYLE_BAD : faint, approvals},
                       [REASON] = {faint, g->reason}};

    for (int i = 0; i < COLUMNS; x += w[i++])
        if (i == LEFT)
            paint_left(c, y, x, w[i] - 1, g, &sum, now);
        else
            (void)canvas_text(c, y, x, w[i] - (i != REASON), cell[i].style, cell[i].text);
    if (strcmp(g->id, v->shown.id) == 0)
        list_view_mark(c, y, area);
}

static void paint_head(struct canvas *c, struct area area)
{
    static const char *const names[COLUMNS] = {"STATE",     "ROLE", "WHO",   "HOSTS",
                                               "APPROVALS", "LEFT", "REASON"};
    int w[COLUMNS], x = area.col + 2;

    set_widths(w, area.cols);
    for (int i = 0; i < COLUMNS; x += w[i++])
        (void)canvas_text(c, area.row, x, w[i] - 1, STYLE_FAINT,
                          i == APPROVALS && w[i] < 10 ? "APPR." : names[i]);
}

/* Where one is in a list that is longer than the screen. */
static void paint_position(const struct grants *v, struct canvas *c, struct area area)
{
    char text[64];

    (void)snprintf(text, sizeof text, "%ld of %zu", v->list.at + 1, v->list.view.frame->model.n_shown);
    canvas_right(c, area.row, area.col + area.cols / 2, area.cols - area.cols / 2, STYLE_FAINT, text);
}

/* An empty list says why it is empty, and what one can do. */
static void paint_empty(struct grants *v, struct canvas *c, struct area area)
{
    const struct model *m = &v->list.view.frame->model;
    bg_cleanup_(page_free) struct page page = {0};
    size_t watched = 0, down = 0, listed = 0;

    for (size_t i = 0; i < m->n_hosts; i++) {
        const struct host *h = &m->host[i];

        watched += !h->extra;
        down += !h->extra && h->state == HOST_DOWN;
        listed += !h->extra && h->state != HOST_DOWN && h->listed;
    }
    if (!filter_is_empty(&v->list.filter))
        list_view_nothing(&v->list, &page, "");
    else if (watched == 0) {
        page_add(&page, STYLE_PLAIN, 2,
                 "No host to watch: name some with -H HOST, or one a line in "
                 "~/.config/breakglass/hosts.");
        page_add(&page, STYLE_PLAIN, 2,
                 "p pastes what you were sent; you can sign it here without any host.");
    } else if (down == watched) {
        for (size_t i = 0; i < m->n_hosts; i++)
            page_add(&page, STYLE_BAD, 2, "%s: %s", m->host[i].name, m->host[i].why);
        page_add(&page, STYLE_PLAIN, 2, "Retrying; R retries now. p pastes what you were sent.");
    } else if (listed + down < watched)
        page_add(&page, STYLE_FAINT, 2, "reading …");
    else
        page_add(&page, STYLE_PLAIN, 2, "Nothing is pending and nothing is open. n requests a role.");
    page_paint(&page, c, (struct area){area.row + 2, area.col, area.rows - 2, area.cols});
}

static void paint_pane(struct grants *v, struct canvas *c, struct area area)
{
    struct grant *g = selected(v);
    bg_cleanup_(page_free) struct page page = {0};

    canvas_fill(c, area.row, area.col, area.cols, STYLE_FAINT, L'─');
    if (!g)
        return;
    grant_page_pane(&page, v->list.view.frame, g, v->shown.grant, true);
    page_paint(&page, c, (struct area){area.row + 1, area.col, area.rows - 1, area.cols});
}

static void paint(struct view *view, struct canvas *c, struct area area)
{
    struct grants *v = (struct grants *)(void *)view;
    const struct model *m = &view->frame->model;
    int pane = area.rows - 1 - LIST_ROWS_MIN >= PANE_ROWS && area.cols >= 76 ? area.rows / 2 : 0;
    int64_t now = bg_now();

    if (pane > PANE_ROWS + 4)
        pane = PANE_ROWS + 4;
    v->list.rows = area.rows - 1 - pane;
    arrange(v);
    paint_head(c, area);
    if ((long)m->n_shown > v->list.rows)
        paint_position(v, c, area);
    if (m->n_shown == 0)
        paint_empty(v, c, area);
    for (int row = 0; row < v->list.rows && v->list.top + row < (long)m->n_shown; row++)
        paint_row(v, c, area, row + 1, m->shown[v->list.top + row], now);
    grant_detail_look(&v->shown);
    if (pane && m->n_shown)
        paint_pane(v, c, (struct area){area.row + area.rows - pane, area.col, pane, area.cols});
}

/* What waits stands first in the list: how much of it is above the screen. */
static unsigned waiting_above(const struct grants *v)
{
    const struct model *m = &v->list.view.frame->model;
    int64_t now = bg_now();
    unsigned n = 0;

    for (; n < v->list.top && n < m->n_shown && n < COUNT_MAX; n++) {
        struct sum sum;

        model_sum(m->shown[n], now, &sum);
        if (sum.state != GRANT_PENDING)
            break;
    }
    return n;
}

/* The list never jumps to what is new; so it says that there is something. */
static bool foot(struct view *view, struct canvas *c)
{
    struct grants *v = (struct grants *)(void *)view;
    unsigned above = waiting_above(v);

    if (list_view_foot(view, c))
        return true;
    if (above == 1)
        canvas_put(c, c->rows - 2, 1, c->cols - 2, STYLE_WAITS, "one pending request above; g shows it");
    else if (above)
        canvas_put(c, c->rows - 2, 1, c->cols - 2, STYLE_WAITS, "%u%s pending requests above; g shows them",
                   above, above == COUNT_MAX ? " and more" : "");
    return above > 0;
}

/* --- commands --- */

static void filtered(struct list_view *list)
{
    list->view.frame->model.dirty = true;
}

static bool offers(struct view *view, enum command command)
{
    struct grants *v = (struct grants *)(void *)view;

    if (command == CMD_OPEN)
        return selected(v) != NULL || search_typing(view);
    if (command == CMD_ALL)
        return view->frame->model.n_hosts > 0;
    return grant_offers(view->frame, v->shown.id, command);
}

static bool scroll(struct grants *v, enum command command)
{
    if (!list_view_move(&v->list, command, v->list.view.frame->model.n_shown))
        return false;
    choose(v);
    return true;
}

/* Who does something with a grant has chosen it. */
static bool on_grant(struct grants *v, enum command command)
{
    if (!*v->shown.id || !grant_command(v->list.view.frame, v->shown.id, command))
        return false;
    v->list.bound = true;
    return true;
}

static void toggle_all(struct grants *v)
{
    v->all = !v->all;
    live_refresh(v->list.view.frame->live, &v->all);
    frame_say(v->list.view.frame, STYLE_PLAIN, v->all ? "archive shown; x hides it" : "archive hidden");
}

static bool command(struct view *view, enum command command)
{
    struct grants *v = (struct grants *)(void *)view;

    switch (command) {
    case CMD_ALL:
        toggle_all(v);
        return true;
    case CMD_REQUEST:
        (void)frame_open(view->frame, VIEW_REQUEST, &(struct view_params){0});
        return true;
    case CMD_PASTE:
        (void)frame_open(view->frame, VIEW_PASTE, &(struct view_params){0});
        return true;
    default:
        return list_view_command(view, command) || scroll(v, command) || on_grant(v, command);
    }
}

static enum pace pace(struct view *view)
{
    struct grants *v = (struct grants *)(void *)view;
    const struct model *m = &view->frame->model;
    int64_t now = bg_now();

    for (long i = v->list.top; i < v->list.top + v->list.rows && i < (long)m->n_shown; i++) {
        struct sum sum;

        model_sum(m->shown[i], now, &sum);
        if (sum.state == GRANT_OPEN)
            return PACE_SECONDS;
    }
    return PACE_MINUTES;
}

static void changed(struct view *view, size_t host, const char *id, struct reply *grant)
{
    grant_detail_changed(&((struct grants *)(void *)view)->shown, host, id, grant);
}

static const char *grant(const struct view *view)
{
    return ((const struct grants *)(const void *)view)->shown.id;
}

/* Nobody pastes by accident what is a token. */
static bool pasted(struct view *view, const char *text, size_t len)
{
    if (!list_view_pasted(view, text, len))
        (void)frame_open(view->frame, VIEW_PASTE, &(struct view_params){.text = text, .len = len});
    return true;
}

static void free_it(struct view *view)
{
    struct grants *v = (struct grants *)(void *)view;

    filter_free(&v->list.filter);
    grant_detail_free(&v->shown);
}

static bool begin(struct view *view, const struct view_params *params)
{
    struct grants *v = (struct grants *)(void *)view;

    (void)params;
    v->shown.view = view;
    v->list.parts = FILTER_GRANTS;
    v->list.at_once = true;
    v->list.filtered = filtered;
    return true;
}

const struct view_type grants_view = {
    .where = MODE_GRANTS,
    .size = sizeof(struct grants),
    .begin = begin,
    .paint = paint,
    .foot = foot,
    .key = list_view_key,
    .pasted = pasted,
    .command = command,
    .offers = offers,
    .pace = pace,
    .changed = changed,
    .grant = grant,
    .select = select_grant,
    .free = free_it,
};
