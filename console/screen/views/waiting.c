/* SPDX-License-Identifier: ISC */
/* A request of one's own: who can still approve it and how to reach them, a message to send; and at last what
 * to type, with a beep. */
#include "console/screen/text/clipboard.h"
#include "console/screen/data/grant_standing.h"
#include "console/screen/views/grant_commands.h"
#include "console/screen/views/views.h"
#include "console/screen/data/grant_detail.h"
#include "console/screen/text/grant_page.h"
#include "console/screen/terminal/terminal.h"

#include "policy/base/cleanup.h"
#include "policy/base/list.h"
#include "console/words/instructions.h"
#include "console/words/grant.h"
#include "policy/base/timestamp.h"

#include <stdlib.h>
#include <string.h>

struct waiting {
    struct view view;
    struct grant_detail shown;
    struct page said; /* what hosts said to the request, where not all took it */
    bool rang;
};

static struct waiting *of(struct view *view)
{
    return (struct waiting *)(void *)view;
}

static const struct grant *grant_of(const struct waiting *w)
{
    return model_find(&w->view.frame->model, w->shown.id);
}

/* The ssh word of a host that still waits, before others. */
static const char *host_to_tell(const struct model *m, const struct grant *g, const struct bg_list *words)
{
    for (size_t i = 0; i < words->n; i++) {
        int at = model_find_host(m, words->v[i]);
        const struct seen *seen = at >= 0 ? model_seen(g, (size_t)at) : NULL;

        if (seen && model_state_at(seen, bg_now()) == GRANT_PENDING)
            return words->v[i];
    }
    return words->n ? words->v[0] : "HOST";
}

/* To be copied as it stands. To be freed; NULL: no host has told enough yet. */
static char *message(const struct waiting *w)
{
    const struct grant *g = grant_of(w);
    struct bg_list words bg_cleanup_(bg_list_free) = {0};

    if (!g || !w->shown.grant)
        return NULL;
    frame_words(&words, w->view.frame, g->hosts);
    return instructions_message(w->shown.grant, &words, host_to_tell(&w->view.frame->model, g, &words));
}

static void say_message(struct page *page, const struct waiting *w)
{
    bg_free_ char *text = message(w);

    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_add(page, STYLE_STRONG, 0, "A message to send them (c copies it):");
    page_block(page, STYLE_PLAIN, 2, text);
}

/* What to type there; of a host that is not watched only that this is not known. */
static void say_host(struct page *page, const struct waiting *w, const struct grant *g, const char *host)
{
    const struct model *m = &w->view.frame->model;
    const struct bg_strings *accounts = &w->shown.grant->accounts;
    int at = model_find_host(m, host);
    const struct seen *seen = at >= 0 ? model_seen(g, (size_t)at) : NULL;

    if (!seen && (at < 0 || m->host[at].extra))
        page_add(page, STYLE_FAINT, 2, "how it stands on %s is not known here", host);
    for (size_t i = 0; seen && i < accounts->n && model_state_at(seen, bg_now()) == GRANT_OPEN; i++)
        page_add(page, STYLE_OPEN, 2, "Open. Type: ssh %s@%s", accounts->v[i], host);
}

static void say_open(struct page *page, struct waiting *w, const struct grant *g, const struct sum *sum)
{
    const struct bg_grant_row *shown = w->shown.grant;
    char until[SHOW_LEFT_SIZE], left[SHOW_LEFT_SIZE];

    page_add(page, STYLE_OPEN, 0, "Open until %s UTC, %s left.", show_clock(until, sum->ends, bg_now()),
             show_left(left, sum->ends - bg_now()));
    for (size_t i = 0; shown && i < shown->hosts.n; i++)
        say_host(page, w, g, shown->hosts.v[i]);
    if (!w->rang)
        term_beep();
    w->rang = true;
}

static void build(struct view *view, struct page *page)
{
    struct waiting *w = of(view);
    const struct grant *g = grant_of(w);
    const struct model *m = &view->frame->model;
    char id[BG_ID_SHOWN_SIZE], when[SHOW_LEFT_SIZE];
    struct sum sum;

    grant_detail_look(&w->shown);
    if (!g) {
        page_add(page, STYLE_FAINT, 0, "loading it from the hosts …");
        return;
    }
    model_sum(g, bg_now(), &sum);
    (void)show_clock(when, g->requested, bg_now());
    bg_id_show(id, g->id);
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_add(page, STYLE_STRONG, 6, "%s", id); /* to be read aloud over a telephone */
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_add(page, STYLE_PLAIN, 0, "%s on %s, requested at %s UTC", g->role, g->hosts, when);
    page_append(page, &w->said);
    if (sum.state == GRANT_OPEN)
        say_open(page, w, g, &sum);
    else if (sum.state == GRANT_PENDING)
        page_add(page, STYLE_WAITS, 0, "Waiting since %s UTC (%lld min): %u of %u approvals.", when,
                 (long long)(bg_now() - g->requested) / 60, sum.filled, sum.need);
    else
        grant_text_state(page, g, w->shown.grant, NULL);
    if (model_waits(g, bg_now()))
        grant_text_needs(page, m, g, w->shown.grant);
    grant_text_hosts(page, m, g);
    if (model_waits(g, bg_now()))
        say_message(page, w);
}

static bool command(struct view *view, enum command command)
{
    struct waiting *w = of(view);
    bg_free_ char *text = message(w);

    return clipboard_command(view->frame, command, text) || grant_command(view->frame, w->shown.id, command);
}

static void changed(struct view *view, size_t host, const char *id, struct reply *grant)
{
    grant_detail_changed(&of(view)->shown, host, id, grant);
}

static const char *grant_id(const struct view *view)
{
    return ((const struct waiting *)(const void *)view)->shown.id;
}

static enum pace pace(struct view *view)
{
    struct sum sum;

    (void)grant_stands(view->frame, of(view)->shown.id, &sum);
    return sum.state == GRANT_OPEN || sum.state == GRANT_EARLY ? PACE_SECONDS : PACE_MINUTES;
}

static void free_it(struct view *view)
{
    page_free(&of(view)->said);
    grant_detail_free(&of(view)->shown);
}

static bool begin(struct view *view, const struct view_params *params)
{
    struct waiting *w = of(view);

    w->shown = (struct grant_detail){.view = view, .any_host = true};
    grant_detail_choose(&w->shown, params->id);
    if (params->said) {
        w->said = *params->said;
        *params->said = (struct page){0};
    }
    return true;
}

const struct view_type waiting_view = {
    .where = MODE_WAIT,
    .size = sizeof(struct waiting),
    .title = "Waiting",
    .begin = begin,
    .build = build,
    .command = command,
    .pace = pace,
    .changed = changed,
    .grant = grant_id,
    .free = free_it,
};
