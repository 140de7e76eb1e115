/* For people who cannot sign here: the three stock commands, with everything filled in. */
#include "clip.h"
#include "reading.h"
#include "story.h"

#include "cleanup.h"
#include "show.h"

#include <stdlib.h>
#include <string.h>

struct stock {
    struct reading reading;
    char id[BG_ID_SIZE], kind[16];
};

/* To be freed; NULL without memory. */
static char *commands(const struct stock *s)
{
    const struct app *app = s->reading.view.app;
    int host = app_host_with(app, s->id);
    const char *name = host >= 0 ? app->model.host[host].name : "HOST";
    const char *more = strcmp(s->kind, "review") == 0 ? " --verdict ok" : "";
    char id[64], *text = NULL;

    (void)show_id(id, s->id);
    if (asprintf(&text,
                 "ssh breakglass@%s text %s %s%s > a; cat a\n"
                 "ssh-keygen -Y sign -n breakglass -f ~/.ssh/id_ed25519 a\n"
                 "cat a a.sig | ssh breakglass@%s put\n",
                 name, s->kind, id, more, name) < 0)
        return NULL;
    return text;
}

static void build(struct reading *r, struct page *page)
{
    struct stock *s = (struct stock *)(void *)r;
    const struct grant *g = model_find(&r->view.app->model, s->id);
    bg_free_ char *text = commands(s);

    char id[64];

    if (g)
        story_pane(page, r->view.app, g, NULL, false);
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_add(page, STYLE_WAITS, 0, "%s", r->view.app->may_not_sign.text);
    page_add(page, STYLE_PLAIN, 0, "There, with nothing but OpenSSH (c copies it):");
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    for (char *p = text, *line; p && *p && (line = strsep(&p, "\n"));)
        page_add(page, STYLE_STRONG, 2, "%s", line);
    page_add(page, STYLE_PLAIN, 0, "%s", "");
    page_add(page, STYLE_PLAIN, 0,
             "The first shows what you sign: read it. The last can be repeated for each host%s%s.",
             g ? ": " : "", g ? g->hosts : "");
    if (strcmp(s->kind, "review") == 0)
        page_add(page, STYLE_PLAIN, 0, "To flag it: --verdict flag --note TEXT.");
    page_add(page, STYLE_PLAIN, 0, "With breakglass installed there:");
    page_add(page, STYLE_STRONG, 2, "breakglass %s %s -H %s", s->kind, show_id(id, s->id),
             g ? g->hosts : "HOST");
}

static bool command(struct view *view, enum command command)
{
    bg_free_ char *text = commands((struct stock *)(void *)view);

    return clip_command(view->app, command, text) || reading_command(view, command);
}

static const struct view_type type = {
    .where = AT_TOKEN,
    .title = "Sign elsewhere",
    .paint = reading_paint,
    .command = command,
    .free = reading_free,
};

struct view *stock_new(struct app *app, const char *id, const char *kind)
{
    struct stock *s = view_new(app, &type, sizeof(*s));

    if (!s)
        return NULL;
    (void)snprintf(s->id, sizeof(s->id), "%s", id);
    (void)snprintf(s->kind, sizeof(s->kind), "%s", kind);
    s->reading.build = build;
    return &s->reading.view;
}
