/* The only writer of BREAKGLASS_ events: from the spool, oldest first, to journald's native socket. */
#pragma once

#include "broker/broker.h"

int journal_new(struct journal **ret, struct broker *b);
void journal_free(struct journal *j);
/* Something may be in the spool: writes soon, from the event loop. */
void journal_wake(struct journal *j);
/* Writes what journald takes now. Gives how many events were written. */
unsigned journal_pump(struct journal *j);
