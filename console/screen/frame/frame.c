/* SPDX-License-Identifier: ISC */
/* What views stand in: opens them by their names, says a line, and knows who we are and which hosts there
 * are. */
#include "console/screen/frame/frame.h"

#include "console/words/instructions.h"
#include "policy/base/cleanup.h"
#include "policy/base/name.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* --- the pile of views --- */

void view_free(struct view *view)
{
    if (!view)
        return;
    live_forget(view->frame->live, view);
    if (view->type->free)
        view->type->free(view);
    page_free(&view->page);
    free(view);
}

struct view *view_new(struct frame *frame, enum view_id id, const struct view_params *params)
{
    const struct view_type *type = frame->types[id];
    struct view *view = calloc(1, type->size);

    if (!view) {
        frame_say(frame, STYLE_BAD, "no memory left");
        return NULL;
    }
    *view = (struct view){.type = type, .frame = frame, .where = type->where};
    if (!type->begin || type->begin(view, params))
        return view;
    view_free(view);
    return NULL;
}

struct view *frame_top(struct frame *frame)
{
    return frame->top ? frame->top : frame->list[frame->which];
}

bool frame_open(struct frame *frame, enum view_id id, const struct view_params *params)
{
    struct view *view = view_new(frame, id, params);

    if (!view)
        return false;
    view->below = frame->top;
    frame->top = view;
    frame->dirty = true;
    return true;
}

void frame_done(struct view *view)
{
    view->done = true;
    view->frame->dirty = true;
}

void frame_select(struct frame *frame, const char *id)
{
    struct view *grants = frame->list[VIEW_GRANTS];

    grants->type->select(grants, id);
}

void frame_say(struct frame *frame, unsigned style, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    (void)vsnprintf(frame->message, sizeof frame->message, format, ap);
    va_end(ap);
    frame->message_style = style;
    frame->dirty = true;
}

/* --- who and where --- */

const char *frame_person(const struct frame *frame)
{
    if (frame->by)
        return frame->by;
    for (size_t i = 0; i < frame->model.n_hosts; i++)
        if (*frame->model.host[i].is.who->person)
            return frame->model.host[i].is.who->person;
    return "";
}

bool frame_nobody(struct frame *frame)
{
    if (*frame_person(frame))
        return false;
    frame_say(frame, STYLE_WAITS, "no host knows who you are; start again with --as PERSON");
    return true;
}

static bool known_as(const struct frame *frame, size_t host, const char *person)
{
    return strcmp(frame->model.host[host].is.who->person, person) == 0;
}

bool frame_known_at(const struct frame *frame, size_t host)
{
    return known_as(frame, host, frame_person(frame));
}

bool frame_approves(const struct frame *frame)
{
    for (size_t i = 0; i < frame->model.n_hosts; i++)
        if (frame->model.host[i].is.who->approver && frame_known_at(frame, i))
            return true;
    return false;
}

const char *frame_word(const struct frame *frame, const char *host)
{
    int at = model_find_host(&frame->model, host);
    const char *to = at >= 0 ? frame->model.host[at].to : NULL;

    return to && instructions_word(to) ? to : host;
}

void frame_words(struct bg_list *words, const struct frame *frame, const char *hosts)
{
    bg_free_ char *copy = strdup(hosts);

    for (char *p = copy, *host; p && (host = strsep(&p, ", "));) {
        const char *word = frame_word(frame, host);

        if (bg_is_host(host) && !bg_list_has(words, word))
            (void)bg_list_add(words, word, strlen(word));
    }
}

const struct bg_strings *frame_keys(const struct frame *frame, const char *person)
{
    for (size_t i = 0; i < frame->model.n_hosts; i++)
        if (known_as(frame, i, person) && frame->model.host[i].is.who->keys.v)
            return &frame->model.host[i].is.who->keys;
    return NULL;
}

/* Whether a host has more of a grant than another one. */
static bool is_further(const struct seen *seen, const struct seen *than)
{
    enum grant_state is = model_state_at(seen, bg_now()), was = model_state_at(than, bg_now());

    return is != was ? is < was : seen->filled > than->filled;
}

int frame_host_with(const struct frame *frame, const char *id)
{
    const struct grant *g = id ? model_find(&frame->model, id) : NULL;
    const struct seen *best = NULL;
    int found = -1, hangs = -1;

    for (size_t i = 0; i < frame->model.n_hosts; i++) {
        const struct seen *seen = g ? model_seen(g, i) : NULL;

        if (frame->model.host[i].state != HOST_UP || (id && !seen))
            continue;
        if (live_hangs(&frame->model.host[i])) {
            if (hangs < 0)
                hangs = (int)i;
            continue;
        }
        if (found >= 0 && (!seen || !is_further(seen, best)))
            continue;
        found = (int)i;
        best = seen;
    }
    return found >= 0 ? found : hangs;
}
