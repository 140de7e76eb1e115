/* SPDX-License-Identifier: ISC */
/* Approving: restates who, what, where, how long and why, and what is unusual; a word is typed; then
 * ssh-keygen signs, and the approval goes to the hosts. */
#include "console/screen/views/answer_view.h"
#include "console/screen/views/views.h"

#include "console/action/answer_text.h"
#include "console/base/destination.h"

#include <string.h>

struct approve_view {
    struct answer_view common; /* first */
    bool read;                 /* its end was on the screen */
};

static void build(struct answer_view *v)
{
    const struct request_fetch *f = &v->fetch;

    page_clear(&v->view.page);
    answer_view_look(v);
    if (f->ready)
        answer_text(&v->view.page, &v->answer);
    else
        page_add(&v->view.page, f->waiting ? STYLE_FAINT : STYLE_BAD, 0, "%s",
                 f->waiting ? "getting the signed request from the hosts …" : f->why.text);
}

static void paint(struct view *view, struct canvas *c, struct area area)
{
    struct answer_view *v = answer_view_of(view);
    struct bg_sentence err = {0};
    int row;

    build(v);
    row = answer_view_paint(v, c, area);
    if (!v->fetch.ready)
        return;
    if (view->page.ends)
        ((struct approve_view *)v)->read = true;
    if (answer_check(&v->answer, &err) < 0) {
        (void)canvas_text(c, row, area.col, area.cols, STYLE_BAD, err.text);
        return;
    }
    canvas_put(c, row, area.col, area.cols, STYLE_STRONG, "Type %s to approve as %s. Esc cancels.",
               answer_word(&v->answer), v->person);
    answer_view_paint_field(v, c, row + 1, area, "Approve? ");
}

static void enter(struct answer_view *v)
{
    struct frame *frame = v->view.frame;
    struct bg_sentence err = {0};

    answer_view_look(v);
    if (!v->fetch.ready)
        return;
    if (!((struct approve_view *)v)->read)
        frame_say(frame, STYLE_WAITS, "read it to its end first (PgDn)");
    else if (answer_check(&v->answer, &err) < 0)
        frame_say(frame, STYLE_BAD, "%s", err.text);
    else if (strcmp(v->field.text, answer_word(&v->answer)) == 0) {
        (void)answer_view_sign(v, &err);
        field_set(&v->field, "");
    } else if (v->field.len == 0) {
        frame_say(frame, STYLE_PLAIN, "nothing was signed");
        frame_done(&v->view);
    } else
        frame_say(frame, STYLE_WAITS, "nothing was signed: type %s to approve", answer_word(&v->answer));
}

static bool key(struct view *view, int key)
{
    return answer_view_of(view)->fetch.ready && field_key(&answer_view_of(view)->field, key);
}

/* A word that approves is thought of: it is typed. */
static bool pasted(struct view *view, const char *text, size_t len)
{
    (void)text, (void)len;
    frame_say(view->frame, STYLE_WAITS, "nothing is pasted here: type it");
    return true;
}

static bool command(struct view *view, enum command command)
{
    if (command == CMD_OPEN) {
        enter(answer_view_of(view));
        return true;
    }
    if (command == CMD_BACK || command == CMD_QUIT)
        frame_say(view->frame, STYLE_PLAIN, "nothing was signed");
    return page_command(&view->page, command);
}

/* To one that was pasted; no host need be reachable. */
static bool begin_pasted(struct answer_view *v, const struct bg_bundle_item *item)
{
    struct frame *frame = v->view.frame;
    /* Where no host tells it, as the verb does: the account's name, which is shown before it is signed. */
    const char *account = *frame_person(frame) ? NULL : destination_account();
    struct bg_sentence err = {0};

    if (!account && frame_nobody(frame))
        return false;
    (void)snprintf(v->person, sizeof v->person, "%s", account ? account : frame_person(frame));
    v->answer.kind = ANSWER_APPROVE;
    v->answer.pasted = true;
    if (request_fetch_take(&v->fetch, frame, item, &err) >= 0) {
        answer_view_look(v);
        if (answer_check(&v->answer, &err) >= 0)
            return true;
    }
    frame_say(frame, STYLE_WAITS, "%s", err.text);
    return false;
}

static bool begin(struct view *view, const struct view_params *params)
{
    if (params->item)
        return begin_pasted(answer_view_of(view), params->item);
    return answer_view_begin(view, ANSWER_APPROVE, params->id);
}

const struct view_type approve_view = {
    .where = MODE_APPROVE,
    .size = sizeof(struct approve_view),
    .title = "Approve a request",
    .begin = begin,
    .paint = paint,
    .key = key,
    .pasted = pasted,
    .command = command,
    .changed = answer_view_changed,
    .grant = answer_view_grant,
    .free = answer_view_free,
};
