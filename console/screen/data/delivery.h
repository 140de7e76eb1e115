/* What was signed or pasted, on its way to the hosts that it concerns, and what each says of it. */
#pragma once

#include "console/action/fetch.h"
#include "console/action/outcome.h"
#include "console/screen/frame/frame.h"

struct request_terms;

enum delivery_what {
    DELIVER_REQUEST,
    DELIVER_APPROVAL,
    DELIVER_CLOSE,
    DELIVER_REVIEW,
    DELIVER_PASTED,  /* to every watched host, and to those that it names */
    DELIVER_MISSING, /* all that was said of a grant, to hosts that lack something of it */
};

struct delivery_params {
    enum delivery_what what;
    /* What was signed: taken over (its text becomes NULL there), and the request that it is about. */
    struct bg_bundle_item *said;
    const struct bg_statement *request_text;
    /* The signed request, which goes before it to hosts that have not seen it, and into the token for hosts
     * that are not reached; for DELIVER_REQUEST it is `said` itself, and may be NULL. */
    const struct bg_bundle_item *request;
    bool pasted; /* no host has shown the request: asks before it reaches hosts that only it names */
    struct bg_bundle *items; /* DELIVER_PASTED (asks likewise): taken over */
    /* DELIVER_REQUEST without `said`: each of its hosts signs a request of its own, for the person that it
     * knows. */
    const struct request_terms *terms;
    /* DELIVER_CLOSE without `said`: each host that has the grant closes it itself, for the person that it
     * knows. why: said before; may be NULL. */
    const struct bg_list *hosts;
    const char *id, *reason, *why;
};

struct delivery_host {
    int host;
    size_t at; /* goes on behind this letter; SIZE_MAX: nothing is on its way any more */
    bool has;  /* an approval by us: it keeps the earliest, and one more is no news to it */
    enum outcome state;
    unsigned sessions; /* that were in before */
    struct page said;
};

struct delivery {
    struct view view;
    enum delivery_what what;
    char id[BG_ID_SIZE], person[BG_PERSON_SIZE];
    struct bg_bundle items; /* the request first; none: the hosts sign */
    char *token, *why;
    const char *reason;                /* of a close: while it is sent */
    const struct request_terms *terms; /* of a request that hosts sign: only whether, once they are sent */
    unsigned requests;                 /* that hosts signed: each has its own */
    bool pasted, asks, reaches;        /* asks: whether it reaches hosts that only a pasted text names */
    struct bg_list unknown;            /* these hosts */
    struct delivery_host *host;
    size_t n, waiting;
    struct delivery_letter {
        size_t host, item;
    } * letter; /* each host gets its own one after another */
    size_t n_letters;
    int64_t began, took; /* ms */
    int64_t closes_by;
    const char *verb; /* that closes it, too */
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

/* Sends it, or sets ->asks; DELIVER_MISSING is gathered first. */
void delivery_begin(struct delivery *v, const struct delivery_params *params);
/* hosts: of the request, where no item names them. */
void delivery_go(struct delivery *v, const struct bg_list *hosts);
/* Of DELIVER_MISSING: asks the hosts for what they have, and goes. */
void delivery_gather(struct delivery *v);
/* The answer to ->asks. */
void delivery_answer(struct delivery *v, bool reaches);
void delivery_count(const struct delivery *v, struct outcomes *all);
/* Whether something was sent to the host of that name. */
bool delivery_asked(const struct delivery *v, const char *name);
void delivery_free(struct delivery *v);
