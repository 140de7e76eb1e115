/* Bringing one signed statement to every host that it concerns. */
#pragma once

#include "policy/statement/token.h"
#include "console/client/calls.h"
#include "policy/statement/statement.h"

struct pushed {
    size_t taken, missed; /* hosts that took it; hosts that were not reached */
};

/* To every link of `fan` where the user named hosts; else (`named` empty) to every host of the request,
 * whether a link is to it or not, and to no other. One line a host. closes_by as for calls_status. Gives the
 * exit status. */
int deliver(struct calls *fan, const struct bg_list *named, const struct bg_statement *request,
            const struct bg_bundle_item *item, int64_t closes_by, struct pushed *pushed);
