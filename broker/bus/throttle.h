/* The way of a connection's bytes: client <-> sd-bus, one bounded frame at a time. The next call is passed on
 * only when the answers to the ones before have left, so a client that sends without reading costs no memory.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

struct throttle;

/* Takes both descriptors over: the client's, and our end of the pair whose other end `bus` has. */
int throttle_new(struct throttle **ret, sd_event *event, int client, int inner, sd_bus *bus);
void throttle_free(struct throttle *t);
/* Moves what can be moved now; after every round of the event loop. */
void throttle_move(struct throttle *t);
/* True once it is closed, broken, or was not D-Bus within the bounds of frames.h. */
bool throttle_ended(const struct throttle *t);
/* Whether bytes wait for the client to read those before. */
bool throttle_waits(const struct throttle *t);
/* Whether a deadline has passed: of the authentication, a frame half sent, answers not read, or nothing at
 * all for long. watching: it may be silent. */
bool throttle_late(struct throttle *t, uint64_t now, bool watching);
