/* The only writer of BREAKGLASS_ events: from the spool, oldest first, to journald's native socket. */
#pragma once

#include "broker/broker.h"

int writer_new(struct journal **ret, struct broker *b);
void writer_free(struct journal *j);
/* Something may be in the spool: writes soon, from the event loop. */
void writer_wake(struct journal *j);
/* Writes what journald takes now. Gives how many events were written. */
unsigned writer_pump(struct journal *j);
