/* Sending one signed statement to every host that it concerns, for the verbs: one line a host. */
#pragma once

#include "console/action/outcome.h"
#include "console/client/calls.h"
#include "policy/statement/statement.h"
#include "policy/statement/token.h"

/* To every link of `fan` where the user named hosts; else (`named` empty) to every host of the request,
 * whether a link is to it or not, and to no other. closes_by as for calls_status. Adds to *all what they make
 * of it. Gives the exit status. */
int deliver(struct calls *fan, const struct bg_list *named, const struct bg_statement *request,
            const struct bg_bundle_item *item, int64_t closes_by, struct outcomes *all);
/* To every reachable link. */
int deliver_item(struct calls *fan, const struct bg_bundle_item *item, int64_t closes_by,
                 struct outcomes *all);
/* After a call of Put or Close: what each link made of it. */
int deliver_said(struct calls *fan, int64_t closes_by, struct outcomes *all);
/* Whether that link took it. */
bool deliver_taken(const struct calls_link *link);
