/* A request as the hosts have it, for views that say something about it: fetched from whichever answers
 * first with one that really has that ID. */
#pragma once

#include "console/screen/app.h"

#include "console/action/fetch.h"

struct carrying {
    struct app *app;
    const void *owner; /* the view */
    char id[BG_ID_SIZE];
    struct fetched fetched;
    bool ready;
    json_object *shown; /* Show of a host, one that waits for us before others; NULL: none yet */
    size_t shown_by;
    unsigned waiting;
    char why[512]; /* not ready and nothing is on its way: why */
};

/* Asks every host that has the grant. owner: a view; its end forgets the calls. */
void carrying_begin(struct carrying *c, struct app *app, const void *owner, const char *id);
/* Takes a request that was pasted: no host is asked. 0 or -errno with a sentence. */
int carrying_take(struct carrying *c, struct app *app, const struct bg_item *item, struct bg_error *err);
/* A host says something new of the grant: what is shown is of now. */
void carrying_changed(struct carrying *c, size_t host, const char *id, json_object *grant);
void carrying_free(struct carrying *c);
