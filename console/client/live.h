/* The hosts, live: connections that are made, kept and made again, what they say into the model, and calls
 * that never wait. */
#pragma once

#include "console/client/model.h"

#include "console/client/call.h"

#include <systemd/sd-event.h>

struct live;

struct live_listener {
    /* Something is to be painted anew: a host came or went, a list grew. */
    void (*moved)(void *arg);
    /* A grant changed on a host; shown: its answer to Show (take a reference to keep it), or NULL where the
     * host no longer has it. */
    void (*changed)(void *arg, size_t host, const char *id, struct reply *shown);
    /* The host's journal has more. */
    void (*logged)(void *arg, size_t host);
    /* Its list was read to the end, at first or anew. */
    void (*listed)(void *arg, size_t host);
    void *arg;
};

/* alone: at the front door, which speaks for its host and starts no other program: no host is ever reached by
 * ssh. */
int live_new(struct live **ret, sd_event *event, struct model *model, const struct live_listener *listener,
             bool alone);
void live_free(struct live *live);
/* A host to watch (to: NULL for this machine); reached once the event loop runs. Its index or -errno. */
int live_watch(struct live *live, const char *to);
/* A host that is needed for one thing: the one that is watched already, or a new connection. Index or
 * -errno; -EPERM: not from the front door. */
int live_reach(struct live *live, const char *name);
/* Hosts that are not there are tried again now, and the lists of the others are read anew. all (may be NULL):
 * also what is archived, from now on. */
void live_refresh(struct live *live, const bool *all);
/* After every round of the event loop: buries connections, which must not happen inside of their callbacks.
 */
void live_settle(struct live *live);

/* As call_start; a host that is not there answers at once. */
void live_call(struct live *live, size_t host, const struct call_args *args, const void *owner,
               call_answer *answer, void *arg);
/* The owner is gone: none of its calls will be answered. */
void live_forget(struct live *live, const void *owner);
/* Asks a host for a grant again; the answer is a change. */
void live_look(struct live *live, size_t host, const char *id);

/* Asks a host again who it is and who we are there: its policy may be another one now. */
void live_who(struct live *live, size_t host);

int64_t live_now_ms(void); /* a clock that only grows */
/* Whether the host owes an answer for so long that one says so. */
bool live_hangs(const struct host *h);
