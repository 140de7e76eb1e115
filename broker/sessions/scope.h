/* logind's scope of a session: systemd ends it at its RuntimeMaxSec=, which is moved when the session may
 * live longer. */
#pragma once

#include "broker/base/broker.h"

/* Lets systemd wait so many seconds from its beginning with `unit` (as procs_scope gives it): a drop-in, and
 * a reload. 0, or -ENOENT where the session has no scope (""). */
int scope_extend(const struct broker *b, const char *unit, int64_t seconds);
/* Takes the drop-in away; the session is gone. */
void scope_forget(const struct broker *b, const char *unit);
