/* SPDX-License-Identifier: ISC */
/* A signed request is got from whichever host answers first with one that really has that ID. */
#include "console/screen/data/request_fetch.h"

#include <errno.h>
#include <string.h>

static void on_got(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    struct request_fetch *f = arg;
    struct bg_sentence err = {0};

    f->waiting--;
    f->frame->dirty = true;
    if (f->ready)
        return;
    if (r == 0)
        r = fetch_take(&f->fetched, reply, f->id, &err);
    f->ready = r >= 0;
    if (r < 0)
        (void)bg_fail(&f->why, r, "%s: %s", f->frame->model.host[host].name, *err.text ? err.text : sentence);
}

void request_fetch_begin(struct request_fetch *f, struct frame *frame, const void *owner, const char *id)
{
    const struct grant *g = model_find(&frame->model, id);

    *f = (struct request_fetch){.frame = frame};
    (void)snprintf(f->id, sizeof f->id, "%s", id);
    for (size_t i = 0; g && i < g->n_seen; i++) {
        if (frame->model.host[g->seen[i].host].state != HOST_UP)
            continue;
        f->waiting++;
        live_call(frame->live, g->seen[i].host, &(struct call_args){BG_METHOD_GET, .text = {f->id}}, owner,
                  on_got, f);
        live_look(frame->live, g->seen[i].host, f->id);
    }
    if (f->waiting == 0)
        (void)bg_fail(&f->why, -EHOSTUNREACH, "no reachable host has this request");
}

int request_fetch_take(struct request_fetch *f, struct frame *frame, const struct bg_bundle_item *item,
                       struct bg_sentence *err)
{
    int r;

    *f = (struct request_fetch){.frame = frame};
    r = bg_statement_parse(&f->fetched.request, item->text, item->len, err);
    if (r < 0)
        return r;
    if (fetch_add(&f->fetched.items, item) < 0) {
        fetched_free(&f->fetched);
        return bg_fail(err, -ENOMEM, "no memory left");
    }
    bg_id_from_digest(f->id, f->fetched.request.digest);
    f->ready = true;
    return 0;
}
