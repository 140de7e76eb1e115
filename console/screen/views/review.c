/* SPDX-License-Identifier: ISC */
/* Review: what was done, and a signed verdict on it, once for all hosts. */
#include "console/screen/views/views.h"

#include "console/screen/data/grant_standing.h"
#include "console/screen/views/delivery.h"
#include "console/screen/views/signing.h"
#include "console/screen/data/request_fetch.h"
#include "console/screen/terminal/field.h"
#include "console/screen/terminal/page.h"
#include "console/screen/text/grant_page.h"
#include "console/screen/terminal/terminal.h"

#include "console/action/compose.h"

#include <string.h>

struct review {
    struct view view;
    struct request_fetch carrying;
    struct page page;
    struct field note;
    struct reply *log; /* of the grant, or NULL */
    bool hidden;       /* the host that told it shows us only what we may see */
    bool flagged;
};

static struct review *of(struct view *view)
{
    return (struct review *)(void *)view;
}

static void on_log(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    struct review *v = arg;

    (void)sentence;
    v->hidden = !v->view.frame->model.host[host].is.who->sees_all;
    if (r == 0)
        reply_keep(&v->log, reply);
    v->view.frame->dirty = true;
}

static void build(struct review *v)
{
    const struct grant *g = model_find(&v->view.frame->model, v->carrying.id);

    page_clear(&v->page);
    if (g)
        grant_page_details(&v->page, v->view.frame, g, v->carrying.shown, v->log, v->hidden);
    if (!v->carrying.ready && !v->carrying.waiting)
        page_add(&v->page, STYLE_BAD, 0, "%s", v->carrying.why);
}

static void paint(struct view *view, struct canvas *c, struct area area)
{
    struct review *v = of(view);
    int row = area.row + area.rows - 2, used;

    build(v);
    page_paint(&v->page, c, (struct area){area.row, area.col, area.rows - 3, area.cols});
    canvas_fill(c, row - 1, area.col, area.cols, STYLE_FAINT, L'─');
    if (view->where != MODE_AGREE) {
        canvas_put(c, row, area.col, area.cols, STYLE_STRONG, "As %s: o signs off, f flags it, Esc: later.",
                   frame_person(view->frame));
        return;
    }
    canvas_put(c, row, area.col, area.cols, STYLE_STRONG, "%s. Enter signs as %s, Esc does not.",
               v->flagged ? "FLAG, with a note" : "OK, with or without a note", frame_person(view->frame));
    used = canvas_text(c, row + 1, area.col, 8, STYLE_PLAIN, "Note: ");
    field_paint(&v->note, c, row + 1, area.col + used, area.cols - used, true);
}

static void sign(struct review *v)
{
    struct frame *frame = v->view.frame;
    struct fetched *f = &v->carrying.fetched;
    struct bg_statement st = {0};
    struct bg_bundle_item item = {0};
    struct bg_sentence err = {0};
    int r;

    if (!v->carrying.ready) {
        frame_say(frame, STYLE_WAITS, "the signed request is not here yet");
        return;
    }
    r = compose_review(&st, &f->request, frame_person(frame), v->flagged, v->note.text, &err);
    r = signing_made(frame, r, &st, &item, &err);
    if (r < 0)
        return;
    delivery_open(frame, &(struct delivery_params){.what = BRING_REVIEW,
                                                   .request_text = &f->request,
                                                   .request = &f->items.v[0],
                                                   .said = &item});
    frame_done(&v->view);
}

static bool key(struct view *view, int key)
{
    struct review *v = of(view);

    if (view->where != MODE_AGREE)
        return false;
    if (key == TERM_ENTER) {
        if (v->flagged && v->note.len == 0)
            frame_say(view->frame, STYLE_WAITS, "a flag says why: write a note");
        else
            sign(v);
        return true;
    }
    if (key == TERM_ESCAPE) {
        view->where = MODE_REVIEW;
        return true;
    }
    return field_key(&v->note, key);
}

static bool pasted(struct view *view, const char *text, size_t len)
{
    if (view->where != MODE_AGREE)
        return false;
    field_paste(&of(view)->note, text, len);
    return true;
}

static bool command(struct view *view, enum command command)
{
    struct review *v = of(view);

    if (command == CMD_VERDICT_OK || command == CMD_VERDICT_FLAG) {
        v->flagged = command == CMD_VERDICT_FLAG;
        view->where = MODE_AGREE;
        return true;
    }
    return page_command(&v->page, command);
}

static void free_it(struct view *view)
{
    request_fetch_free(&of(view)->carrying);
    page_free(&of(view)->page);
    reply_unref(of(view)->log);
}

static bool begin(struct view *view, const struct view_params *params)
{
    struct review *v = of(view);

    if (frame_nobody(view->frame))
        return false;
    request_fetch_begin(&v->carrying, view->frame, view, params->id);
    (void)grant_ask_log(view->frame, params->id, v, on_log);
    return true;
}

const struct view_type review_view = {
    .where = MODE_REVIEW,
    .size = sizeof(struct review),
    .title = "Review",
    .begin = begin,
    .paint = paint,
    .key = key,
    .pasted = pasted,
    .command = command,
    .free = free_it,
};
