/* The roles that one may request, as the hosts tell: each once. */
#pragma once

#include "console/screen/frame/frame.h"

#define ROLES_MAX 256

struct role {
    struct reply *answer;          /* to Roles */
    const struct bg_role_row *row; /* in it, as the first host that has the role says */
};

struct roles {
    struct frame *frame;
    struct role v[ROLES_MAX];
    size_t n;
    unsigned waiting;
    char why[512]; /* of a host that said no */
};

/* Asks all hosts. owner: a view; its end forgets the calls. */
void roles_ask(struct roles *roles, struct frame *frame, const void *owner);
void roles_free(struct roles *roles);
/* By name, or NULL. */
const struct role *roles_find(const struct roles *roles, const char *name);
