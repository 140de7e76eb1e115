/* What the front door can do. */
#pragma once

#include "policy/base/list.h"

/* Runs one command (words[0] is its name); gives an exit status. */
int door_command(const struct bg_list *words);
/* The line-by-line form on a terminal. */
int door_form(void);
