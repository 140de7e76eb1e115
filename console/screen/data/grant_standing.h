/* How a grant stands on all hosts together, and what makes sense to do with it now. */
#pragma once

#include "console/screen/frame/frame.h"

/* How a grant stands now. False: no host knows it (and *sum is GRANT_STATES). */
bool grant_stands(const struct frame *frame, const char *id, struct sum *sum);
/* Asks a host for the journal's events of a grant, oldest first; who may not see them sees the rest. arg is
 * the view whose call it is. False: no host has it. */
bool grant_ask_log(struct frame *frame, const char *id, void *arg, call_answer *answer);
/* Whether a command would make sense now. True for commands that are not about a grant. */
bool grant_offers(const struct frame *frame, const char *id, enum command command);
/* Whether a host that is reached lacks what another one has of the grant, so that it can be sent there. */
bool grant_lacks(const struct frame *frame, const struct grant *g, size_t host);
