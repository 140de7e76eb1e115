/* SPDX-License-Identifier: ISC */
#include "console/screen/data/request_fetch.h"

#include "console/action/anomalies.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void one_less(struct request_fetch *c)
{
    c->waiting--;
    c->frame->dirty = true;
}

static void on_got(void *arg, size_t host, int r, json_object *reply, const char *sentence)
{
    struct request_fetch *c = arg;
    struct bg_sentence err = {0};

    one_less(c);
    if (c->ready)
        return;
    if (r == 0)
        r = fetch_take(&c->fetched, live_argument(reply, 0), c->id, &err);
    c->ready = r >= 0;
    if (r < 0)
        (void)snprintf(c->why, sizeof(c->why), "%s: %.400s", c->frame->model.host[host].name,
                       *err.text ? err.text : sentence);
}

/* How much what a host shows matters to who is asked: it waits, and for them. */
static int rank(const struct request_fetch *c, json_object *grant)
{
    bool waits = strcmp(row_string(grant, "state"), "pending") == 0;

    return waits ? 1 + anomalies_can_approve(grant, frame_person(c->frame)) : 0;
}

static void on_shown(void *arg, size_t host, int r, json_object *reply, const char *sentence)
{
    struct request_fetch *c = arg;
    json_object *grant = live_argument(reply, 0);

    (void)sentence;
    one_less(c);
    if (r < 0 || !grant || strcmp(row_string(grant, "id"), c->id) != 0 ||
        (c->shown && rank(c, grant) <= rank(c, c->shown)))
        return;
    json_keep(&c->shown, grant);
    c->shown_by = host;
}

void request_fetch_begin(struct request_fetch *c, struct frame *frame, const void *owner, const char *id)
{
    const struct grant *g = model_find(&frame->model, id);
    void *mine = (void *)(uintptr_t)owner;

    *c = (struct request_fetch){.frame = frame, .owner = owner};
    (void)snprintf(c->id, sizeof(c->id), "%s", id);
    for (size_t i = 0; g && i < g->n_seen; i++) {
        if (frame->model.host[g->seen[i].host].state != HOST_UP)
            continue;
        c->waiting += 2;
        live_call(frame->live, g->seen[i].host, "Get", live_append_string, c->id, mine, on_got, c);
        live_call(frame->live, g->seen[i].host, "Show", live_append_string, c->id, mine, on_shown, c);
    }
    if (c->waiting == 0)
        (void)snprintf(c->why, sizeof(c->why), "no host that has this request is reached");
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

void request_fetch_changed(struct request_fetch *c, size_t host, const char *id, json_object *grant)
{
    if (!grant || strcmp(id, c->id) != 0 ||
        (c->shown && host != c->shown_by && rank(c, grant) < rank(c, c->shown)))
        return;
    json_keep(&c->shown, grant);
    c->shown_by = host;
}

void request_fetch_free(struct request_fetch *c)
{
    fetched_free(&c->fetched);
    json_putp(&c->shown);
    c->shown = NULL;
}
