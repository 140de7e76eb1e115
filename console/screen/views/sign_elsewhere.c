/* SPDX-License-Identifier: ISC */
/* A request that no host may sign: what to type on one's own machine, where the key is. */
#include "console/screen/views/views.h"

#include "console/screen/text/clipboard.h"

#include "console/action/request_role.h"
#include "console/action/request_terms.h"

#include <stdlib.h>

struct sign_elsewhere {
    struct view view;
    char *commands, *verb;
};

static struct sign_elsewhere *of(struct view *view)
{
    return (struct sign_elsewhere *)(void *)view;
}

static void build(struct view *view, struct page *page)
{
    const struct sign_elsewhere *e = (const struct sign_elsewhere *)(void *)view;

    page_add(page, STYLE_BAD, 0, ROLE_SIGN_YOURSELF " Nothing is requested yet.");
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_add(page, STYLE_PLAIN, 0, "On your own machine, with nothing but OpenSSH (c copies it):");
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_block(page, STYLE_STRONG, 2, e->commands);
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_add(
        page, STYLE_PLAIN, 0,
        "The first command shows what you sign: read it before you paste the rest. Then it opens at once.");
    page_add(page, STYLE_PLAIN, 0, "With breakglass installed there:");
    page_add(page, STYLE_STRONG, 2, "%s", e->verb ? e->verb : "");
}

static bool command(struct view *view, enum command command)
{
    return clipboard_command(view->frame, command, of(view)->commands);
}

static void free_it(struct view *view)
{
    struct sign_elsewhere *e = of(view);

    free(e->commands);
    free(e->verb);
}

static bool begin(struct view *view, const struct view_params *params)
{
    struct sign_elsewhere *e = of(view);

    e->commands = request_terms_stock(params->terms);
    e->verb = request_terms_verb(params->terms);
    return true;
}

const struct view_type sign_elsewhere_view = {
    .where = MODE_TOKEN,
    .size = sizeof(struct sign_elsewhere),
    .title = "Sign elsewhere",
    .begin = begin,
    .build = build,
    .command = command,
    .free = free_it,
};
