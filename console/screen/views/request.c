/* SPDX-License-Identifier: ISC */
/* The form for a request: the role, the hosts, how long, why; Enter in the last field sends it. */
#include "console/screen/views/request_form.h"
#include "console/screen/views/views.h"

#include "console/screen/terminal/terminal.h"

#include "policy/base/timestamp.h"

#include <string.h>

static struct request_form *of(struct view *view)
{
    return (struct request_form *)(void *)view;
}

static void choose_role(struct request_form *form, size_t to)
{
    if (to >= form->roles.n)
        return;
    form->role = to;
    form->warned = false;
    field_set(&form->field[REQUEST_ROLE], form->roles.v[to].row->name);
}

static bool key(struct view *view, int key)
{
    struct request_form *form = of(view);

    if (form->drafting && key != TERM_ESCAPE && key != TERM_CTRL('C'))
        return true;
    if (form->focus == REQUEST_ROLE || !field_key(&form->field[form->focus], key))
        return false;
    form->warned = false;
    return true;
}

static bool pasted(struct view *view, const char *text, size_t len)
{
    struct request_form *form = of(view);

    if (form->focus == REQUEST_ROLE || form->drafting)
        return false;
    form->warned = false;
    field_paste(&form->field[form->focus], text, len);
    return true;
}

static void next(struct request_form *form)
{
    if (form->focus == REQUEST_ROLE && form->role + 1 < form->roles.n)
        choose_role(form, form->role + 1);
    else
        request_form_go(form, form->focus + 1);
}

/* Sends nothing: Enter does. */
static void choose_signer(struct request_form *form)
{
    struct frame *frame = form->view.frame;

    if (*frame->may_not_sign.text)
        frame_say(frame, STYLE_WAITS, "%s", frame->may_not_sign.text);
    else
        form->host_signed = !form->host_signed;
}

static bool command(struct view *view, enum command command)
{
    struct request_form *form = of(view);

    switch (command) {
    case CMD_NEXT_FIELD:
        next(form);
        return true;
    case CMD_PREVIOUS_FIELD:
        if (form->focus == REQUEST_ROLE)
            choose_role(form, form->role - 1);
        else
            request_form_go(form, form->focus - 1);
        return true;
    case CMD_COMPLETE:
        if (form->focus != REQUEST_HOSTS || !request_form_complete(form))
            request_form_go(form, form->focus + 1);
        return true;
    case CMD_OPEN:
        if (form->focus == REQUEST_TICKET)
            request_form_send(form);
        else
            request_form_go(form, form->focus + 1);
        return true;
    case CMD_HOST_SIGNED:
        choose_signer(form);
        return true;
    case CMD_BACK:
    case CMD_QUIT:
        frame_say(view->frame, STYLE_PLAIN,
                  form->sent ? "no host has said that it took the request in" : "nothing was requested");
        return false;
    default:
        return false;
    }
}

/* Where nothing is signed hosts sign in any case. */
static bool offers(struct view *view, enum command command)
{
    return command != CMD_HOST_SIGNED || !*view->frame->may_not_sign.text;
}

static void free_it(struct view *view)
{
    struct request_form *form = of(view);

    roles_free(&form->roles);
    request_terms_free(&form->terms);
}

static void fill_from(struct request_form *form, const struct grant *g)
{
    const char *door = request_form_door(form);
    char length[BG_DURATION_SIZE];

    bg_duration_format(length, g->duration);
    field_set(&form->field[REQUEST_ROLE], g->role);
    field_set(&form->field[REQUEST_HOSTS], door ? door : g->hosts);
    field_set(&form->field[REQUEST_DURATION], length);
    field_set(&form->field[REQUEST_REASON], g->reason);
    field_set(&form->field[REQUEST_TICKET], g->ticket);
    form->focus = REQUEST_TICKET;
    if (door && strcmp(g->hosts, door) != 0)
        frame_say(form->view.frame, STYLE_WAITS, "it was for %s; here you can request it for %s only",
                  g->hosts, door);
}

static bool begin(struct view *view, const struct view_params *params)
{
    struct request_form *form = of(view);
    struct frame *frame = view->frame;
    const struct grant *g = params->id ? model_find(&frame->model, params->id) : NULL;

    /* A host that is not watched may know us; those that are there must, or say nothing of us yet. */
    if (frame_host_with(frame, NULL) >= 0 && frame_nobody(frame))
        return false;
    if (g)
        fill_from(form, g);
    request_form_prefill(form);
    roles_ask(&form->roles, frame, form);
    return true;
}

const struct view_type request_view = {
    .where = MODE_FORM,
    .size = sizeof(struct request_form),
    .title = "Request a role",
    .begin = begin,
    .paint = request_form_paint,
    .key = key,
    .pasted = pasted,
    .command = command,
    .offers = offers,
    .free = free_it,
};
