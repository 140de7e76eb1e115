/* SPDX-License-Identifier: ISC */
/* Events: the journals of the hosts, live, newest first. */
#include "console/screen/views/views.h"

#include "policy/record/event.h"
#include "console/screen/frame/search.h"
#include "console/screen/data/events_data.h"
#include "console/screen/terminal/page.h"
#include "console/words/grant.h"
#include "policy/base/timestamp.h"

#include <stdlib.h>
#include <string.h>

struct events {
    struct view view;
    struct journal journal;
    struct entry **shown; /* those that fit */
    size_t n, room;
    unsigned changes; /* of the journal, at that time */
    /* The selected one stays with its event: by host and number; none: the newest, whatever it is. */
    bool follows;
    uint16_t host;
    uint64_t seq;
    long at, top;
    int rows;
    bool to_last; /* goes on to the last one, while older ones are read */
    bool all;     /* those of the front door, too */
    size_t door;  /* of those how many fit */
};

static struct events *of(struct view *view)
{
    return (struct events *)(void *)view;
}

/* --- what is shown --- */

static void choose(struct events *v, long at)
{
    if (at >= (long)v->n)
        at = (long)v->n - 1;
    if (at < 0)
        at = 0;
    v->at = at;
    v->follows = at == 0;
    if (v->n) {
        v->host = v->shown[at]->host;
        v->seq = v->shown[at]->seq;
    }
}

static void fit(struct events *v)
{
    struct journal *j = &v->journal;

    v->n = v->door = 0;
    if (v->room < j->n) {
        struct entry **shown = reallocarray(v->shown, j->n, sizeof(struct entry *));

        if (!shown)
            return;
        v->shown = shown;
        v->room = j->n;
    }
    v->changes = j->changes;
    for (size_t i = 0; i < j->n; i++) {
        v->door += j->v[i]->door;
        if (v->all || !j->v[i]->door)
            v->shown[v->n++] = j->v[i];
    }
}

static void place(struct events *v)
{
    long offset = v->at - v->top;

    if (v->follows)
        choose(v, 0);
    else
        for (size_t i = 0; i < v->n; i++)
            if (v->shown[i]->host == v->host && v->shown[i]->seq == v->seq) {
                v->at = (long)i;
                v->top = v->at - offset;
                break;
            }
    if (v->to_last || v->at >= (long)v->n)
        choose(v, (long)v->n - 1);
    if (v->at < v->top)
        v->top = v->at;
    if (v->at >= v->top + v->rows)
        v->top = v->at - v->rows + 1;
    if (v->top < 0)
        v->top = 0;
}

static void arrange(struct events *v)
{
    fit(v);
    place(v);
}

/* --- painting --- */

static unsigned style_of(const char *event)
{
    static const struct {
        const char *name;
        unsigned style;
    } styles[] = {
        {"grant.open", STYLE_OPEN},      {"grant.used", STYLE_OPEN},       {"session.opened", STYLE_OPEN},
        {"grant.refused", STYLE_BAD},    {"grant.revoked", STYLE_BAD},     {"statement.rejected", STYLE_BAD},
        {"policy.invalid", STYLE_BAD},   {"session.killed", STYLE_BAD},    {"review.overdue", STYLE_BAD},
        {"grant.expiring", STYLE_WAITS}, {"request.created", STYLE_WAITS}, {"gate.locked", STYLE_BAD},
        {"request.denied", STYLE_BAD},   {"grant.approved", STYLE_STRONG},
    };

    for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++)
        if (strcmp(styles[i].name, event) == 0)
            return styles[i].style;
    return STYLE_PLAIN;
}

/* No name of an event is cut. */
static int event_width(void)
{
    int width = 0;

    for (int i = 0; i < BG_EVENT_COUNT; i++) {
        int n = (int)strlen(bg_event_name((enum bg_event_id)i));

        width = n > width ? n : width;
    }
    return width;
}

static void paint_row(struct events *v, struct canvas *c, struct area area, int row, const struct entry *e,
                      bool chosen)
{
    const struct model *m = &v->view.frame->model;
    char when[SHOW_LEFT_SIZE];
    int x = area.col, host = m->n_hosts > 1 ? 10 : 0, event = event_width();

    (void)canvas_text(c, row, x, 1, STYLE_STRONG, chosen ? "▸" : " ");
    x += 2;
    if (e->time > bg_now() - 86400) {
        bg_time_format(when, e->time);
        canvas_put(c, row, x, 12, STYLE_FAINT, "%.8s", when + 11);
    } else
        (void)canvas_text(c, row, x, 12, STYLE_FAINT, show_clock(when, e->time, bg_now()));
    x += 13;
    if (host)
        (void)canvas_text(c, row, x, host - 1, STYLE_PLAIN, m->host[e->host].name);
    x += host;
    (void)canvas_text(c, row, x, event, e->door ? STYLE_FAINT : style_of(e->event), e->event);
    x += event + 1;
    (void)canvas_text(c, row, x, area.cols - (x - area.col), e->door ? STYLE_FAINT : STYLE_PLAIN, e->message);
    if (!chosen)
        return;
    canvas_choose(c, row, area.col, area.cols);
    c->cursor_row = row;
    c->cursor_col = area.col;
}

