/* Asking and waiting at the front door. */
#pragma once

#include "policy/base/name.h"

/* The questions, then the request, which this host signs for the person it knows. 0 and the grant's ID, or
 * -ECANCELED. */
int door_ask(char id[BG_ID_SIZE]);
/* Says since when it waits and who can agree, and looks again until it is open, over, or a key is pressed. */
void door_wait(const char *id);
