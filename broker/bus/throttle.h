/* Moves a connection's bytes between client and sd-bus, one bounded frame at a time. The next call is passed
 * on only when all earlier replies have left, so a client that sends without reading costs no memory. */
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
/* Whether bytes wait until the client reads earlier ones. */
bool throttle_waits(const struct throttle *t);
/* Whether a deadline has passed: for the authentication, the rest of a frame, replies to be read, or (unless
 * watching) the next call. now: CLOCK_MONOTONIC, microseconds. */
bool throttle_late(struct throttle *t, uint64_t now, bool watching);
