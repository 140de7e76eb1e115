/* SPDX-License-Identifier: ISC */
/* The screen as a whole: the line of the hosts, the tabs, the view on top, its message and the keys. */
#include "console/screen/paint.h"

#include "console/screen/terminal/terminal.h"
#include "console/screen/text/text_view.h"
#include "console/base/print.h"

#define SMALLEST_ROWS 16
#define SMALLEST_COLS 60
#define HEAD_SIZE 420
#define NAMES_SIZE 256

enum pace paint_pace(struct frame *frame)
{
    enum pace pace = PACE_MINUTES;

    for (size_t i = 0; i < frame->model.n_hosts; i++)
        if (frame->model.host[i].asked_at)
            return PACE_SECONDS; /* to say which host hangs */
    for (struct view *v = frame_top(frame); v; v = v->below)
        if (v->type->pace && v->type->pace(v) > pace)
            pace = v->type->pace(v);
    return pace;
}

/* How the watched hosts are: "3 hosts, db3 unreachable". */
static void say_hosts(const struct model *m, char *out, size_t size)
{
    char down[NAMES_SIZE] = "", silent[NAMES_SIZE] = "";
    size_t watched = 0, n_silent = 0;
    bool connecting = false;
    const char *name = "";

    for (size_t i = 0; i < m->n_hosts; i++) {
        const struct host *h = &m->host[i];

        if (h->extra)
            continue;
        watched++;
        name = h->name;
        if (h->state == HOST_DOWN)
            text_append(down, sizeof down, "%s%s", *down ? ", " : "", name);
        else if (live_hangs(h))
            text_append(silent, sizeof silent, "%s%s", n_silent++ ? ", " : "", name);
        else
            connecting |= h->state == HOST_CONNECTING;
    }
    if (watched == 1)
        text_append(out, size, "%s%s%s", name, *down ? " unreachable" : "",
                    n_silent ? " does not answer" : "");
    else if (watched == 0)
        text_append(out, size, "no host to watch");
    else
        text_append(out, size, "%zu hosts", watched);
    if (watched > 1 && *down)
        text_append(out, size, ", %s unreachable", down);
    if (watched > 1 && n_silent)
        text_append(out, size, ", %s %s not answer", silent, n_silent > 1 ? "do" : "does");
    if (connecting)
        text_append(out, size, ", connecting …");
}

static void say_us(struct frame *frame, const char *role, char *out, size_t size)
{
    const char *person = frame_person(frame);
    char clock[BG_TIME_SIZE];

    bg_time_format(clock, bg_now());
    (void)snprintf(out, size, "%.60s%s%s%.*s UTC ", *person ? person : "(nobody known)", role,
                   frame->door ? " at the door   " : "   ", paint_pace(frame) == PACE_SECONDS ? 8 : 5,
                   clock + 11);
}

static void paint_head(struct frame *frame, struct canvas *c)
{
    static const char *const names[LISTS] = {"1 Grants", "3 Events", "4 Rules"};
    char left[HEAD_SIZE] = "breakglass  ", right[128];
    int col = 1;

    say_hosts(&frame->model, left, sizeof left);
    say_us(frame, frame_approves(frame) ? " · approver" : "", right, sizeof right);
    /* How the hosts are matters more. */
    if (canvas_width(c, left) + canvas_width(c, right) > c->cols - 3)
        say_us(frame, "", right, sizeof right);
    canvas_fill(c, 0, 0, c->cols, STYLE_BAR, L' ');
    (void)canvas_text(c, 0, 1, c->cols - 2 - canvas_width(c, right), STYLE_BAR, left);
    canvas_right(c, 0, c->cols - canvas_width(c, right), canvas_width(c, right), STYLE_BAR, right);
    if (frame->top && frame->top->type->title) {
        (void)canvas_text(c, 1, 1, c->cols - 2, STYLE_STRONG, frame->top->type->title);
        return;
    }
    for (int i = 0; i < LISTS; i++)
        col += canvas_text(c, 1, col, c->cols - col,
                           i == frame->which ? STYLE_STRONG | STYLE_CHOSEN : STYLE_FAINT, names[i]) +
               3;
    canvas_right(c, 1, c->cols - 8, 7, STYLE_FAINT, "? help");
}

static bool top_offers(void *arg, enum command command)
{
    struct view *top = frame_top(arg);

    return !top->type->offers || top->type->offers(top, command);
}

static void paint_foot(struct frame *frame, struct canvas *c)
{
    struct view *top = frame_top(frame);

    if (*frame->message)
        (void)canvas_text(c, c->rows - 2, 1, c->cols - 2, frame->message_style, frame->message);
    else if (!(top->type->foot && top->type->foot(top, c)) && !(top->type->build && text_view_foot(top, c)))
        canvas_fill(c, c->rows - 2, 1, c->cols - 2, STYLE_FAINT, L'─');
    keys_footer(c, c->rows - 1, top->where, top_offers, frame);
}

bool paint_too_small(const struct canvas *c)
{
    return c->rows < SMALLEST_ROWS || c->cols < SMALLEST_COLS;
}

void paint_all(struct frame *frame)
{
    struct canvas *c = &frame->canvas;
    struct area area = {2, 1, c->rows - 4, c->cols - 2};
    struct view *top = frame_top(frame);

    frame->dirty = false;
    canvas_clear(c);
    c->cursor_row = c->rows - 1;
    c->cursor_col = 0;
    if (paint_too_small(c)) {
        canvas_put(c, 0, 0, c->cols, STYLE_STRONG, "needs %dx%d", SMALLEST_COLS, SMALLEST_ROWS);
        canvas_put(c, 1, 0, c->cols, STYLE_PLAIN, "has %dx%d", c->cols, c->rows);
        canvas_put(c, 2, 0, c->cols, STYLE_PLAIN, "q: back");
    } else {
        (top->type->paint ? top->type->paint : text_view_paint)(top, c, area);
        paint_head(frame, c);
        paint_foot(frame, c);
    }
    term_paint(c);
}
