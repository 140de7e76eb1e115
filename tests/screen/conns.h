/* Connections to the host that is played. */
#pragma once

#include "tests/screen/play.h"

struct client;

/* A client whose bytes come by `in` and go by `out` (which may be the same); both are taken over. 0 or
 * -errno. */
int conn_open(struct play *p, int in, int out);
void conn_watch(struct client *c, bool on);
/* Takes connections at a unix socket. */
int conns_listen(struct play *p, const char *path);
/* Buries those that ended, from now on; a host without a socket ends with its last one. */
int conns_start(struct play *p);
/* Ends them all, as a broken network does. */
void conns_drop(struct play *p);
/* Tells those who watch. */
void conns_changed(struct play *p, const struct play_grant *g);
void conns_logged(struct play *p, const char *grant); /* NULL: of none */
