/* A request as the hosts have it, for views that say something about it: fetched from whichever answers
 * first with one that really has that ID. */
#pragma once

#include "console/screen/frame/frame.h"

#include "console/action/fetch.h"

struct request_fetch {
    struct frame *frame;
    const void *owner; /* the view */
    char id[BG_ID_SIZE];
    struct fetched fetched;
    bool ready;
    struct reply *says[MODEL_HOSTS]; /* each host's answer to Show */
    unsigned waiting;
    char why[512]; /* not ready and nothing is on its way: why */
};

/* Asks every host that has the grant. owner: a view; its end forgets the calls. */
void request_fetch_begin(struct request_fetch *c, struct frame *frame, const void *owner, const char *id);
/* Takes a request that was pasted: no host is asked. 0 or -errno with a sentence. */
int request_fetch_take(struct request_fetch *c, struct frame *frame, const struct bg_bundle_item *item,
                       struct bg_sentence *err);
/* A host says something new of the grant: what is shown is of now. */
void request_fetch_changed(struct request_fetch *c, size_t host, const char *id, struct reply *answer);
void request_fetch_free(struct request_fetch *c);
