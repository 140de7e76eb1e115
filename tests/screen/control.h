/* How a test says to a played host what is to happen. */
#pragma once

#include "tests/screen/play.h"

/* Takes datagrams at a unix socket: a piece of a scenario, or a command (README). Each is answered by "ok" or
 * a sentence. */
int control_listen(struct play *p, const char *path);
/* The other side: sends the lines and gives the exit status. */
int control_tell(const char *path, int n, char **lines);
