/* The only writer of BREAKGLASS_ events: from the spool, oldest first, to journald's native socket. */
#pragma once

#include "broker/base/broker.h"

int writer_new(struct writer **ret, struct broker *b);
void writer_free(struct writer *j);
/* Something may be in the spool: writes it soon, from the event loop. */
void writer_wake(struct writer *j);
/* Writes what journald accepts now. Returns how many events were written. */
unsigned writer_pump(struct writer *j);
