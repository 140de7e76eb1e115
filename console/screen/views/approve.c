/* SPDX-License-Identifier: ISC */
/* Agreeing: restates who, what, where, how long and why, and what is unusual; the word that agrees is typed;
 * then ssh-keygen signs, and the approval goes to the hosts. */
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
#include "console/base/destination.h"
#include "console/action/anomalies.h"

#include <stdlib.h>
#include <string.h>

struct approve_view {
    struct view view;
    struct request_fetch carrying;
    struct page page;
    struct field word;
    bool pasted, read; /* read: its end was on the screen */
    char person[65];
};

static struct approve_view *of(struct view *view)
{
    return (struct approve_view *)(void *)view;
}

/* What must be typed: the role's name where it is of class critical. */
static const char *wanted(const struct approve_view *a)
{
    struct anomalies_told told;
    struct sum sum;
    bool listed = grant_stands(a->view.frame, a->carrying.id, &sum);

    /* As far as any host says; where none tells, the worst is assumed. */
    request_fetch_told(&a->carrying, &told);
    if (a->carrying.ready && (sum.critical || ((told.n || !listed) && anomalies_critical(&told))))
        return a->carrying.fetched.request.terms.role;
    return "yes";
}

static void say_clocks(FILE *to, const struct approve_view *a)
{
    const struct model *m = &a->view.frame->model;
    const struct bg_statement *request = &a->carrying.fetched.request;

    for (size_t i = 0; i < m->n_hosts; i++)
        if (m->host[i].state == HOST_UP && bg_list_has(&request->terms.hosts, m->host[i].name))
            anomalies_clock(to, request, m->host[i].name, m->host[i].is.ahead);
}

/* What is unusual comes first, whatever the length of the rest. */
static void build(struct approve_view *a)
{
    const struct bg_statement *request = &a->carrying.fetched.request;
    struct page_stream stream;
    struct anomalies_told told;
    FILE *to;

    page_clear(&a->page);
    if (!a->carrying.ready) {
        page_add(&a->page, a->carrying.waiting ? STYLE_FAINT : STYLE_BAD, 0, "%s",
                 a->carrying.waiting ? "asking the hosts for the signed request …" : a->carrying.why);
        return;
    }
    grant_text_title(&a->page, request);
    to = page_stream(&stream);
    if (to) {
        request_fetch_told(&a->carrying, &told);
        anomalies(to, request, &told, a->person, bg_now(), FIELD_MAX);
        say_clocks(to, a);
        page_taken(&a->page, &stream, to);
    }
    if (a->pasted)
        page_add(&a->page, STYLE_WAITS, 2,
                 "! whether %s's signature on the request is good, the hosts will judge", request->by);
    grant_text_request(&a->page, request);
    if (a->carrying.shown && strcmp(a->carrying.shown->state, "pending") == 0)
        grant_text_needs(&a->page, &a->view.frame->model, model_find(&a->view.frame->model, a->carrying.id),
                         a->carrying.shown);
}

/* Whether it was decided elsewhere while one read: it waits nowhere any more. */
static bool decided(const struct approve_view *a, struct sum *sum)
{
    const struct grant *g = model_find(&a->view.frame->model, a->carrying.id);

    return grant_stands(a->view.frame, a->carrying.id, sum) && !model_waits(g, bg_now());
}

static void paint(struct view *view, struct canvas *c, struct area area)
{
    struct approve_view *a = of(view);
    struct sum sum;
    int row = area.row + area.rows - 2, used;

    build(a);
    page_paint(&a->page, c, (struct area){area.row, area.col, area.rows - 3, area.cols});
    if (!a->carrying.ready)
        return;
    a->read = a->read || a->page.ends;
    canvas_fill(c, row - 1, area.col, area.cols, STYLE_FAINT, L'─');
    if (decided(a, &sum)) {
        canvas_put(c, row, area.col, area.cols, STYLE_BAD, "It is %s by now: there is nothing to sign.",
                   model_state(&sum));
        return;
    }
    canvas_put(c, row, area.col, area.cols, STYLE_STRONG, "As %s: type %s, Enter. Esc signs nothing.",
               a->person, wanted(a));
    used = canvas_text(c, row + 1, area.col, 10, STYLE_PLAIN, "Agree? ");
    field_paint(&a->word, c, row + 1, area.col + used, area.cols - used, true);
}

