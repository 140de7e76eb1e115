/* Something to be taken elsewhere: the terminal's clipboard, with a word about it. */
#pragma once

#include "console/screen/frame/frame.h"

/* CMD_COPY and CMD_PLAINLY (on the terminal without the screen, to be selected with the mouse) of a text,
 * which may be NULL: there is none yet. False: another command. */
bool clipboard_command(struct frame *frame, enum command command, const char *text);
