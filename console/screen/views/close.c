/* SPDX-License-Identifier: ISC */
/* Deny, revoke, give back: says what will end, and takes one deliberate key; a reason is never demanded. */
#include "console/screen/views/answer_view.h"
#include "console/screen/data/delivery.h"
#include "console/screen/views/views.h"

#include "console/action/answer_text.h"
#include "console/screen/terminal/terminal.h"

#include <errno.h>

static void build(struct answer_view *v)
{
    struct page *page = &v->view.page;
    char shown[BG_ID_SHOWN_SIZE];

    page_clear(page);
    answer_view_look(v);
    if (!v->answer.grant) {
        page_add(page, STYLE_BAD, 0, "no host knows this grant any more");
        return;
    }
    bg_id_show(shown, v->fetch.id);
    page_add(page, STYLE_STRONG, 0, "%s %s?", answer_verb(&v->answer), shown);
    answer_text(page, &v->answer);
}

static void paint(struct view *view, struct canvas *c, struct area area)
{
    struct answer_view *v = answer_view_of(view);
    int row, used;

    build(v);
    row = answer_view_paint(v, c, area);
    if (view->where == MODE_TYPE) {
        answer_view_paint_field(v, c, row, area, "Reason: ");
        (void)canvas_text(c, row + 1, area.col, area.cols, STYLE_STRONG, "Enter: that is the reason.");
        return;
    }
    used = canvas_put(c, row, area.col, area.cols, STYLE_PLAIN, "Reason: %s", answer_reason(&v->answer));
    if (v->field.len == 0)
        (void)canvas_text(c, row, area.col + used, area.cols - used, STYLE_FAINT,
                          "   (e writes another; the journal's readers see it)");
    canvas_put(c, row + 1, area.col, area.cols, STYLE_STRONG, "y: %s.   n or Esc: leave it as it is.",
               answer_verb(&v->answer));
}

/* Without a key to sign with each host closes it for the person that it knows. */
static void by_hosts(struct answer_view *v, const char *why)
{
    struct frame *frame = v->view.frame;

    frame->message[0] = 0; /* why nothing was signed stands with what the hosts say */
    delivery_open(frame, &(struct delivery_params){.what = DELIVER_CLOSE,
                                                   .hosts = frame->door || !v->answer.request
                                                                ? NULL
                                                                : &v->answer.request->terms.hosts,
                                                   .id = v->fetch.id,
                                                   .reason = answer_reason(&v->answer),
                                                   .why = why});
    frame_done(&v->view);
}

static void close_it(struct answer_view *v)
{
    struct frame *frame = v->view.frame;
    struct bg_sentence err = {0};
    int r;

    answer_view_look(v);
    if (answer_check(&v->answer, &err) < 0) {
        frame_say(frame, STYLE_WAITS, "%s", err.text);
        frame_done(&v->view);
        return;
    }
    if (*frame->may_not_sign.text || !v->answer.request) {
        by_hosts(v, NULL);
        return;
    }
    r = answer_view_sign(v, &err);
    if (answer_by_hosts(&v->answer, r))
        by_hosts(v, err.text);
    else if (r < 0)
        frame_say(frame, STYLE_BAD,
                  "nothing was signed, nothing is closed; Ctrl-O lets the hosts close it for you");
}

static bool key(struct view *view, int key)
{
    struct answer_view *v = answer_view_of(view);

    if (view->where != MODE_TYPE)
        return false;
    if (key == TERM_ESCAPE)
        field_set(&v->field, "");
    if (key != TERM_ENTER && key != TERM_ESCAPE)
        return field_key(&v->field, key);
    view->where = MODE_CLOSE;
    return true;
}

static bool pasted(struct view *view, const char *text, size_t len)
{
    if (view->where == MODE_TYPE)
        field_paste(&answer_view_of(view)->field, text, len);
    return view->where == MODE_TYPE;
}

static bool command(struct view *view, enum command command)
{
    struct answer_view *v = answer_view_of(view);

    switch (command) {
    case CMD_YES:
        close_it(v);
        return true;
    case CMD_HOST_SIGNED:
        answer_view_look(v);
        by_hosts(v, NULL);
        return true;
    case CMD_REASON:
        view->where = MODE_TYPE;
        return true;
    case CMD_NO:
    case CMD_BACK:
    case CMD_QUIT:
        frame_say(view->frame, STYLE_PLAIN, "nothing was closed");
        frame_done(view);
        return true;
    default:
        return page_command(&view->page, command);
    }
}

static bool begin(struct view *view, const struct view_params *params)
{
    return answer_view_begin(view, params->answer, params->id);
}

const struct view_type close_view = {
    .where = MODE_CLOSE,
    .size = sizeof(struct answer_view),
    .title = "Close",
    .begin = begin,
    .paint = paint,
    .key = key,
    .pasted = pasted,
    .command = command,
    .changed = answer_view_changed,
    .grant = answer_view_grant,
    .free = answer_view_free,
};
