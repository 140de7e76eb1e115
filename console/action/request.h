/* Asking: a draft from a host, checked, signed here and put to every host; or signed by each host for a
 * person it knows. */
#pragma once

#include "console/client/calls.h"
#include "console/action/request_terms.h"

/* Drafts, checks, shows, signs with `identity` (may be NULL) and puts; then says what happens next. Gives an
 * exit status. */
int request_signed(struct calls *fan, struct request_terms *wish, const char *identity);
/* Each host signs for itself. */
int request_host_signed(struct calls *fan, const struct request_terms *wish);
/* Who we are to these hosts: wish->by, or what the first host says. NULL, having said so, where nobody knows.
 */
const char *request_person(struct calls *fan, const char *by);
