/* Policy, signers, this host's name and the lock: read at start and whenever they change. */
#pragma once

#include "broker/base/broker.h"

/* At start: reads everything and tells the journal what the policy is. -ENOMEM only. */
int load_first(struct broker *b);
/* Something in etc/breakglass changed: reads all of it again, tells what is new, judges every grant and
 * session again. */
void load_again(struct broker *b);
void load_free(struct broker *b);
