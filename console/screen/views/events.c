/* SPDX-License-Identifier: ISC */
/* Events: the journals of the hosts, live, newest first. */
#include "console/screen/views/views.h"

#include "policy/record/event.h"
#include "console/screen/data/journal.h"
#include "console/screen/text/list_view.h"
#include "console/words/grant.h"
#include "policy/base/timestamp.h"

#include <stdlib.h>
#include <string.h>

struct events {
    struct list_view list;
    struct journal journal;
    struct entry **shown; /* those that fit */
    size_t n, room;
    unsigned changes; /* of the journal, at that time */
    /* The chosen one, by host and number. */
    uint16_t host;
    uint64_t seq;
    bool to_last; /* goes on to the last one, while older ones are read */
    bool all;     /* those of the front door, too */
    size_t door;  /* of those how many fit */
};

static struct events *of(struct view *view)
{
    return (struct events *)(void *)view;
}

/* --- what is shown --- */

/* The first row is the newest event, whichever that is. */
static void choose(struct events *v)
{
    v->list.bound = v->list.at > 0;
    if (v->n) {
        v->host = v->shown[v->list.at]->host;
        v->seq = v->shown[v->list.at]->seq;
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
    long at = v->to_last ? (long)v->n - 1 : -1;

    for (size_t i = 0; v->list.bound && !v->to_last && at < 0 && i < v->n; i++)
        if (v->shown[i]->host == v->host && v->shown[i]->seq == v->seq)
            at = (long)i;
    list_view_place(&v->list, at, v->n);
    choose(v);
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
    const struct model *m = &v->list.view.frame->model;
    char when[SHOW_LEFT_SIZE];
    int x = area.col + 2, host = m->n_hosts > 1 ? 10 : 0, event = event_width();

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
    if (chosen)
        list_view_mark(c, row, area);
}

static void paint_chosen(struct events *v, struct canvas *c, struct area area)
{
    const struct entry *e = v->shown[v->list.at];
    char id[SHOW_ID_SIZE], when[BG_TIME_SIZE];
    struct page page = {0};

    bg_time_format(when, e->time);
    page_add(&page, STYLE_STRONG, 0, "%s on %s, %s, number %llu", e->event,
             v->list.view.frame->model.host[e->host].name, when, (unsigned long long)e->seq);
    page_add(&page, STYLE_PLAIN, 0, "%s", e->message);
    if (*e->grant)
        page_add(&page, STYLE_FAINT, 0, "grant %s   Enter: its details", show_id(id, e->grant));
    page_paint(&page, c, (struct area){area.row + 1, area.col, area.rows - 1, area.cols});
    page_free(&page);
}

static void say_empty(struct events *v, struct canvas *c, struct area area)
{
    const struct model *m = &v->list.view.frame->model;
    struct page page = {0};

    for (size_t i = 0; i < m->n_hosts; i++)
        if (*v->journal.host[i].why)
            page_add(&page, STYLE_BAD, 2, "%s: %s", m->host[i].name, v->journal.host[i].why);
    if (page.n == 0 && journal_busy(&v->journal))
        page_add(&page, STYLE_FAINT, 2, "reading …");
    else if (page.n == 0 && !filter_is_empty(&v->list.filter))
        list_view_nothing(&v->list, &page, journal_end(&v->journal) == JOURNAL_LOOKED ? " so far" : "");
    else if (page.n == 0)
        page_add(&page, STYLE_FAINT, 2, "No events that you may see.");
    page_paint(&page, c, area);
    page_free(&page);
}

/* What is not on the screen below, and how one gets there. */
static const char *below(const struct events *v)
{
    enum journal_end end = journal_end(&v->journal);

    if (v->list.top + v->list.rows < (long)v->n)
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
    v->list.rows = area.rows - 1 - (pane ? pane : 1);
    place(v);
    if (v->n == 0)
        say_empty(v, c, (struct area){area.row + 2, area.col, area.rows - 2, area.cols});
    for (int row = 0; row < v->list.rows && v->list.top + row < (long)v->n; row++)
        paint_row(v, c, area, area.row + 1 + row, v->shown[v->list.top + row],
                  v->list.top + row == v->list.at);
    if (pane && v->n)
        paint_chosen(v, c, (struct area){area.row + area.rows - pane, area.col, pane, area.cols});
    if ((v->to_last || v->list.top + 2 * v->list.rows > (long)v->n) &&
        !journal_older(&v->journal, v->to_last))
        v->to_last = false;
    if (v->n)
        paint_below(v, c, area.row + area.rows - (pane ? pane : 1), area, pane > 0);
}

/* --- commands --- */

static void filtered(struct list_view *list)
{
    struct events *v = of(&list->view);

    v->n = 0;
    v->list.at = v->list.top = 0;
    v->list.bound = v->to_last = false;
    journal_restart(&v->journal);
}

static void open_details(struct events *v)
{
    struct frame *frame = v->list.view.frame;
    const char *grant = v->n ? v->shown[v->list.at]->grant : "";

    if (bg_is_id(grant))
        (void)frame_open(frame, VIEW_DETAILS, &(struct view_params){.id = grant});
    else
        frame_say(frame, STYLE_PLAIN, "this event belongs to no grant");
}

static bool scroll(struct events *v, enum command command)
{
    if (!list_view_move(&v->list, command, v->n))
        return false;
    /* The last is the last there is: older ones are read until it is here. */
    v->to_last = command == CMD_LAST;
    if (v->to_last)
        journal_further(&v->journal);
    choose(v);
    return true;
}

static bool command(struct view *view, enum command command)
{
    struct events *v = of(view);

    if (v->changes != v->journal.changes) /* some that were shown may have been dropped */
        arrange(v);
    switch (command) {
    case CMD_OPEN:
        open_details(v);
        return true;
    case CMD_ALL:
        v->all = !v->all;
        return true;
    case CMD_RETRY:
        filtered(&v->list);
        return false;
    default:
        return list_view_command(view, command) || scroll(v, command);
    }
}

static bool offers(struct view *view, enum command command)
{
    struct events *v = of(view);

    if (command == CMD_ALL)
        return v->door > 0;
    return command != CMD_OPEN || search_typing(view) || (v->n && bg_is_id(v->shown[v->list.at]->grant));
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
    filter_free(&v->list.filter);
    free(v->shown);
}

static bool begin(struct view *view, const struct view_params *params)
{
    struct events *v = of(view);

    (void)params;
    v->journal.frame = view->frame;
    v->journal.filter = &v->list.filter;
    v->list.parts = FILTER_EVENTS;
    v->list.filtered = filtered;
    return true;
}

const struct view_type events_view = {
    .where = MODE_EVENTS,
    .size = sizeof(struct events),
    .begin = begin,
    .paint = paint,
    .foot = list_view_foot,
    .key = list_view_key,
    .pasted = list_view_pasted,
    .command = command,
    .offers = offers,
    .logged = logged,
    .free = free_it,
};