static void paint_chosen(struct events *v, struct canvas *c, struct area area)
{
    const struct entry *e = v->shown[v->at];
    char id[64], when[BG_TIME_SIZE];
    struct page page = {0};

    bg_time_format(when, e->time);
    page_add(&page, STYLE_STRONG, 0, "%s on %s, %s, number %llu", e->event,
             v->view.frame->model.host[e->host].name, when, (unsigned long long)e->seq);
    page_add(&page, STYLE_PLAIN, 0, "%s", e->message);
    if (*e->grant)
        page_add(&page, STYLE_FAINT, 0, "grant %s   Enter: its details", show_id(id, e->grant));
    page_paint(&page, c, (struct area){area.row + 1, area.col, area.rows - 1, area.cols});
    page_free(&page);
}

static void say_empty(struct events *v, struct canvas *c, struct area area)
{
    const struct model *m = &v->view.frame->model;
    struct page page = {0};

    for (size_t i = 0; i < m->n_hosts; i++)
        if (*v->journal.host[i].why)
            page_add(&page, STYLE_BAD, 2, "%s: %s", m->host[i].name, v->journal.host[i].why);
    if (page.n == 0 && journal_busy(&v->journal))
        page_add(&page, STYLE_FAINT, 2, "reading …");
    else if (page.n == 0 && !filter_is_empty(&v->journal.filter)) {
        char by[FIELD_MAX + 256];

        filter_say(&v->journal.filter, by, sizeof(by));
        page_add(&page, STYLE_PLAIN, 2, "Nothing matches%s: %s. Esc shows everything.",
                 journal_end(&v->journal) == JOURNAL_LOOKED ? " so far" : "", by);
    } else if (page.n == 0)
        page_add(&page, STYLE_FAINT, 2, "No events that you may see.");
    page_paint(&page, c, area);
    page_free(&page);
}

/* What is not on the screen below, and how one gets there. */
static const char *below(const struct events *v)
{
    enum journal_end end = journal_end(&v->journal);

    if (v->top + v->rows < (long)v->n)
        return "older ones below …";
    switch (end) {
    case JOURNAL_MORE:
        return v->to_last || journal_busy(&v->journal) ? "reading older ones …" : "older ones below …";
    case JOURNAL_LOOKED:
        return "G looks further back";
    case JOURNAL_FULL:
        return "older ones: breakglass log";
    default:
        return "";
    }
}

static void paint_below(const struct events *v, struct canvas *c, int row, struct area area, bool line)
{
    const char *text = below(v);
    int width = canvas_width(c, text);

    if (line)
        canvas_fill(c, row, area.col, area.cols, STYLE_FAINT, L'─');
    if (*text)
        canvas_put(c, row, area.col + 2, width + 2, STYLE_WAITS, line ? " %s " : "%s", text);
}

/* The chain, and what is not in the list. Gives the rows it takes. */
static int paint_head(struct events *v, struct canvas *c, struct area area)
{
    struct page page = {0};
    char chain[600], looked[160];
    unsigned style = journal_chain(&v->journal, chain, sizeof(chain));
    int rows;

    page_add(&page, style, 0, "%s", chain);
    journal_looked(&v->journal, looked, sizeof(looked));
    if (*looked)
        page_add(&page, STYLE_FAINT, 0, "%s", looked);
    if (v->door)
        page_add(&page, STYLE_FAINT, 0,
                 v->all ? "%zu sessions of the front door shown; x hides them"
                        : "%zu sessions of the front door hidden; x shows them",
                 v->door);
    rows = page_rows(&page, c, area.cols) > 4 ? 4 : (int)page_rows(&page, c, area.cols);
    page_paint(&page, c, (struct area){area.row, area.col, rows, area.cols});
    page_free(&page);
    return rows;
}

