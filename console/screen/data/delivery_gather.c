/* SPDX-License-Identifier: ISC */
/* What other hosts have of a grant: gathered from all that know it, to be sent where something is missing.
 * Each statement carries its signature; nothing is signed here. */
#include "console/screen/data/delivery.h"

#include "policy/base/cleanup.h"

#include <stdlib.h>
#include <string.h>

static bool is_there(const struct bg_bundle *items, const struct bg_bundle_item *item)
{
    for (size_t i = 0; i < items->n; i++)
        if (items->v[i].len == item->len && memcmp(items->v[i].text, item->text, item->len) == 0 &&
            items->v[i].sig_len == item->sig_len && memcmp(items->v[i].sig, item->sig, item->sig_len) == 0)
            return true;
    return false;
}

/* Whether it is about this request: what a host sends along of others is not carried on. */
static bool is_about(const struct bg_bundle_item *item, const struct bg_statement *request)
{
    struct bg_statement st = {0};
    bool is =
        bg_statement_parse(&st, item->text, item->len, NULL) >= 0 &&
        memcmp(st.kind == BG_REQUEST ? st.digest : st.request, request->digest, sizeof(request->digest)) == 0;

    bg_statement_free(&st);
    return is;
}

static void take(struct bg_bundle *items, const struct fetched *f)
{
    for (size_t i = 0; i < f->items.n; i++)
        if (is_about(&f->items.v[i], &f->request) && !is_there(items, &f->items.v[i]))
            (void)fetch_add(items, &f->items.v[i]);
}

static void one_less(struct delivery *v)
{
    v->view.frame->dirty = true;
    if (--v->waiting > 0 || v->items.n == 0)
        return;
    free(BG_TAKE_PTR(v->why));
    delivery_go(v, NULL);
}

static void on_got(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    struct delivery *v = arg;
    struct fetched fetched = {0};
    struct bg_sentence err = {0};

    if (r == 0)
        r = fetch_take(&fetched, reply, v->id, &err);
    if (r == 0)
        take(&v->items, &fetched);
    else {
        free(v->why);
        if (asprintf(&v->why, "%s: %s", v->view.frame->model.host[host].name,
                     *err.text ? err.text : sentence) < 0)
            v->why = NULL;
    }
    fetched_free(&fetched);
    one_less(v);
}

void delivery_gather(struct delivery *v)
{
    const struct frame *frame = v->view.frame;
    const struct grant *g = model_find(&frame->model, v->id);

    v->why = strdup("no host that has it is reached");
    v->waiting = 1; /* for us: answers may come while we still ask */
    for (size_t i = 0; g && i < g->n_seen; i++) {
        const struct host *host = &frame->model.host[g->seen[i].host];

        if (host->state != HOST_UP || live_hangs(host))
            continue;
        v->waiting++;
        live_call(frame->live, g->seen[i].host, &(struct call_args){BG_METHOD_GET, .text = {v->id}}, v,
                  on_got, v);
    }
    one_less(v);
}
