/* The roles that one may request, as the hosts tell: each once, with the hosts that have it. */
#pragma once

#include "console/screen/frame/frame.h"

#define ROLES_MAX 256

struct role {
    struct reply *answer;          /* to Roles */
    const struct bg_role_row *row; /* in it, as the first host that has the role says */
    struct bg_list on;             /* names of hosts that have it */
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
struct role *roles_find(struct roles *roles, const char *name);
/* Whether it is for a host of that name, and whether it names that host in full. */
bool roles_fits(const struct role *role, const char *host);
bool roles_names(const struct role *role, const char *host);
/* What must happen, and then: "Needs: 1 of @dba (alice) and 1 of @leads (dave). Then you have 30m." */
void roles_say_next(const struct role *role, int64_t duration, char *out, size_t size);
