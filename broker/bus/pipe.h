/* The way of a connection's bytes: client <-> sd-bus, one bounded frame at a time. The next call is passed on
 * only when the answers to the ones before have left, so a client that sends without reading costs no memory.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

struct pipe;

/* Takes both descriptors over: the client's, and our end of the pair whose other end `bus` has. */
int pipe_new(struct pipe **ret, sd_event *event, int client, int inner, sd_bus *bus);
void pipe_free(struct pipe *p);
/* Moves what can be moved now; after every round of the event loop. */
void pipe_move(struct pipe *p);
/* True when it is over: closed, broken, or against the rules; *why (may be NULL) then is a static text. */
bool pipe_over(const struct pipe *p, const char **why);
/* Whether bytes wait for the client to read those before. */
bool pipe_waits(const struct pipe *p);
/* Whether a deadline has passed: of the authentication, a frame half sent, answers not read, or nothing at
 * all for long. watching: it may be silent. */
bool pipe_late(const struct pipe *p, uint64_t now, bool watching);
