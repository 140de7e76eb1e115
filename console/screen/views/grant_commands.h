/* What can be done with one grant, from the list and from its details alike. */
#pragma once

#include "console/screen/frame/frame.h"

/* Opens the view for it, or says why not. False: no such command. */
bool grant_command(struct frame *frame, const char *id, enum command command);
