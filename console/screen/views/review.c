/* SPDX-License-Identifier: ISC */
/* Review: what was done, and a signed verdict on it, once for all hosts. */
#include "console/screen/views/answer_view.h"
#include "console/screen/views/views.h"

#include "console/screen/data/grant_standing.h"
#include "console/screen/terminal/terminal.h"
#include "console/screen/text/grant_page.h"

struct review_view {
    struct answer_view common; /* first */
    struct reply *log;         /* of the grant, or NULL */
    bool hidden;               /* the host that told it shows us only what we may see */
};

static void on_log(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    struct review_view *v = arg;
    struct frame *frame = v->common.view.frame;

    (void)sentence;
    v->hidden = !frame->model.host[host].is.who->sees_all;
    if (r == 0)
        reply_keep(&v->log, reply);
    frame->dirty = true;
}

static void build(struct review_view *r)
{
    struct answer_view *v = &r->common;

    page_clear(&v->view.page);
    answer_view_look(v);
    if (v->answer.grant)
        grant_page_details(&v->view.page, v->view.frame, v->answer.grant, answer_shown(&v->answer), r->log,
                           r->hidden);
    if (!v->fetch.ready && !v->fetch.waiting)
        page_add(&v->view.page, STYLE_BAD, 0, "%s", v->fetch.why.text);
}

static void paint(struct view *view, struct canvas *c, struct area area)
{
    struct answer_view *v = answer_view_of(view);
    int row;

    build((struct review_view *)(void *)view);
    row = answer_view_paint(v, c, area);
    if (view->where != MODE_APPROVE) {
        canvas_put(c, row, area.col, area.cols, STYLE_STRONG, "As %s: o signs off, f flags it, Esc: later.",
                   v->person);
        return;
    }
    canvas_put(c, row, area.col, area.cols, STYLE_STRONG, "%s. Enter signs as %s. Esc cancels.",
               v->answer.flagged ? "FLAG, with a note" : "OK, with or without a note", v->person);
    answer_view_paint_field(v, c, row + 1, area, "Note: ");
}

static void sign(struct answer_view *v)
{
    struct bg_sentence err = {0};

    answer_view_look(v);
    if (!v->answer.request)
        frame_say(v->view.frame, STYLE_WAITS, "the signed request is not here yet");
    else if (answer_check(&v->answer, &err) < 0)
        frame_say(v->view.frame, STYLE_BAD, "%s", err.text);
    else
        (void)answer_view_sign(v, &err);
}

static bool key(struct view *view, int key)
{
    if (view->where != MODE_APPROVE)
        return false;
    if (key == TERM_ENTER)
        sign(answer_view_of(view));
    else if (key == TERM_ESCAPE)
        view->where = MODE_REVIEW;
    else
        return field_key(&answer_view_of(view)->field, key);
    return true;
}

static bool pasted(struct view *view, const char *text, size_t len)
{
    if (view->where == MODE_APPROVE)
        field_paste(&answer_view_of(view)->field, text, len);
    return view->where == MODE_APPROVE;
}

static bool command(struct view *view, enum command command)
{
    if (command != CMD_VERDICT_OK && command != CMD_VERDICT_FLAG)
        return page_command(&view->page, command);
    answer_view_of(view)->answer.flagged = command == CMD_VERDICT_FLAG;
    view->where = MODE_APPROVE;
    return true;
}

static void free_it(struct view *view)
{
    reply_unref(((struct review_view *)(void *)view)->log);
    answer_view_free(view);
}

static bool begin(struct view *view, const struct view_params *params)
{
    if (!answer_view_begin(view, ANSWER_REVIEW, params->id))
        return false;
    (void)grant_ask_log(view->frame, params->id, view, on_log);
    return true;
}

const struct view_type review_view = {
    .where = MODE_REVIEW,
    .size = sizeof(struct review_view),
    .title = "Review",
    .begin = begin,
    .paint = paint,
    .key = key,
    .pasted = pasted,
    .command = command,
    .changed = answer_view_changed,
    .grant = answer_view_grant,
    .free = free_it,
};
