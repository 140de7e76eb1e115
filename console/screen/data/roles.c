/* SPDX-License-Identifier: ISC */
#include "console/screen/data/roles.h"

#include "policy/base/timestamp.h"

#include <string.h>

static struct role *add(struct roles *roles, json_object *row)
{
    struct role *role = roles_find(roles, row_string(row, "name"));

    if (role || roles->n >= ROLES_MAX)
        return role;
    role = &roles->v[roles->n++];
    *role = (struct role){.row = json_object_get(row)};
    return role;
}

static void on_roles(void *arg, size_t host, int r, json_object *reply, const char *sentence)
{
    struct roles *roles = arg;
    const char *name = roles->frame->model.host[host].name;
    json_object *rows = live_argument(reply, 0);
    size_t n = rows && json_object_is_type(rows, json_type_array) ? json_object_array_length(rows) : 0;

    roles->waiting--;
    roles->frame->dirty = true;
    if (r < 0)
        (void)snprintf(roles->why, sizeof(roles->why), "%s: %.400s", name, sentence);
    for (size_t i = 0; i < n; i++) {
        json_object *row = json_object_array_get_idx(rows, i);
        struct role *role = json_object_is_type(row, json_type_object) ? add(roles, row) : NULL;

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
        live_call(frame->live, i, "Roles", NULL, NULL, (void *)(uintptr_t)owner, on_roles, roles);
    }
}

void roles_free(struct roles *roles)
{
    for (size_t i = 0; i < roles->n; i++) {
        json_putp(&roles->v[i].row);
        bg_list_free(&roles->v[i].on);
    }
    roles->n = 0;
}

struct role *roles_find(struct roles *roles, const char *name)
{
    for (size_t i = 0; i < roles->n; i++)
        if (strcmp(row_string(roles->v[i].row, "name"), name) == 0)
            return &roles->v[i];
    return NULL;
}

static bool any_host(const struct role *role, const char *host,
                     bool (*fits)(const char *glob, const char *host))
{
    json_object *globs = role ? row_array(role->row, "hosts") : NULL;

    for (size_t i = 0; globs && i < json_object_array_length(globs); i++) {
        json_object *glob = json_object_array_get_idx(globs, i);

        if (json_object_is_type(glob, json_type_string) && fits(json_object_get_string(glob), host))
            return true;
    }
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
    json_object *who = row_array(role->row, "who");
    char length[BG_DURATION_SIZE], all[2048] = "";
    size_t n = who ? json_object_array_length(who) : 0, len = 0;

    bg_duration_format(length, duration);
    if (row_flag(role->row, "solo")) {
        (void)snprintf(
            out, size,
            "Nobody must agree: it opens at once for %s, everybody who could have agreed is told, and "
            "it is reviewed afterwards.",
            length);
        return;
    }
    for (size_t i = 0; i < n && len < sizeof(all); i++) {
        json_object *line = json_object_array_get_idx(who, i);

        len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%s", i == 0 ? "" : "; and ",
                                json_object_is_type(line, json_type_string) ? json_object_get_string(line)
                                                                            : "?");
    }
    (void)snprintf(out, size, "Must agree: %s. Then you have %s.", all, length);
}
