/* SPDX-License-Identifier: ISC */
/* Asks the hosts which roles one may request, and keeps each once. */
#include "console/screen/data/roles.h"

#include <string.h>

static void add(struct roles *roles, struct reply *answer, const struct bg_role_row *row)
{
    if (roles->n < ROLES_MAX && !roles_find(roles, row->name))
        roles->v[roles->n++] = (struct role){.answer = reply_ref(answer), .row = row};
}

static void on_roles(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    struct roles *roles = arg;

    roles->waiting--;
    roles->frame->dirty = true;
    if (r < 0)
        (void)snprintf(roles->why, sizeof(roles->why), "%s: %.400s", roles->frame->model.host[host].name,
                       sentence);
    for (size_t i = 0; reply && i < reply->n; i++)
        add(roles, reply, reply_role(reply, i));
}

void roles_ask(struct roles *roles, struct frame *frame, const void *owner)
{
    roles->frame = frame;
    for (size_t i = 0; i < frame->model.n_hosts; i++) {
        if (frame->model.host[i].state == HOST_DOWN)
            continue;
        roles->waiting++;
        live_call(frame->live, i, &(struct call_args){.method = BG_METHOD_ROLES}, owner, on_roles, roles);
    }
}

void roles_free(struct roles *roles)
{
    for (size_t i = 0; i < roles->n; i++)
        reply_unref(roles->v[i].answer);
    roles->n = 0;
}

const struct role *roles_find(const struct roles *roles, const char *name)
{
    for (size_t i = 0; i < roles->n; i++)
        if (strcmp(roles->v[i].row->name, name) == 0)
            return &roles->v[i];
    return NULL;
}
