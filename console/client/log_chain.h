/* Whether a log is whole: every event carries its number, the digest of the one before, and its own. */
#pragma once

#include "policy/base/error.h"
#include "console/client/values.h"

/* rows: all events of a host, oldest first. 0 and how far it goes in *finding; -EBADMSG and the first gap or
 * change there; -ENOENT: there are none. */
int log_chain_check(json_object *rows, struct bg_sentence *finding);