static void sign(struct approve_view *a)
{
    struct frame *frame = a->view.frame;
    struct fetched *f = &a->carrying.fetched;
    struct bg_statement st = {0};
    struct bg_bundle_item item = {0};
    struct bg_sentence err = {0};
    int r = compose_approve(&st, &f->request, a->person, &err);

    r = signing_made(frame, r, &st, &item, &err);
    field_set(&a->word, "");
    if (r < 0)
        return;
    delivery_open(frame, &(struct delivery_params){.what = BRING_APPROVAL,
                                                   .request_text = &f->request,
                                                   .request = &f->items.v[0],
                                                   .said = &item,
                                                   .pasted = a->pasted});
    frame_done(&a->view);
}

static void enter(struct approve_view *a)
{
    struct frame *frame = a->view.frame;
    struct sum sum;

    if (!a->carrying.ready)
        return;
    if (!a->page.ends && !a->read)
        frame_say(frame, STYLE_WAITS, "read it to its end first (PgDn)");
    else if (decided(a, &sum))
        frame_say(frame, STYLE_BAD, "it is %s by now; nothing was signed", model_state(&sum));
    else if (strcmp(a->word.text, wanted(a)) == 0)
        sign(a);
    else if (a->word.len == 0) {
        frame_say(frame, STYLE_PLAIN, "not agreed; nothing was signed");
        frame_done(&a->view);
    } else
        frame_say(frame, STYLE_WAITS, "nothing is signed unless %s stands there", wanted(a));
}

static bool key(struct view *view, int key)
{
    return of(view)->carrying.ready && field_key(&of(view)->word, key);
}

/* A word that agrees is thought of: it is typed. */
static bool pasted(struct view *view, const char *text, size_t len)
{
    (void)text, (void)len;
    frame_say(view->frame, STYLE_WAITS, "nothing is pasted here: type it");
    return true;
}

static bool command(struct view *view, enum command command)
{
    struct approve_view *a = of(view);

    if (command == CMD_OPEN) {
        enter(a);
        return true;
    }
    if (command == CMD_BACK || command == CMD_QUIT)
        frame_say(view->frame, STYLE_PLAIN, "not agreed; nothing was signed");
    return page_command(&a->page, command);
}

/* It was agreed to elsewhere, or closed: what one reads here is of now. */
static void changed(struct view *view, size_t host, const char *id, struct reply *grant)
{
    request_fetch_changed(&of(view)->carrying, host, id, grant);
}

static const char *grant_id(const struct view *view)
{
    return ((const struct approve_view *)(const void *)view)->carrying.id;
}

static void free_it(struct view *view)
{
    request_fetch_free(&of(view)->carrying);
    page_free(&of(view)->page);
}

/* To one that was pasted; no host need be reachable. */
static bool begin_pasted(struct approve_view *a, const struct bg_bundle_item *item)
{
    struct frame *frame = a->view.frame;
    /* Where no host tells it, as the verb does: the account's name, which is shown before it is signed. */
    const char *account = *frame_person(frame) ? NULL : destination_account();
    struct bg_sentence err = {0};

    if (!account && frame_nobody(frame))
        return false;
    (void)snprintf(a->person, sizeof(a->person), "%s", account ? account : frame_person(frame));
    a->pasted = true;
    if (request_fetch_take(&a->carrying, frame, item, &err) >= 0 &&
        a->carrying.fetched.request.kind == BG_REQUEST &&
        strcmp(a->carrying.fetched.request.by, a->person) != 0)
        return true;
    if (*err.text)
        frame_say(frame, STYLE_BAD, "%s", err.text);
    else
        frame_say(frame, STYLE_WAITS, "you asked for this; another person must agree");
    return false;
}

static bool begin(struct view *view, const struct view_params *params)
{
    struct approve_view *a = of(view);

    if (params->item)
        return begin_pasted(a, params->item);
    if (frame_nobody(view->frame))
        return false;
    (void)snprintf(a->person, sizeof(a->person), "%s", frame_person(view->frame));
    request_fetch_begin(&a->carrying, view->frame, view, params->id);
    return true;
}

const struct view_type approve_view = {
    .where = MODE_AGREE,
    .size = sizeof(struct approve_view),
    .title = "Agree to a request",
    .begin = begin,
    .paint = paint,
    .key = key,
    .pasted = pasted,
    .command = command,
    .changed = changed,
    .grant = grant_id,
    .free = free_it,
};
