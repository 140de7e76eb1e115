/* A request and its answers, as a host has them. */
#pragma once

#include "policy/statement/token.h"
#include "console/client/calls.h"
#include "policy/statement/statement.h"

struct fetched {
    struct bg_statement request;
    struct bg_bundle items;  /* the request first, then the others */
    struct calls_link *from; /* who sent it */
};

/* Asks every reachable link for the ID and takes the first good answer: one whose request really has that ID.
 * 0; -ENOENT or -EINVAL with the sentence of a host that answered; -EHOSTUNREACH where none did. */
int fetch(struct calls *fan, const char *id, struct fetched *fetched, struct bg_sentence *err);
/* Takes an answer of Get for an ID as it was typed (of its first four characters or more): its statements
 * parse as far as is needed, and the first is the request that has this ID. -EINVAL with a sentence, -ENOMEM;
 * *fetched is empty then. */
int fetch_take(struct fetched *fetched, struct reply *reply, const char *id, struct bg_sentence *err);
void fetched_free(struct fetched *fetched);
/* What is known of a grant (the request first) as tokens for a chat: one for each statement, each with its
 * request, so that any one of them can be used alone; a blank line between. To be freed; NULL without memory.
 */
char *fetch_tokens(const struct bg_bundle *items);
/* An item as text and armour in one, as Put takes it; to be freed. NULL without memory. */
char *fetch_signed(const struct bg_bundle_item *item);
void item_free(struct bg_bundle_item *item);
/* Adds a copy; -ENOMEM. */
int fetch_add(struct bg_bundle *items, const struct bg_bundle_item *item);
