/* Details: the whole story of one grant, as a time line. */
#include "reading.h"
#include "story.h"

#include <string.h>

struct details {
    struct reading reading;
    char id[BG_ID_SIZE];
    json_object *shown, *log;
    char why[512]; /* no story: why */
    bool asking, logs, again;
};

static struct details *of(struct view *view)
{
    return (struct details *)(void *)view;
}

static void on_shown(void *arg, size_t host, int r, json_object *reply, const char *sentence)
{
    struct details *d = arg;
    json_object *grant = live_argument(reply, 0);

    d->asking = false;
    if (r == 0 && grant && strcmp(row_string(grant, "id"), d->id) == 0)
        json_keep(&d->shown, grant);
    else if (r < 0)
        (void)snprintf(d->why, sizeof(d->why), "%s: %s", d->reading.view.app->model.host[host].name,
                       sentence);
    d->reading.view.app->dirty = true;
}

static void ask_log(struct details *d);

static void on_log(void *arg, size_t host, int r, json_object *reply, const char *sentence)
{
    struct details *d = arg;
    json_object *rows = live_argument(reply, 0);

    (void)host, (void)sentence;
    d->logs = false;
    if (r == 0 && rows && json_object_is_type(rows, json_type_array))
        json_keep(&d->log, rows);
    if (d->again)
        ask_log(d);
    d->reading.view.app->dirty = true;
}

/* Whoever may not see the log sees the rest. */
static void ask_log(struct details *d)
{
    d->again = d->logs;
    if (!d->logs)
        d->logs = grant_ask_log(d->reading.view.app, d->id, d, on_log);
}

static void ask_shown(struct details *d)
{
    int host = app_host_with(d->reading.view.app, d->id);

    if (host < 0 || d->asking)
        return;
    d->asking = true;
    live_call(d->reading.view.app->live, (size_t)host, "Show", live_append_string, d->id, d, on_shown, d);
}

static void build(struct reading *r, struct page *page)
{
    struct details *d = (struct details *)(void *)r;
    const struct grant *g = model_find(&r->view.app->model, d->id);

    if (g)
        story_details(page, r->view.app, g, d->shown, d->log);
    else
        page_add(page, STYLE_PLAIN, 0,
                 "No host that is watched knows this grant any more. x in the list shows the "
                 "archive, too.");
    if (*d->why && !d->shown)
        page_add(page, STYLE_BAD, 1, "%s", d->why);
}

static bool command(struct view *view, enum command command)
{
    if (command == DO_RETRY) {
        ask_shown(of(view));
        ask_log(of(view));
        return false;
    }
    return reading_command(view, command) || grant_command(view->app, of(view)->id, command);
}

static bool offers(struct view *view, enum command command)
{
    return grant_offers(view->app, of(view)->id, command);
}

static void changed(struct view *view, size_t host, const char *id, json_object *grant)
{
    if (strcmp(id, of(view)->id) != 0)
        return;
    if (grant && (int)host == app_host_with(view->app, id))
        json_keep(&of(view)->shown, grant);
    ask_log(of(view));
}

static void logged(struct view *view, size_t host)
{
    if ((int)host == app_host_with(view->app, of(view)->id))
        ask_log(of(view));
}

static enum pace pace(struct view *view)
{
    (void)view;
    return PACE_MINUTES;
}

static void free_it(struct view *view)
{
    json_putp(&of(view)->shown);
    json_putp(&of(view)->log);
    reading_free(view);
}

static const struct view_type type = {
    .where = AT_DETAILS,
    .title = "Details",
    .paint = reading_paint,
    .foot = reading_foot,
    .key = reading_key,
    .command = command,
    .offers = offers,
    .pace = pace,
    .changed = changed,
    .logged = logged,
    .free = free_it,
};

struct view *details_new(struct app *app, const char *id)
{
    struct details *d = view_new(app, &type, sizeof(*d));

    if (!d)
        return NULL;
    (void)snprintf(d->id, sizeof(d->id), "%s", id);
    d->reading.build = build;
    ask_shown(d);
    ask_log(d);
    return &d->reading.view;
}
