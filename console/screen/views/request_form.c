/* SPDX-License-Identifier: ISC */
/* What stands in the form for a request: the role, who signs, the hosts, and where the cursor is. */
#include "console/screen/views/request_form.h"

#include "policy/base/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct bg_role_row *request_form_role(struct request_form *form)
{
    /* The one that was meant is found again. */
    const struct role *meant = roles_find(&form->roles, form->field[REQUEST_ROLE].text);

    if (meant)
        form->role = (size_t)(meant - form->roles.v);
    return form->role < form->roles.n ? form->roles.v[form->role].row : NULL;
}

bool request_form_hosts_sign(const struct request_form *form)
{
    return form->host_signed || *form->view.frame->may_not_sign.text;
}

bool request_form_sign_yourself(struct request_form *form)
{
    const struct bg_role_row *role = request_form_role(form);

    return role && role->solo && request_form_hosts_sign(form);
}

const char *request_form_door(const struct request_form *form)
{
    const struct frame *frame = form->view.frame;

    return frame->door && frame->model.n_hosts && bg_is_host(frame->model.host[0].name)
               ? frame->model.host[0].name
               : NULL;
}

/* Adds a name that is not there yet. */
static int add_once(struct bg_list *names, const char *name)
{
    return bg_list_has(names, name) ? 0 : bg_list_add(names, name, strlen(name));
}

/* Whether the role is for a host of that name. */
static bool is_for(const struct bg_role_row *role, const char *host)
{
    for (size_t i = 0; i < role->hosts.n; i++)
        if (bg_glob(role->hosts.v[i], host))
            return true;
    return false;
}

/* Names that begin so: watched hosts that the role is for, and hosts that the policy names in full. */
static void candidates(struct request_form *form, const char *begin, struct bg_list *names)
{
    const struct model *m = &form->view.frame->model;
    const struct bg_role_row *role = request_form_role(form);
    size_t len = strlen(begin);

    for (size_t i = 0; role && i < m->n_hosts; i++)
        if (strncmp(m->host[i].name, begin, len) == 0 && is_for(role, m->host[i].name))
            (void)add_once(names, m->host[i].name);
    for (size_t i = 0; role && i < role->hosts.n; i++)
        if (strncmp(role->hosts.v[i], begin, len) == 0 && bg_is_host(role->hosts.v[i]))
            (void)add_once(names, role->hosts.v[i]);
}

/* As many characters as all of them begin with. */
static size_t common(const struct bg_list *names)
{
    size_t n = names->n ? strlen(names->v[0]) : 0;

    for (size_t i = 1; i < names->n; i++)
        for (size_t k = 0; k < n; k++)
            if (names->v[0][k] != names->v[i][k])
                n = k;
    return n;
}

bool request_form_complete(struct request_form *form)
{
    struct field *f = &form->field[REQUEST_HOSTS];
    struct bg_list names bg_cleanup_(bg_list_free) = {0};
    const char *last = f->text + f->len;
    bg_free_ char *joined = NULL;
    size_t begin, n;

    while (last > f->text && last[-1] != ' ' && last[-1] != ',')
        last--;
    begin = strlen(last);
    candidates(form, last, &names);
    n = common(&names);
    f->cursor = f->len;
    if (n > begin)
        field_paste(f, names.v[0] + begin, n - begin);
    else if (names.n > 1 && (joined = bg_list_join(&names)))
        frame_say(form->view.frame, STYLE_PLAIN, "%s", joined);
    return n > begin || names.n > 1;
}

void request_form_prefill(struct request_form *form)
{
    struct bg_list names bg_cleanup_(bg_list_free) = {0};
    const char *door = request_form_door(form);

    if (form->field[REQUEST_HOSTS].len)
        return;
    if (!door)
        candidates(form, "", &names);
    if (door || names.n == 1)
        field_set(&form->field[REQUEST_HOSTS], door ? door : names.v[0]);
}

void request_form_go(struct request_form *form, int focus)
{
    const struct bg_role_row *role = request_form_role(form);

    if (form->focus == REQUEST_ROLE && role) {
        field_set(&form->field[REQUEST_ROLE], role->name);
        request_form_prefill(form);
    }
    if (focus == REQUEST_HOSTS && form->view.frame->door)
        focus = form->focus > focus ? REQUEST_ROLE : REQUEST_DURATION;
    if (focus >= 0 && focus < REQUEST_FIELDS)
        form->focus = focus;
}
