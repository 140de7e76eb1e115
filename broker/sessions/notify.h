/* Messages on the terminals of a session. */
#pragma once

#include "broker/sessions/procs.h"

/* Writes one cleaned line, and another where `more` is not NULL, to every terminal that the processes sit at,
 * without waiting for any. Returns how many took it. */
unsigned notify_terminals(const struct procs *procs, const char *text, const char *more);
