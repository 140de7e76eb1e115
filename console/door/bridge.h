/* The bridge: a connection to the broker over somebody's standard input and output. */
#pragma once

#define BRIDGE_MS                                                                                            \
    30000 /* for either side to take what the other sent, and for the broker to end after `in` */
#define BRIDGE_BYTES 65536 /* held in each direction */

/* Copies bytes between in/out and the socket until the broker ends; the end of `in` is passed on to it. 0
 * after the end of `in`, else -errno: -ETIMEDOUT (after BRIDGE_MS), -EUSERS the broker ended and had said
 * nothing, -ECONNRESET it ended later, -EPIPE nobody reads `out`. Closes nothing. */
int bridge_run(int in, int out, int socket);
/* Connects to the broker's socket at `path`. An fd or -errno. */
int bridge_connect(const char *path);
