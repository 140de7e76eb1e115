/* SPDX-License-Identifier: ISC */
/* Hosts: which are watched, and how they are. */
#include "console/screen/views/views.h"

#include "console/words/grant.h"

#include <string.h>

static void say_clock(struct page *page, const struct host *h)
{
    long long minutes = (long long)(h->is.ahead < 0 ? -h->is.ahead : h->is.ahead) / 60;

    if (minutes)
        page_add(page, STYLE_WAITS, 13, "its clock is %lld minutes %s ours", minutes,
                 h->is.ahead > 0 ? "ahead of" : "behind");
}

static void say_up(struct page *page, const struct frame *frame, const struct host *h)
{
    const char *person = h->is.who->person;
    int64_t slow = h->asked_at ? live_now_ms() - h->asked_at : 0;

    if (live_hangs(h))
        page_pair(page, STYLE_BAD, h->name, "no answer for %lld s", (long long)slow / 1000);
    else
        page_pair(page, STYLE_OPEN, h->name, "%s", h->listed ? "up" : "up, loading …");
    if (*person && strcmp(person, frame_person(frame)) != 0)
        page_add(page, STYLE_WAITS, 13, "knows you as %s", person);
    else if (!*person)
        page_add(page, STYLE_FAINT, 13, "does not know who you are (%s)", h->is.who->how);
    if (h->is.who->locked)
        page_add(page, STYLE_BAD, 13, "locked: all access is blocked until breakglass unlock");
    say_clock(page, h);
}

static void build(struct view *view, struct page *page)
{
    const struct frame *frame = view->frame;

    if (frame->model.n_hosts == 0)
        page_add(page, STYLE_PLAIN, 0, "None: name some with -H HOST, or in ~/.config/breakglass/hosts.");
    for (size_t i = 0; i < frame->model.n_hosts; i++) {
        const struct host *h = &frame->model.host[i];

        if (h->state == HOST_UP)
            say_up(page, frame, h);
        else if (h->state == HOST_CONNECTING)
            page_pair(page, live_hangs(h) ? STYLE_BAD : STYLE_FAINT, h->name, "connecting …%s",
                      live_hangs(h) ? " no answer yet" : "");
        else {
            page_pair(page, STYLE_BAD, h->name, "unreachable: %s", h->why);
            if (!h->extra)
                page_add(page, STYLE_FAINT, 13, "retrying; R retries now");
        }
    }
}

static enum pace pace(struct view *view)
{
    (void)view;
    return PACE_MINUTES;
}

const struct view_type host_list_view = {
    .where = MODE_PAGE,
    .size = sizeof(struct view),
    .title = "Hosts",
    .build = build,
    .pace = pace,
};
