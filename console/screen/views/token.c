/* SPDX-License-Identifier: ISC */
/* A grant's statements as tokens, to be sent to somebody whose hosts cannot be reached from here. */
#include "console/screen/data/request_fetch.h"
#include "console/screen/text/clipboard.h"
#include "console/screen/text/text_view.h"
#include "console/screen/views/views.h"

#include "policy/base/cleanup.h"

#include <stdlib.h>
#include <string.h>

struct token {
    struct text_view reading;
    struct request_fetch carrying;
    char *text; /* all tokens; made once the statements are here */
};

static struct token *of(struct view *view)
{
    return (struct token *)(void *)view;
}

static void build(struct text_view *r, struct page *page)
{
    struct token *t = (struct token *)(void *)r;
    bg_free_ char *copy = NULL;

    if (!t->carrying.ready) {
        page_add(page, t->carrying.waiting ? STYLE_FAINT : STYLE_BAD, 0, "%s",
                 t->carrying.waiting ? "asking the hosts …" : t->carrying.why);
        return;
    }
    if (!t->text)
        t->text = fetch_tokens(&t->carrying.fetched.items);
    page_add(page, STYLE_PLAIN, 0,
             "Whoever pastes this into breakglass (p, or breakglass approve) sees the request in full. c "
             "copies it.");
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    copy = t->text ? strdup(t->text) : NULL;
    for (char *p = copy, *line; p && (line = strsep(&p, "\n"));)
        page_add(page, STYLE_PLAIN, 0, "%s", line);
}

static bool command(struct view *view, enum command command)
{
    return clipboard_command(view->frame, command, of(view)->text) || text_view_command(view, command);
}

static void free_it(struct view *view)
{
    request_fetch_free(&of(view)->carrying);
    free(of(view)->text);
    text_view_free(view);
}

static const struct view_type type = {
    .where = MODE_TOKEN,
    .title = "Tokens",
    .paint = text_view_paint,
    .command = command,
    .free = free_it,
};

struct view *token_new(struct frame *frame, const struct view_params *params)
{
    struct token *t = view_new(frame, &type, sizeof(*t));

    if (!t)
        return NULL;
    t->reading.build = build;
    request_fetch_begin(&t->carrying, frame, t, params->id);
    return &t->reading.view;
}
