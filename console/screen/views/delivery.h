/* Bringing what was signed to every host that it concerns, and what each says of it. */
#pragma once

#include "console/screen/frame/frame.h"

#include "policy/statement/statement.h"
#include "policy/statement/token.h"
#include "console/action/fetch.h"

enum delivery_what { BRING_REQUEST, BRING_APPROVAL, BRING_CLOSE, BRING_REVIEW, BRING_ITEMS, BRING_KNOWN };

struct request_terms;

struct delivery_params {
    enum delivery_what what;
    /* What was signed: taken over (its text becomes NULL there). NULL: what stands below. */
    struct bg_bundle_item *said;
    const struct bg_statement *request_text;
    /* The signed request, which goes along to hosts that have not seen it, and into the token for hosts that
     * are not reached; for BRING_REQUEST it is `said` itself, and may be NULL. */
    const struct bg_bundle_item *request;
    bool pasted; /* no host has shown the request: asks before it reaches hosts that only that text names */
    /* BRING_ITEMS: what was pasted, to every watched host, and to those that it names; asks likewise.
     * BRING_KNOWN: all that was said of the grant `id`, to each watched host that lacks something of it.
     * Taken over. */
    struct bg_bundle *items;
    /* BRING_REQUEST without `said`: each of its hosts signs a request of its own, for the person that it
     * knows. */
    const struct request_terms *terms;
    /* BRING_CLOSE without `said`: each host that has the grant closes it itself, for the person that it
     * knows. why: said before; may be NULL. */
    const struct bg_list *hosts;
    const char *id, *reason, *why;
};

/* Opens the view for it; without memory for that, what it would have taken over is gone. */
static inline void delivery_open(struct frame *frame, struct delivery_params *params)
{
    if (frame_open(frame, VIEW_DELIVERY, &(struct view_params){.delivery = params}))
        return;
    if (params->said)
        item_free(params->said);
    if (params->items)
        bg_bundle_free(params->items);
}
