/* Requesting, line by line: for the verb and the front door's plain form. */
#pragma once

#include "console/client/calls.h"
#include "console/action/request_terms.h"

/* A host drafts it; checks it, shows it, signs it with `identity` (may be NULL), sends it to every host, and
 * says what happens next. Gives an exit status. */
int request_signed(struct calls *fan, struct request_terms *terms, const char *identity);
/* Each host signs for itself. id: gets the first one's ID; as it was where no host has signed. */
int request_host_signed(struct calls *fan, const struct request_terms *terms, char id[BG_ID_SIZE]);
/* Who we are to these hosts: `by`, or what the first host says. NULL, having said so, where nobody knows. */
const char *request_person(struct calls *fan, const char *by);
