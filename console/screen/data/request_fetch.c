/* SPDX-License-Identifier: ISC */
/* A signed request, and what each host shows of its grant, fetched for a view. */
#include "console/screen/data/request_fetch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void one_less(struct request_fetch *c)
{
    c->waiting--;
    c->frame->dirty = true;
}

static void on_got(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    struct request_fetch *c = arg;
    struct bg_sentence err = {0};

    one_less(c);
    if (c->ready)
        return;
    if (r == 0)
        r = fetch_take(&c->fetched, reply, c->id, &err);
    c->ready = r >= 0;
    if (r < 0)
        (void)snprintf(c->why, sizeof(c->why), "%s: %.400s", c->frame->model.host[host].name,
                       *err.text ? err.text : sentence);
}

static void keep(struct request_fetch *c, size_t host, struct reply *reply)
{
    const struct bg_grant_row *grant = reply_grant(reply, 0);

    if (grant && strcmp(grant->id, c->id) == 0)
        reply_keep(&c->says[host], reply);
}

static void on_shown(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    (void)sentence;
    one_less(arg);
    if (r >= 0)
        keep(arg, host, reply);
}

void request_fetch_begin(struct request_fetch *c, struct frame *frame, const void *owner, const char *id)
{
    const struct grant *g = model_find(&frame->model, id);

    *c = (struct request_fetch){.frame = frame, .owner = owner};
    (void)snprintf(c->id, sizeof(c->id), "%s", id);
    for (size_t i = 0; g && i < g->n_seen; i++) {
        if (frame->model.host[g->seen[i].host].state != HOST_UP)
            continue;
        c->waiting += 2;
        live_call(frame->live, g->seen[i].host, &(struct call_args){BG_METHOD_GET, .text = {c->id}}, owner,
                  on_got, c);
        live_call(frame->live, g->seen[i].host, &(struct call_args){BG_METHOD_SHOW, .text = {c->id}}, owner,
                  on_shown, c);
    }
    if (c->waiting == 0)
        (void)snprintf(c->why, sizeof(c->why), "no reachable host has this request");
}

int request_fetch_take(struct request_fetch *c, struct frame *frame, const struct bg_bundle_item *item,
                       struct bg_sentence *err)
{
    int r;

    *c = (struct request_fetch){.frame = frame};
    r = bg_statement_parse(&c->fetched.request, item->text, item->len, err);
    if (r < 0)
        return r;
    c->fetched.items.v = calloc(1, sizeof(*c->fetched.items.v));
    if (!c->fetched.items.v || item_copy(&c->fetched.items.v[0], item) < 0) {
        fetched_free(&c->fetched);
        return bg_fail(err, -ENOMEM, "no memory left");
    }
    c->fetched.items.n = 1;
    bg_id_from_digest(c->id, c->fetched.request.digest);
    c->ready = true;
    return 0;
}

void request_fetch_changed(struct request_fetch *c, size_t host, const char *id, struct reply *answer)
{
    if (strcmp(id, c->id) == 0)
        keep(c, host, answer);
}

void request_fetch_free(struct request_fetch *c)
{
    for (size_t i = 0; i < MODEL_HOSTS; i++)
        reply_keep(&c->says[i], NULL);
    fetched_free(&c->fetched);
}
