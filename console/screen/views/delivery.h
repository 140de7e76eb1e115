/* Bringing what was signed to every host that it concerns, and what each says of it. */
#pragma once

#include "console/screen/app.h"
#include "console/screen/views/signing.h"

enum delivery_what { BRING_REQUEST, BRING_APPROVAL, BRING_CLOSE, BRING_REVIEW, BRING_ITEMS, BRING_KNOWN };

/* Takes `said` over (its text becomes NULL there). `request` is the signed request, which goes along to hosts
 * that have not seen it, and into the token for hosts that are not reached; for BRING_REQUEST it is `said`
 * itself, and may be NULL. */
struct view *delivery_new(struct app *app, enum delivery_what what, const struct bg_statement *request_text,
                          const struct bg_bundle_item *request, struct bg_bundle_item *said);
/* Likewise an approval of a request that was pasted, which no host has shown: it asks before it reaches hosts
 * that only that text names. */
struct view *delivery_answer_new(struct app *app, const struct bg_statement *request_text,
                                 const struct bg_bundle_item *request, struct bg_bundle_item *said);
/* Each host that has the grant closes it itself, for the person that it knows. why: said before; may be NULL.
 */
struct view *delivery_close_new(struct app *app, const struct bg_list *hosts, const char *id,
                                const char *reason, const char *why);
/* What was pasted, to every watched host, and to those that it names; asks as delivery_answer_new does. Takes
 * the items over. */
struct view *delivery_items_new(struct app *app, struct bg_bundle *items);
/* All that was said of a grant, as other hosts have it, to each watched host that lacks something of it.
 * Takes the items over. */
struct view *delivery_known_new(struct app *app, const char *id, struct bg_bundle *items);
