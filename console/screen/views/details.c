/* SPDX-License-Identifier: ISC */
/* Details: the whole story of one grant, as a time line. */
#include "console/screen/data/grant_detail.h"
#include "console/screen/text/grant_page.h"
#include "console/screen/data/grant_standing.h"
#include "console/screen/views/grant_commands.h"
#include "console/screen/views/views.h"

#include <string.h>

struct details {
    struct view view;
    struct grant_detail shown;
    struct reply *log; /* of the grant, or NULL */
    bool logs, again;  /* the log was asked for; it is to be asked for again */
    bool hidden;       /* the host that told it shows us only what we may see */
};

static struct details *of(struct view *view)
{
    return (struct details *)(void *)view;
}

static void ask_log(struct details *d);

static void on_log(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    struct details *d = arg;

    (void)sentence;
    d->logs = false;
    d->hidden = !d->view.frame->model.host[host].is.who->sees_all;
    if (r == 0)
        reply_keep(&d->log, reply);
    if (d->again)
        ask_log(d);
    d->view.frame->dirty = true;
}

/* Whoever may not see the log sees the rest. */
static void ask_log(struct details *d)
{
    d->again = d->logs;
    if (!d->logs)
        d->logs = grant_ask_log(d->view.frame, d->shown.id, d, on_log);
}

static void build(struct view *view, struct page *page)
{
    struct details *d = of(view);
    const struct grant *g = model_find(&view->frame->model, d->shown.id);

    grant_detail_look(&d->shown);

    if (g)
        grant_page_details(page, view->frame, g, d->shown.grant, d->log, d->hidden);
    else
        page_add(page, STYLE_PLAIN, 0,
                 "No watched host has this grant any more. x in the list shows the archive.");
    if (*d->shown.why && !d->shown.grant)
        page_add(page, STYLE_BAD, 1, "%s", d->shown.why);
}

static bool command(struct view *view, enum command command)
{
    if (command == CMD_RETRY) {
        grant_detail_ask(&of(view)->shown);
        ask_log(of(view));
        return false;
    }
    return grant_command(view->frame, of(view)->shown.id, command);
}

static bool offers(struct view *view, enum command command)
{
    return grant_offers(view->frame, of(view)->shown.id, command);
}

static void changed(struct view *view, size_t host, const char *id, struct reply *grant)
{
    grant_detail_changed(&of(view)->shown, host, id, grant);
    if (strcmp(id, of(view)->shown.id) == 0)
        ask_log(of(view));
}

static const char *grant_id(const struct view *view)
{
    return ((const struct details *)(const void *)view)->shown.id;
}

static void logged(struct view *view, size_t host)
{
    if ((int)host == frame_host_with(view->frame, of(view)->shown.id))
        ask_log(of(view));
}

static enum pace pace(struct view *view)
{
    (void)view;
    return PACE_MINUTES;
}

static void free_it(struct view *view)
{
    grant_detail_free(&of(view)->shown);
    reply_unref(of(view)->log);
}

static bool begin(struct view *view, const struct view_params *params)
{
    struct details *d = of(view);

    d->shown.view = view;
    grant_detail_choose(&d->shown, params->id);
    ask_log(d);
    return true;
}

const struct view_type details_view = {
    .where = MODE_DETAILS,
    .size = sizeof(struct details),
    .title = "Details",
    .begin = begin,
    .build = build,
    .command = command,
    .offers = offers,
    .pace = pace,
    .changed = changed,
    .grant = grant_id,
    .logged = logged,
    .free = free_it,
};