static void paint(struct view *view, struct canvas *c, struct area area)
{
    struct events *v = of(view);
    int pane = area.rows >= 18 ? 5 : 0, head;

    journal_follow(&v->journal);
    fit(v);
    head = paint_head(v, c, area);
    area.row += head - 1;
    area.rows -= head - 1;
    v->rows = area.rows - 1 - (pane ? pane : 1);
    place(v);
    if (v->n == 0)
        say_empty(v, c, (struct area){area.row + 2, area.col, area.rows - 2, area.cols});
    for (int row = 0; row < v->rows && v->top + row < (long)v->n; row++)
        paint_row(v, c, area, area.row + 1 + row, v->shown[v->top + row], v->top + row == v->at);
    if (pane && v->n)
        paint_chosen(v, c, (struct area){area.row + area.rows - pane, area.col, pane, area.cols});
    if ((v->to_last || v->top + 2 * v->rows > (long)v->n) && !journal_older(&v->journal, v->to_last))
        v->to_last = false;
    if (v->n)
        paint_below(v, c, area.row + area.rows - (pane ? pane : 1), area, pane > 0);
}

static bool foot(struct view *view, struct canvas *c)
{
    return search_paint(view, c, "Filter: ", FILTER_EVENTS " or words");
}

/* --- commands --- */

static void set_filter(struct events *v)
{
    v->n = 0;
    v->at = v->top = 0;
    v->follows = true;
    v->to_last = false;
    if (journal_filter(&v->journal, v->view.search.field.text) < 0)
        frame_say(v->view.frame, STYLE_BAD, "no memory left");
    filter_wrong(&v->journal.filter, FILTER_EVENTS, v->view.search.wrong, sizeof(v->view.search.wrong));
}

/* Hosts are asked anew, so not at every letter. */
static bool key(struct view *view, int key)
{
    enum search_answer answer = search_key(view, key);

    if (answer == SEARCH_DONE || answer == SEARCH_LEFT)
        set_filter(of(view));
    return answer != SEARCH_NOT_MINE;
}

static bool pasted(struct view *view, const char *text, size_t len)
{
    return search_paste(view, text, len);
}

static void open_details(struct events *v)
{
    struct frame *frame = v->view.frame;
    const char *grant = v->n ? v->shown[v->at]->grant : "";

    if (bg_is_id(grant))
        (void)frame_open(frame, VIEW_DETAILS, &(struct view_params){.id = grant});
    else
        frame_say(frame, STYLE_PLAIN, "this event belongs to no grant");
}

static bool scroll(struct events *v, enum command command)
{
    long to;

    if (!keys_move(command, v->at, v->rows, (long)v->n, &to))
        return false;
    /* The last is the last there is: older ones are read until it is here. */
    v->to_last = command == CMD_LAST;
    if (v->to_last)
        journal_further(&v->journal);
    choose(v, to);
    return true;
}

static bool command(struct view *view, enum command command)
{
    struct events *v = of(view);

    if (v->changes != v->journal.changes) /* some that were shown may have been dropped */
        arrange(v);
    switch (command) {
    case CMD_FILTER:
        search_begin(view);
        return true;
    case CMD_BACK:
        if (v->view.search.field.len) {
            field_set(&v->view.search.field, "");
            set_filter(v);
        }
        return true;
    case CMD_OPEN:
        open_details(v);
        return true;
    case CMD_ALL:
        v->all = !v->all;
        return true;
    case CMD_RETRY:
        set_filter(v);
        return false;
    default:
        return scroll(v, command);
    }
}

static bool offers(struct view *view, enum command command)
{
    struct events *v = of(view);

    if (command == CMD_ALL)
        return v->door > 0;
    return command != CMD_OPEN || search_typing(view) || (v->n && bg_is_id(v->shown[v->at]->grant));
}

/* Only while it is looked at; else when it is again. */
static void logged(struct view *view, size_t host)
{
    journal_logged(&of(view)->journal, host);
    if (frame_top(view->frame) == view) {
        journal_follow(&of(view)->journal);
        view->frame->dirty = true;
    }
}

static void free_it(struct view *view)
{
    struct events *v = of(view);

    journal_free(&v->journal);
    free(v->shown);
}

static bool begin(struct view *view, const struct view_params *params)
{
    struct events *v = of(view);

    (void)params;
    v->journal.frame = view->frame;
    v->follows = true;
    return true;
}

const struct view_type events_view = {
    .where = MODE_EVENTS,
    .size = sizeof(struct events),
    .begin = begin,
    .paint = paint,
    .foot = foot,
    .key = key,
    .pasted = pasted,
    .command = command,
    .offers = offers,
    .logged = logged,
    .free = free_it,
};
