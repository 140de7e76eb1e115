/* SPDX-License-Identifier: ISC */
/* A request that is being answered: fetched, kept up to date, and its answer signed and delivered. */
#include "console/screen/views/answer_view.h"

#include "console/screen/data/delivery.h"
#include "console/screen/views/signing.h"

#include <string.h>

bool answer_view_begin(struct view *view, enum answer_kind kind, const char *id)
{
    struct answer_view *v = answer_view_of(view);

    if (frame_nobody(view->frame))
        return false;
    (void)snprintf(v->person, sizeof v->person, "%s", frame_person(view->frame));
    v->answer.kind = kind;
    request_fetch_begin(&v->fetch, view->frame, view, id);
    answer_view_look(v);
    return true;
}

void answer_view_look(struct answer_view *v)
{
    struct answer *a = &v->answer;

    a->person = v->person;
    a->text = v->field.text;
    a->request = v->fetch.ready ? &v->fetch.fetched.request : NULL;
    a->items = v->fetch.ready ? &v->fetch.fetched.items : NULL;
    a->grant = model_find(&v->view.frame->model, v->fetch.id);
    a->model = &v->view.frame->model;
    a->says = v->says;
}

int answer_view_paint(struct answer_view *v, struct canvas *c, struct area area)
{
    int row = area.row + area.rows - 2;

    page_paint(&v->view.page, c, (struct area){area.row, area.col, area.rows - 3, area.cols});
    canvas_fill(c, row - 1, area.col, area.cols, STYLE_FAINT, L'─');
    return row;
}

void answer_view_paint_field(const struct answer_view *v, struct canvas *c, int row, struct area area,
                             const char *label)
{
    int used = canvas_text(c, row, area.col, area.cols, STYLE_PLAIN, label);

    field_paint(&v->field, c, row, area.col + used, area.cols - used, true);
}

int answer_view_sign(struct answer_view *v, struct bg_sentence *err)
{
    struct frame *frame = v->view.frame;
    struct bg_statement st = {0};
    struct bg_bundle_item item = {0};
    int r = answer_compose(&v->answer, &st, err);

    if (r < 0)
        frame_say(frame, STYLE_BAD, "%s", err->text);
    else
        r = signing(frame, &st, &item, err);
    bg_statement_free(&st);
    if (r < 0)
        return r;
    delivery_open(frame, &(struct delivery_params){.what = v->answer.kind == ANSWER_APPROVE ? DELIVER_APPROVAL
                                                           : v->answer.kind == ANSWER_REVIEW ? DELIVER_REVIEW
                                                                                             : DELIVER_CLOSE,
                                                   .request_text = v->answer.request,
                                                   .request = &v->answer.items->v[0],
                                                   .said = &item,
                                                   .pasted = v->answer.pasted});
    frame_done(&v->view);
    return 0;
}

void answer_view_changed(struct view *view, size_t host, const char *id, struct reply *grant)
{
    struct answer_view *v = answer_view_of(view);

    if (grant && strcmp(id, v->fetch.id) == 0)
        reply_keep(&v->says[host], grant);
}

const char *answer_view_grant(const struct view *view)
{
    return ((const struct answer_view *)(const void *)view)->fetch.id;
}

void answer_view_free(struct view *view)
{
    struct answer_view *v = answer_view_of(view);

    for (size_t i = 0; i < MODEL_HOSTS; i++)
        reply_unref(v->says[i]);
    fetched_free(&v->fetch.fetched);
}
