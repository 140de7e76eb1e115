/* What a person says about a request: the text to be signed (sign.h) and brought to the hosts (push.h). */
#pragma once

#include "policy/statement/statement.h"

/* Each makes a statement by `person`, of this moment, about a `request` that was parsed or printed, and
 * prints it, so that its text can be read and signed. *st is made anew, to be freed; empty on failure. 0;
 * -EINVAL with a sentence for text that no statement can hold; -ENOMEM. Whether the person may say it is for
 * the hosts. */

/* Restates all that the request asks for. */
int compose_approve(struct bg_statement *st, const struct bg_statement *request, const char *person,
                    struct bg_sentence *err);
/* Deny, revoke and give-back. reason: NULL or "" is "urgent". */
int compose_close(struct bg_statement *st, const struct bg_statement *request, const char *person,
                  const char *reason, struct bg_sentence *err);
/* note: NULL or "" is none, which only an unflagged review may have: a flag says why. */
int compose_review(struct bg_statement *st, const struct bg_statement *request, const char *person,
                   bool flagged, const char *note, struct bg_sentence *err);
