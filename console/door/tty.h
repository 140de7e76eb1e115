/* The terminal at the front door: keys arrive as bytes, and none of them is a signal. */
#pragma once

#include "console/door/line.h"

#include <stdbool.h>

/* Takes the terminal over until the program ends. 0 or -errno. */
int door_tty_open(void);
void door_tty_close(void);
/* Shows the prompt and reads a line; an escape byte in it is never echoed. DOOR_LINE, DOOR_CANCEL or
 * DOOR_END. */
enum door_typed door_tty_line(const char *prompt, struct door_line *line);
/* Reads what is pasted until Ctrl-D, or a line that is a single dot; nothing is echoed. `first` (may be NULL)
 * is its first line, read already. To be freed. 0, -ECANCELED (Ctrl-C), -E2BIG, or -errno. */
int door_tty_paste(const char *first, char **data, size_t *len);
/* Waits so many seconds; true as soon as a key is pressed (or the terminal is gone). */
bool door_tty_key(int seconds);
