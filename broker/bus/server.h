/* The socket: connections, who they are, and their bounds. sd-bus sees only whole, bounded frames (frames.h).
 */
#pragma once

#include "broker/bus/rates.h"

#include "broker/base/broker.h"
#include "policy/contract/contract.h"
#include "policy/decide/decide.h"
#include "broker/bus/peer.h"

#include <systemd/sd-bus.h>

/* One connection, as the methods see it. */
struct conn {
    struct server *server;
    struct broker *b;
    struct peer peer;
    bool watching;
    uint64_t told; /* up to this one of the server's changes */
    struct logged {
        bool due;               /* is to be told that the journal has more */
        bool several;           /* of several grants */
        char grant[BG_ID_SIZE]; /* or of this one, or "" */
    } logged;
    struct throttle *throttle; /* the way of its bytes; server.c's */
    sd_bus *bus;
    struct conn *next;
};

/* listen_fd is taken over. attach puts the objects that are served onto a new connection. */
int server_new(struct server **ret, struct broker *b, int listen_fd, int (*attach)(struct conn *c));
void server_free(struct server *s);
/* Whether this connection wants to be told. */
void server_watch(struct conn *c, bool on);
/* Tells all watchers after this round, each as fast as it reads. One that is more than CHANGES_MAX behind
 * loses its connection. */
void server_changed(struct server *s, const char *person, const char *id, enum bg_state state);
/* The journal has one more event, of this grant (NULL or "": of none): watchers are told soon, once for all
 * that came together. */
void server_logged(struct server *s, const char *grant);
/* A session ends, and its connections with it. */
void server_drop_session(struct server *s, pid_t pid, uint64_t start);
/* Whether this connection's person may do one more of these now. */
bool server_allows(struct conn *c, enum rate_kind what);
/* One more was done. */
void server_counts(struct conn *c, enum rate_kind what);
