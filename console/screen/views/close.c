/* SPDX-License-Identifier: ISC */
/* Deny, revoke, give back: says what will end, and takes one deliberate key; a reason is never demanded. */
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
#include "policy/decide/decide.h"
#include "console/words/grant.h"

#include <errno.h>
#include <string.h>

struct close_view {
    struct view view;
    struct request_fetch carrying;
    struct page page;
    struct field reason;
    enum command as;
};

static struct close_view *of(struct view *view)
{
    return (struct close_view *)(void *)view;
}

/* One's own request that still waits is withdrawn, as the journal says afterwards. */
static bool withdraws(const struct close_view *v)
{
    struct sum sum;

    return v->as == CMD_GIVE_BACK && grant_stands(v->view.frame, v->carrying.id, &sum) &&
           sum.state == GRANT_PENDING;
}

static const char *verb_of(const struct close_view *v)
{
    return v->as == CMD_DENY     ? "Deny"
           : v->as == CMD_REVOKE ? "Revoke"
           : withdraws(v)        ? "Withdraw"
                                 : "Give back";
}

/* What was written, or what fits without. */
static const char *reason_of(const struct close_view *v)
{
    struct sum sum;

    if (v->reason.len)
        return v->reason.text;
    (void)grant_stands(v->view.frame, v->carrying.id, &sum);
    return bg_close_reason(v->as == CMD_GIVE_BACK,
                           v->as == CMD_DENY || (v->as == CMD_GIVE_BACK && sum.state == GRANT_PENDING));
}

static void say_sessions(struct close_view *v, const struct grant *g)
{
    const struct model *m = &v->view.frame->model;

    for (size_t i = 0; i < g->n_seen; i++)
        if (g->seen[i].sessions)
            page_add(&v->page, STYLE_BAD, 2, "%u %s on %s will end", g->seen[i].sessions,
                     g->seen[i].sessions == 1 ? "session" : "sessions", m->host[g->seen[i].host].name);
}

static void build(struct close_view *v)
{
    const struct grant *g = model_find(&v->view.frame->model, v->carrying.id);
    char shown[64];

    page_clear(&v->page);
    if (!g) {
        page_add(&v->page, STYLE_BAD, 0, "no host knows this grant any more");
        return;
    }
    page_add(&v->page, STYLE_STRONG, 0, "%s %s?", verb_of(v), show_id(shown, g->id));
    grant_page_pane(&v->page, v->view.frame, g, v->carrying.shown, false);
    page_add(&v->page, STYLE_PLAIN, 0, "%s", "");
    say_sessions(v, g);
    page_add(
        &v->page, STYLE_PLAIN, 2,
        "This cannot be undone. A new request will be needed. Hosts that are not reached close by themselves "
        "when the signed time is up.");
}

static void paint(struct view *view, struct canvas *c, struct area area)
{
    struct close_view *v = of(view);
    const char *reason = reason_of(v);
    int row = area.row + area.rows - 2, used;

    build(v);
    page_paint(&v->page, c, (struct area){area.row, area.col, area.rows - 3, area.cols});
    canvas_fill(c, row - 1, area.col, area.cols, STYLE_FAINT, L'─');
    used = canvas_text(c, row, area.col, 10, STYLE_PLAIN, "Reason: ");
    if (view->where == MODE_TYPE)
        field_paint(&v->reason, c, row, area.col + used, area.cols - used, true);
    else {
        used += canvas_text(c, row, area.col + used, area.cols - used, STYLE_PLAIN, reason);
        if (v->reason.len == 0)
            (void)canvas_text(c, row, area.col + used, area.cols - used, STYLE_FAINT,
                              "   (e writes another; the journal's readers see it)");
    }
    if (view->where != MODE_TYPE)
        canvas_put(c, row + 1, area.col, area.cols, STYLE_STRONG, "y %s now.   n or Esc: leave it as it is.",
                   v->as == CMD_DENY     ? "denies it"
                   : v->as == CMD_REVOKE ? "revokes it"
                   : withdraws(v)        ? "withdraws it"
                                         : "gives it back");
    else
        (void)canvas_text(c, row + 1, area.col, area.cols, STYLE_STRONG, "Enter: that is the reason.");
}

