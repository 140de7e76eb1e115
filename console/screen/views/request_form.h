/* The form for a request, as its files share it: request.c (keys), request_paint.c, request_send.c (Enter in
 * the last field). */
#pragma once

#include "console/screen/data/roles.h"
#include "console/screen/terminal/field.h"
#include "console/action/request_terms.h"

struct request_form {
    struct view view;
    struct roles roles;
    size_t role;                        /* which is chosen */
    struct field field[REQUEST_FIELDS]; /* of the role: only the name to begin with */
    int focus;
    bool drafting; /* a host drafts it: what is requested stays as it is */
    bool sent;
    bool warned; /* of names that nobody here knows; the next Enter sends it anyway */
    bool host_signed;
    struct request_terms terms;
};

/* The chosen role, or NULL: roles come while one looks. */
const struct bg_role_row *request_form_role(struct request_form *form);
/* Whether hosts sign it, because that is wanted or because nothing is signed here; and whether none may. */
bool request_form_hosts_sign(const struct request_form *form);
bool request_form_sign_yourself(struct request_form *form);
/* To a field: at the front door not to the hosts, where its own stands. */
void request_form_go(struct request_form *form, int focus);
void request_form_send(struct request_form *form);
void request_form_paint(struct view *view, struct canvas *c, struct area area);

/* The one host of the front door, once it has said its name; NULL elsewhere. */
const char *request_form_door(const struct request_form *form);
/* Completes the last name. True: something was completed, or there is a choice that is said. */
bool request_form_complete(struct request_form *form);
/* With one role and few hosts nothing is left to type. */
void request_form_prefill(struct request_form *form);
