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

/* --- the message --- */

static void words_of(struct bg_list *list, const char *commas)
{
    bg_free_ char *copy = strdup(commas);

    for (char *p = copy, *word; p && (word = strsep(&p, ", "));)
        if (*word)
            (void)bg_list_add(list, word, strlen(word));
}

/* The host to bring it to with nothing installed: one that still waits, before others. */
static const char *host_to_tell(const struct waiting *w, const struct grant *g, const struct bg_list *names)
{
    const struct model *m = &w->view.frame->model;

    for (size_t i = 0; i < names->n; i++) {
        int at = model_find_host(m, names->v[i]);
        const struct seen *seen = at >= 0 ? model_seen(g, (size_t)at) : NULL;

        if (seen && model_state_at(seen, bg_now()) == GRANT_PENDING)
            return names->v[i];
    }
    return names->n ? names->v[0] : "HOST";
}

/* To be copied as it stands. To be freed; NULL: there is none. */
static char *message(const struct waiting *w)
{
    const struct grant *g = grant_of(w);
    struct bg_list words bg_cleanup_(bg_list_free) = {0};

    if (!g)
        return NULL;
    frame_words(&words, w->view.frame, g->hosts);
    return instructions_message(&(struct instructions_need){.id = g->id,
                                                            .person = g->person,
                                                            .role = g->role,
                                                            .hosts = g->hosts,
                                                            .reason = g->reason,
                                                            .ticket = g->ticket,
                                                            .duration = g->duration},
                                &words, host_to_tell(w, g, &words));
}

static void say_message(struct page *page, const struct waiting *w)
{
    bg_free_ char *text = message(w);

    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_add(page, STYLE_STRONG, 0, "A message to send them (c copies it):");
    page_block(page, STYLE_PLAIN, 2, text);
}

/* --- how it stands --- */

/* What to type there; of a host that is not watched only that this is not known. */
static void say_host(struct page *page, const struct waiting *w, const struct grant *g, const char *host,
                     const struct bg_list *accounts)
{
    const struct model *m = &w->view.frame->model;
    int at = model_find_host(m, host);
    const struct seen *seen = at >= 0 ? model_seen(g, (size_t)at) : NULL;

    if (!seen && (at < 0 || m->host[at].extra))
        page_add(page, STYLE_FAINT, 2, "how it stands on %s is not known here", host);
    if (!seen || model_state_at(seen, bg_now()) != GRANT_OPEN)
        return;
    for (size_t i = 0; i < accounts->n; i++)
        page_add(page, STYLE_OPEN, 2, "Open. Type: ssh %s@%s", accounts->v[i], host);
}

static void say_open(struct page *page, struct waiting *w, const struct grant *g, const struct sum *sum)
{
    struct bg_list hosts bg_cleanup_(bg_list_free) = {0}, accounts bg_cleanup_(bg_list_free) = {0};
    char until[SHOW_LEFT_SIZE], left[SHOW_LEFT_SIZE];

    words_of(&hosts, g->hosts);
    words_of(&accounts, g->accounts);
    page_add(page, STYLE_OPEN, 0, "Open until %s UTC, %s left.", show_clock(until, sum->ends, bg_now()),
             show_left(left, sum->ends - bg_now()));
    for (size_t i = 0; i < hosts.n; i++)
        say_host(page, w, g, hosts.v[i], &accounts);
    grant_text_hosts(page, &w->view.frame->model, g);
    if (model_waits(g, bg_now())) {
        grant_text_needs(page, &w->view.frame->model, g, w->shown.grant);
        say_message(page, w);
    }
    if (!w->rang)
        term_beep();
    w->rang = true;
}

static void build(struct view *view, struct page *page)
{
    struct waiting *w = of(view);
    const struct grant *g = grant_of(w);
    char id[64], when[SHOW_LEFT_SIZE];
    struct sum sum;

    grant_detail_look(&w->shown);
    if (!g) {
        page_add(page, STYLE_FAINT, 0, "loading it from the hosts …");
        return;
    }
    model_sum(g, bg_now(), &sum);
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_add(page, STYLE_STRONG, 6, "%s", show_id(id, g->id)); /* to be read aloud over a telephone */
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_add(page, STYLE_PLAIN, 0, "%s on %s, requested at %s UTC", g->role, g->hosts,
             show_clock(when, g->requested, bg_now()));
    page_append(page, &w->said);
    if (sum.state == GRANT_OPEN) {
        say_open(page, w, g, &sum);
        return;
    }
    if (sum.state == GRANT_PENDING) {
        page_add(page, STYLE_WAITS, 0, "Waiting since %s UTC (%lld min): %u of %u approvals.",
                 show_clock(when, g->requested, bg_now()), (long long)(bg_now() - g->requested) / 60,
                 sum.filled, sum.need);
        grant_text_needs(page, &view->frame->model, g, w->shown.grant);
        grant_text_hosts(page, &view->frame->model, g);
        say_message(page, w);
        return;
    }
    page_add(page, STYLE_STRONG, 0, "It is %s.", model_state(&sum));
    if (w->shown.grant)
        page_add(page, STYLE_PLAIN, 0, "%s", w->shown.grant->sentence);
    grant_text_hosts(page, &view->frame->model, g);
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
