/* SPDX-License-Identifier: ISC */
/* What the hosts say of what was sent to them, and what is left to do where one was not reached. */
#include "console/screen/views/views.h"

#include "console/screen/data/delivery.h"
#include "console/screen/data/unknown_hosts.h"
#include "console/screen/text/clipboard.h"
#include "console/words/grant.h"
#include "policy/base/cleanup.h"

#include <stdlib.h>
#include <string.h>

static struct delivery *of(struct view *view)
{
    return (struct delivery *)(void *)view;
}

static void say_title(struct delivery *v, struct page *page)
{
    static const char *const names[] = {
        "the request", "the approval", "the close", "the review", "what was pasted", "what other hosts have",
    };
    char id[SHOW_ID_SIZE];

    page_add(page, STYLE_STRONG, 0, "Sending %s%s%s to the hosts", names[v->what], *v->id ? " of " : "",
             show_id(id, v->id));
    if (v->why && (v->what != DELIVER_MISSING || v->waiting == 0))
        page_add(page, STYLE_WAITS, 1, "%s", v->why);
}

static void say_hosts(struct delivery *v, struct page *page)
{
    bg_free_ char *names = v->unknown.n && !v->reaches ? bg_list_join(&v->unknown) : NULL;

    for (size_t i = 0; i < v->items.n_damaged; i++)
        page_add(page, STYLE_BAD, 1, "%s", v->items.damaged[i].text);
    for (size_t i = 0; i < v->n; i++) {
        const struct host *host = &v->view.frame->model.host[v->host[i].host];

        page_append(page, &v->host[i].said);
        if (v->host[i].at != SIZE_MAX)
            page_pair(page, STYLE_FAINT, host->name,
                      host->state == HOST_CONNECTING ? "connecting …" : "waiting for its answer …");
    }
    if (names)
        page_add(page, STYLE_WAITS, 1, "Left out, as not yours: %s", names);
    if (v->what == DELIVER_MISSING && v->n == 0 && v->waiting)
        page_add(page, STYLE_FAINT, 1, "asking the hosts …");
    else if (v->n == 0 && !v->why)
        page_add(page, STYLE_WAITS, 1, "There is no host to send it to: name some with -H HOST.");
}

/* Hosts of the request that nobody asked, as the front door speaks for its own alone. */
static void say_unasked(struct delivery *v, struct page *page)
{
    const struct grant *g = model_find(&v->view.frame->model, v->id);
    bg_free_ char *copy = g ? strdup(g->hosts) : NULL;
    char when[SHOW_LEFT_SIZE], id[SHOW_ID_SIZE];

    for (char *p = copy, *name; p && (name = strsep(&p, ","));) {
        if (!*name || delivery_asked(v, name))
            continue;
        if (v->closes_by > bg_now())
            page_add(page, STYLE_BAD, 1, "%s was NOT asked: what is open there stays open until %s UTC.",
                     name, show_clock(when, v->closes_by, bg_now()));
        else
            page_add(page, STYLE_BAD, 1, "%s was NOT asked: it may be pending or open there.", name);
        page_add(page, STYLE_STRONG, 3, "To close it there: breakglass %s %s -H %s", v->verb,
                 show_id(id, v->id), name);
        page_add(page, STYLE_STRONG, 3, "or at its front door: ssh -t breakglass@%s", name);
    }
}

static void say_closed(struct delivery *v, struct page *page, const struct outcomes *all)
{
    struct bg_sentence closed = {0};
    char when[SHOW_LEFT_SIZE];

    outcomes_closed(&closed, all, v->took);
    if (all->taken == 0)
        page_add(page, STYLE_BAD, 1, "NOT closed: no host has taken it.");
    else
        page_add(page, STYLE_STRONG, 1, "%s", closed.text);
    if (all->missed && v->closes_by > bg_now())
        page_add(page, STYLE_WAITS, 1, "Hosts that were not reached close it by themselves at %s UTC.",
                 show_clock(when, v->closes_by, bg_now()));
    else if (all->missed)
        page_add(page, STYLE_WAITS, 1, "Nothing of it is open on hosts that were not reached.");
    say_unasked(v, page);
}

/* Where nobody refused and somebody was not reached it may be carried by hand. */
static bool wants_token(const struct delivery *v)
{
    struct outcomes all;

    delivery_count(v, &all);
    return v->token && !v->asks && v->waiting == 0 && all.refused == 0 &&
           (all.missed || v->n == 0 || (v->unknown.n && !v->reaches));
}

static void say_token(struct delivery *v, struct page *page)
{
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    if (v->what == DELIVER_APPROVAL)
        page_add(page, STYLE_STRONG, 1,
                 "Send %s this token for the hosts that were not reached (c copies it):", v->person);
    else
        page_add(page, STYLE_STRONG, 1, "This token does the same, carried by hand (c copies it):");
    page_block(page, STYLE_PLAIN, 0, v->token);
}

static void paint(struct view *view, struct canvas *c, struct area area)
{
    struct delivery *v = of(view);
    struct page *page = &view->page;
    struct outcomes all;

    page_clear(page);
    say_title(v, page);
    if (v->asks)
        unknown_hosts_say(page, &v->unknown);
    else
        say_hosts(v, page);
    delivery_count(v, &all);
    if (v->what == DELIVER_CLOSE && !v->asks && v->waiting == 0)
        say_closed(v, page, &all);
    if (wants_token(v))
        say_token(v, page);
    page_paint(page, c, area);
}

static bool foot(struct view *view, struct canvas *c)
{
    bool asks = of(view)->asks;

    if (asks)
        (void)canvas_text(c, c->rows - 2, 1, c->cols - 2, STYLE_STRONG,
                          "Reach them, too? y: yes. n or Enter: only your own hosts. Esc: send nothing.");
    return asks;
}

static void answer(struct delivery *v, bool reaches)
{
    if (reaches && !v->view.page.ends) {
        frame_say(v->view.frame, STYLE_WAITS, "read it to its end first (PgDn)");
        return;
    }
    v->view.where = v->view.type->where;
    v->view.page.top = 0;
    delivery_answer(v, reaches);
}

static bool command(struct view *view, enum command command)
{
    struct delivery *v = of(view);

    if (v->asks && (command == CMD_BACK || command == CMD_QUIT))
        frame_say(view->frame, STYLE_WAITS, "nothing was sent to any host");
    if (command == CMD_YES || command == CMD_NO) {
        if (v->asks)
            answer(v, command == CMD_YES);
        return true;
    }
    return clipboard_command(view->frame, command, v->token) || page_command(&view->page, command);
}

static bool offers(struct view *view, enum command command)
{
    return (command != CMD_COPY && command != CMD_PLAINLY) || wants_token(of(view));
}

static void free_it(struct view *view)
{
    delivery_free(of(view));
}

static bool begin(struct view *view, const struct view_params *params)
{
    delivery_begin(of(view), params->delivery);
    if (of(view)->what == DELIVER_MISSING)
        delivery_gather(of(view));
    if (of(view)->asks)
        view->where = MODE_UNKNOWN;
    return true;
}

const struct view_type delivery_view = {
    .where = MODE_TOKEN,
    .size = sizeof(struct delivery),
    .title = "What the hosts say",
    .begin = begin,
    .paint = paint,
    .foot = foot,
    .command = command,
    .offers = offers,
    .free = free_it,
};
