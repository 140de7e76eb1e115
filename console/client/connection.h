/* One connection to one broker: this machine's socket, or `ssh breakglass@HOST bridge`. It belongs to an
 * event loop and never waits. */
#pragma once

#include "policy/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

enum connection_ssh {
    DIAL_ASKING = 0, /* ssh may ask for passphrases on the terminal, and what it says is shown at once */
    DIAL_BATCH,      /* ssh asks nothing; its words are kept */
    DIAL_UNSEEN,     /* likewise, and it has no terminal at all: a screen of ours is on it */
};

struct connection {
    char *host; /* as given to ssh; NULL for the local broker */
    sd_bus *bus;
    pid_t ssh; /* 0: none */
    sd_event_source *stderr_source;
    char said[512]; /* the line that ssh is saying */
    size_t said_len;
    char last[512]; /* the last line that ssh said; cleaned */
    bool aloud;
    uint64_t patience;      /* microseconds until a call has no answer */
    bool greeted;           /* it has answered something */
    bool lost;              /* of no more use */
    struct bg_sentence why; /* it is lost; for people, and cleaned */
    struct call *calls;     /* that wait for their answers, the newest first */
};

/* Starts a connection. 0; or -errno, and it is lost. Close it in any case. */
int connection_open(struct connection *d, sd_event *event, const char *host, enum connection_ssh how);
/* Closes everything and ends ssh; at most some milliseconds. Fine with what was never opened. */
void connection_close(struct connection *d);
/* What ssh said last may still be in its pipe when the connection is already gone. */
void connection_hear_rest(struct connection *d);

/* What it means when this machine's broker ends a connection before it has said anything. */
#define DIAL_NO_ROOM                                                                                         \
    "the broker has no room: one person has at most four connections to a host; end one of them"

/* Sends a call; on_reply comes once, within its patience, unless the slot is dropped before. 0 or -errno. */
int connection_send(struct connection *d, sd_bus_message *m, sd_bus_message_handler_t on_reply,
                    void *userdata, sd_bus_slot **slot);

/* It is of no more use. The first reason counts. */
static inline void connection_lose(struct connection *d, const char *why)
{
    if (!d->lost)
        bg_say(&d->why, "%s", why);
    d->lost = true;
}
