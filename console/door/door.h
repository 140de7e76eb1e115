/* What the front door can do. */
#pragma once

#include "policy/base/list.h"
#include "policy/base/name.h"

/* Runs one command (words[0] is its name); gives an exit status. */
int door_command(const struct bg_list *words);
/* The line-by-line form on a terminal. */
int door_form(void);
/* The questions, then the request, which this host signs for the person it knows, and waiting. last: gets the
 * ID; as it was where nothing was requested. */
void door_request(char last[BG_ID_SIZE]);
/* Says since when it waits and who can approve, and looks again until it is open, it has ended, or a key is
 * pressed. */
void door_wait(const char *id);
