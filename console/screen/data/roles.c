/* SPDX-License-Identifier: ISC */
#include "console/screen/data/roles.h"

#include "policy/base/timestamp.h"

#include <string.h>

static struct role *add(struct roles *roles, struct reply *answer, const struct bg_role_row *row)
{
    struct role *role = roles_find(roles, row->name);

    if (role || roles->n >= ROLES_MAX)
        return role;
    role = &roles->v[roles->n++];
    *role = (struct role){.answer = reply_ref(answer), .row = row};
    return role;
}

static void on_roles(void *arg, size_t host, int r, struct reply *reply, const char *sentence)
{
    struct roles *roles = arg;
    const char *name = roles->frame->model.host[host].name;

    roles->waiting--;
    roles->frame->dirty = true;
    if (r < 0)
        (void)snprintf(roles->why, sizeof(roles->why), "%s: %.400s", name, sentence);
    for (size_t i = 0; reply && i < reply->n; i++) {
        struct role *role = add(roles, reply, reply_role(reply, i));

        if (role && !bg_list_has(&role->on, name))
            (void)bg_list_add(&role->on, name, strlen(name));
    }
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
    for (size_t i = 0; i < roles->n; i++) {
        reply_unref(roles->v[i].answer);
        bg_list_free(&roles->v[i].on);
    }
    roles->n = 0;
}

struct role *roles_find(struct roles *roles, const char *name)
{
    for (size_t i = 0; i < roles->n; i++)
        if (strcmp(roles->v[i].row->name, name) == 0)
            return &roles->v[i];
    return NULL;
}

static bool any_host(const struct role *role, const char *host,
                     bool (*fits)(const char *glob, const char *host))
{
    for (size_t i = 0; role && i < role->row->hosts.n; i++)
        if (fits(role->row->hosts.v[i], host))
            return true;
    return false;
}

static bool is_same(const char *glob, const char *host)
{
    return strcmp(glob, host) == 0;
}

bool roles_fits(const struct role *role, const char *host)
{
    return any_host(role, host, bg_glob);
}

bool roles_names(const struct role *role, const char *host)
{
    return any_host(role, host, is_same);
}

void roles_say_next(const struct role *role, int64_t duration, char *out, size_t size)
{
    char length[BG_DURATION_SIZE], all[2048] = "";
    size_t len = 0;

    bg_duration_format(length, duration);
    if (role->row->solo) {
        (void)snprintf(
            out, size,
            "Needs no approval: it opens at once for %s. All approvers are notified, and it is reviewed "
            "afterwards.",
            length);
        return;
    }
    for (size_t i = 0; i < role->row->who.n && len < sizeof(all); i++)
        len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%s", i == 0 ? "" : "; and ",
                                role->row->who.v[i]);
    (void)snprintf(out, size, "Needs: %s. Then you have %s.", all, length);
}
