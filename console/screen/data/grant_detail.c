/* SPDX-License-Identifier: ISC */
/* One question for one grant at a time, and what came of the last one. */
#include "console/screen/data/grant_detail.h"

#include <string.h>

static void keep(struct grant_detail *s, struct reply *shown)
{
    const struct bg_grant_row *grant = reply_grant(shown, 0);

    if (!grant || strcmp(grant->id, s->id) != 0)
        return;
    reply_keep(&s->shown, shown);
    s->grant = grant;
    s->why[0] = 0;
    s->view->frame->dirty = true;
}

static void on_shown(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    struct grant_detail *s = arg;

    if (host == s->host)
        s->asking = false;
    if (r == 0)
        keep(s, reply);
    else if (strcmp(s->asked, s->id) == 0)
        (void)snprintf(s->why, sizeof s->why, "%s: %s", s->view->frame->model.host[host].name, sentence);
    if (strcmp(s->asked, s->id) != 0)
        grant_detail_ask(s);
    s->view->frame->dirty = true;
}

void grant_detail_ask(struct grant_detail *s)
{
    struct frame *frame = s->view->frame;
    int host = *s->id ? frame_host_with(frame, s->id) : -1;

    if (host < 0 && *s->id && s->any_host)
        host = frame_host_with(frame, NULL);
    if (host < 0 || (s->asking && (size_t)host == s->host))
        return;
    s->asking = true;
    s->host = (size_t)host;
    memcpy(s->asked, s->id, sizeof s->asked);
    live_call(frame->live, s->host, &(struct call_args){BG_METHOD_SHOW, .text = {s->asked}}, s->view,
              on_shown, s);
}

void grant_detail_choose(struct grant_detail *s, const char *id)
{
    if (strcmp(s->id, id) == 0)
        return;
    grant_detail_free(s);
    (void)snprintf(s->id, sizeof s->id, "%s", id);
    grant_detail_ask(s);
}

void grant_detail_look(struct grant_detail *s)
{
    if (s->asking && live_hangs(&s->view->frame->model.host[s->host]))
        grant_detail_ask(s);
}

void grant_detail_changed(struct grant_detail *s, size_t host, const char *id, struct reply *shown)
{
    if (strcmp(id, s->id) == 0 && (int)host == frame_host_with(s->view->frame, id))
        keep(s, shown);
}

void grant_detail_free(struct grant_detail *s)
{
    reply_keep(&s->shown, NULL);
    s->grant = NULL;
    s->why[0] = 0;
}
