/* A signed request as the hosts have it, for views that answer it or pass it on. */
#pragma once

#include "console/action/fetch.h"
#include "console/screen/frame/frame.h"

struct request_fetch {
    struct frame *frame;
    char id[BG_ID_SIZE];
    struct fetched fetched; /* to be freed */
    bool ready;
    unsigned waiting;
    struct bg_sentence why; /* not ready and nothing is on its way: why */
};

/* Gets it from every host that has the grant, and has each show it once more (view_type.changed). owner: a
 * view; its end forgets the calls. */
void request_fetch_begin(struct request_fetch *f, struct frame *frame, const void *owner, const char *id);
/* Takes a request that was pasted, without any host. 0 or -errno with a sentence. */
int request_fetch_take(struct request_fetch *f, struct frame *frame, const struct bg_bundle_item *item,
                       struct bg_sentence *err);
