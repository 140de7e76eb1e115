/* The bridge: a connection to the broker over somebody's standard input and output. */
#pragma once

/* Copies whole pieces between in/out and the socket until one side ends. A piece that is not complete within
 * 30 seconds, or that cannot be passed on within 30 seconds, ends it. 0, or -errno: -EBADMSG not D-Bus,
 * -ETIMEDOUT, -EUSERS: the socket ended before anything came from it. Closes nothing. */
int bridge_run(int in, int out, int socket);
/* Connects to the broker's socket at `path`. An fd or -errno. */
int bridge_connect(const char *path);
