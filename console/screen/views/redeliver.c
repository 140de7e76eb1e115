/* SPDX-License-Identifier: ISC */
/* Brings to hosts that were away what the others have heard of a grant since: gets it from all that have it,
 * and puts it where something is missing. Each statement carries its signature; nothing is signed here. */
#include "console/screen/data/delivery.h"
#include "console/screen/views/views.h"

#include "console/action/fetch.h"

#include <stdlib.h>
#include <string.h>

struct redeliver {
    struct view view;
    char id[BG_ID_SIZE];
    struct bg_bundle items; /* the request first */
    unsigned waiting;
    char why[512]; /* the last host that gave nothing */
};

static struct redeliver *of(void *view)
{
    return view;
}

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

static void take(struct redeliver *s, const struct fetched *f)
{
    for (size_t i = 0; i < f->items.n; i++)
        if (is_about(&f->items.v[i], &f->request) && !is_there(&s->items, &f->items.v[i]))
            (void)fetch_add(&s->items, &f->items.v[i]);
}

static void on_got(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    struct redeliver *s = arg;
    struct frame *frame = s->view.frame;
    struct fetched fetched = {0};
    struct bg_sentence err = {0};

    if (r == 0)
        r = fetch_take(&fetched, reply, s->id, &err);
    if (r == 0)
        take(s, &fetched);
    else
        (void)snprintf(s->why, sizeof(s->why), "%s: %.400s", frame->model.host[host].name,
                       *err.text ? err.text : sentence);
    fetched_free(&fetched);
    frame->dirty = true;
    if (--s->waiting > 0 || s->items.n == 0)
        return;
    delivery_open(frame, &(struct delivery_params){.what = DELIVER_MISSING, .id = s->id, .items = &s->items});
    frame_done(&s->view);
}

static void build(struct view *view, struct page *page)
{
    struct redeliver *s = of(view);

    if (s->waiting)
        page_add(page, STYLE_FAINT, 0, "asking the hosts …");
    else
        page_add(page, STYLE_BAD, 0, "%s", *s->why ? s->why : "no host that has it is reached");
}

static void free_it(struct view *view)
{
    bg_bundle_free(&of(view)->items);
}

static bool begin(struct view *view, const struct view_params *params)
{
    struct redeliver *s = of(view);
    struct frame *frame = view->frame;
    const struct grant *g = model_find(&frame->model, params->id);

    (void)snprintf(s->id, sizeof(s->id), "%s", params->id);
    s->waiting = 1; /* for us: answers may come while we still ask */
    for (size_t i = 0; g && i < g->n_seen; i++) {
        const struct host *host = &frame->model.host[g->seen[i].host];

        if (host->state != HOST_UP || live_hangs(host))
            continue;
        s->waiting++;
        live_call(frame->live, g->seen[i].host, &(struct call_args){BG_METHOD_GET, .text = {s->id}}, s,
                  on_got, s);
    }
    s->waiting--;
    return true;
}

const struct view_type redeliver_view = {
    .where = MODE_PAGE,
    .size = sizeof(struct redeliver),
    .title = "What the hosts have",
    .begin = begin,
    .build = build,
    .free = free_it,
};
