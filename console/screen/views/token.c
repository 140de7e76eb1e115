/* SPDX-License-Identifier: ISC */
/* A grant's statements as tokens, to be sent to somebody whose hosts cannot be reached from here. */
#include "console/screen/data/request_fetch.h"
#include "console/screen/text/clipboard.h"
#include "console/screen/views/views.h"

#include <stdlib.h>

struct token {
    struct view view;
    struct request_fetch fetch;
    char *text; /* all tokens; made once the statements are here */
};

static struct token *of(struct view *view)
{
    return (struct token *)(void *)view;
}

static void build(struct view *view, struct page *page)
{
    struct token *t = of(view);

    if (!t->fetch.ready) {
        page_add(page, t->fetch.waiting ? STYLE_FAINT : STYLE_BAD, 0, "%s",
                 t->fetch.waiting ? "getting it from the hosts …" : t->fetch.why.text);
        return;
    }
    if (!t->text)
        t->text = fetch_tokens(&t->fetch.fetched.items);
    page_add(page, STYLE_PLAIN, 0,
             "Whoever pastes this into breakglass (p, or breakglass approve) sees the request in full. c "
             "copies it.");
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_block(page, STYLE_PLAIN, 0, t->text);
}

static bool command(struct view *view, enum command command)
{
    return clipboard_command(view->frame, command, of(view)->text);
}

static void free_it(struct view *view)
{
    fetched_free(&of(view)->fetch.fetched);
    free(of(view)->text);
}

static bool begin(struct view *view, const struct view_params *params)
{
    request_fetch_begin(&of(view)->fetch, view->frame, view, params->id);
    return true;
}

const struct view_type token_view = {
    .where = MODE_TOKEN,
    .size = sizeof(struct token),
    .title = "Tokens",
    .begin = begin,
    .build = build,
    .command = command,
    .free = free_it,
};
