/* The socket: connections, their peers and their bounds. sd-bus sees only whole, bounded frames (frames.h).
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
    uint64_t told; /* changes sent so far, by the server's count */
    struct logged {
        bool due;               /* the journal has more, and the peer is to be told */
        bool several;           /* of several grants */
        char grant[BG_ID_SIZE]; /* or of this one, or "" */
    } logged;
    struct throttle *throttle; /* moves its bytes; server.c's */
    sd_bus *bus;
    struct conn *next;
};

/* listen_fd is taken over. attach puts the objects that are served onto a new connection. */
int server_new(struct server **ret, struct broker *b, int listen_fd, int (*attach)(struct conn *c));
void server_free(struct server *s);
/* Turns signals for this connection on or off. */
void server_watch(struct conn *c, bool on);
/* Tells all watchers after this round, each as fast as it reads. One that is more than CHANGES_MAX behind
 * loses its connection. */
void server_changed(struct server *s, const char *person, const char *id, enum bg_state state);
/* The journal has one more event, of this grant (NULL or "": of none). Watchers get one signal for all events
 * that come together. */
void server_logged(struct server *s, const char *grant);
/* A session ends, and its connections with it. */
void server_drop_session(struct server *s, pid_t pid, uint64_t start);
/* Whether the rate limit lets this connection's person do one more now, and: one more was done. */
bool server_allows(struct conn *c, enum rate_kind what);
void server_counts(struct conn *c, enum rate_kind what);
