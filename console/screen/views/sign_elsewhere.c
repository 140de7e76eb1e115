#include "console/screen/views/sign_elsewhere.h"

#include "console/screen/terminal/clipboard.h"
#include "console/screen/text/text_view.h"

#include <stdlib.h>
#include <string.h>

struct elsewhere {
    struct reading reading;
    char *commands, *verb, *role;
};

static struct elsewhere *of(struct view *view)
{
    return (struct elsewhere *)(void *)view;
}

static void build(struct reading *r, struct page *page)
{
    const struct elsewhere *e = (struct elsewhere *)(void *)r;
    char *copy = e->commands ? strdup(e->commands) : NULL, *rest = copy;

    page_add(page, STYLE_BAD, 0,
             "%s needs nobody else's word, so you sign the request with your own key: no host does it for "
             "you. Nothing is asked for yet.",
             e->role ? e->role : "");
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_add(page, STYLE_PLAIN, 0, "On your own machine, with nothing but OpenSSH (c copies it):");
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    for (char *line; rest && *rest && (line = strsep(&rest, "\n"));)
        page_add(page, STYLE_STRONG, 2, "%s", line);
    free(copy);
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_add(
        page, STYLE_PLAIN, 0,
        "The first command shows what you sign: read it before you paste the rest. Then it opens at once.");
    page_add(page, STYLE_PLAIN, 0, "With breakglass installed there:");
    page_add(page, STYLE_STRONG, 2, "%s", e->verb ? e->verb : "");
}

static bool command(struct view *view, enum command command)
{
    return clip_command(view->app, command, of(view)->commands) || reading_command(view, command);
}

static void free_it(struct view *view)
{
    struct elsewhere *e = of(view);

    free(e->commands);
    free(e->verb);
    free(e->role);
    reading_free(view);
}

static const struct view_type type = {
    .where = AT_TOKEN,
    .title = "Sign elsewhere",
    .paint = reading_paint,
    .command = command,
    .free = free_it,
};

struct view *elsewhere_new(struct app *app, const struct wish *wish)
{
    struct elsewhere *e = view_new(app, &type, sizeof(*e));

    if (!e)
        return NULL;
    e->reading.build = build;
    e->commands = wish_stock(wish);
    e->verb = wish_verb(wish);
    e->role = strdup(wish->role);
    return &e->reading.view;
}