/* Without a key to sign with each host closes it for the person that it knows. */
static void by_hosts(struct close_view *v, const char *why)
{
    struct frame *frame = v->view.frame;
    const struct bg_list *hosts = v->carrying.ready ? &v->carrying.fetched.request.terms.hosts : NULL;

    frame->message[0] = 0; /* why nothing was signed stands with what the hosts say */
    delivery_open(frame, &(struct delivery_params){.what = BRING_CLOSE,
                                                   .hosts = frame->door ? NULL : hosts,
                                                   .id = v->carrying.id,
                                                   .reason = reason_of(v),
                                                   .why = why});
    frame_done(&v->view);
}

static void close_it(struct close_view *v)
{
    struct frame *frame = v->view.frame;
    struct fetched *f = &v->carrying.fetched;
    struct bg_statement st = {0};
    struct bg_bundle_item item = {0};
    struct bg_sentence err = {0};
    struct sum sum;
    int r;

    if (grant_stands(frame, v->carrying.id, &sum) && sum.state > GRANT_PENDING) {
        frame_say(frame, STYLE_WAITS, "it is already closed or expired");
        frame_done(&v->view);
        return;
    }
    if (*frame->may_not_sign.text || !v->carrying.ready || !*frame_person(frame)) {
        by_hosts(v, NULL);
        return;
    }
    r = compose_close(&st, &f->request, frame_person(frame), reason_of(v), &err);
    r = signing_made(frame, r, &st, &item, &err);
    if (r >= 0) {
        delivery_open(frame, &(struct delivery_params){.what = BRING_CLOSE,
                                                       .request_text = &f->request,
                                                       .request = &f->items.v[0],
                                                       .said = &item});
        frame_done(&v->view);
    } else if (r == -ENOKEY || r == -EPERM || r == -ECANCELED)
        by_hosts(v, err.text);
    else
        frame_say(frame, STYLE_BAD,
                  "nothing was signed, nothing is closed; Ctrl-O lets the hosts close it for you");
}

static bool key(struct view *view, int key)
{
    struct close_view *v = of(view);

    if (view->where != MODE_TYPE)
        return false;
    if (key == TERM_ENTER || key == TERM_ESCAPE) {
        if (key == TERM_ESCAPE)
            field_set(&v->reason, "");
        view->where = MODE_CLOSE;
        return true;
    }
    return field_key(&v->reason, key);
}

static bool pasted(struct view *view, const char *text, size_t len)
{
    if (view->where != MODE_TYPE)
        return false;
    field_paste(&of(view)->reason, text, len);
    return true;
}

static bool command(struct view *view, enum command command)
{
    struct close_view *v = of(view);

    switch (command) {
    case CMD_YES:
        close_it(v);
        return true;
    case CMD_HOST_SIGNED:
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
        return page_command(&v->page, command);
    }
}

static void changed(struct view *view, size_t host, const char *id, struct reply *grant)
{
    request_fetch_changed(&of(view)->carrying, host, id, grant);
}

static const char *grant_id(const struct view *view)
{
    return ((const struct close_view *)(const void *)view)->carrying.id;
}

static void free_it(struct view *view)
{
    request_fetch_free(&of(view)->carrying);
    page_free(&of(view)->page);
}

static bool begin(struct view *view, const struct view_params *params)
{
    struct close_view *v = of(view);

    if (frame_nobody(view->frame))
        return false;
    v->as = params->command;
    request_fetch_begin(&v->carrying, view->frame, view, params->id);
    return true;
}

const struct view_type close_view = {
    .where = MODE_CLOSE,
    .size = sizeof(struct close_view),
    .title = "Close",
    .begin = begin,
    .paint = paint,
    .key = key,
    .pasted = pasted,
    .command = command,
    .changed = changed,
    .grant = grant_id,
    .free = free_it,
};
