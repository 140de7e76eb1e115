/* A grant in words, for the pane under the list and for its details. */
#pragma once

#include "app.h"
#include "page.h"
#include "statement.h"

/* The few lines under the list. shown: what a host's Show said, or NULL while it is on its way. */
void story_pane(struct page *page, const struct app *app, const struct grant *grant, json_object *shown);
/* A request's own text, as it was signed and not as a host tells it: one line, and then all the rest. */
void story_title(struct page *page, const struct bg_statement *request);
void story_request(struct page *page, const struct bg_statement *request);
/* Who can still agree, line by line, with their contacts. */
void story_missing(struct page *page, json_object *shown);
/* One line a host: what it says of the grant, or that it is not reached. */
void story_hosts(struct page *page, const struct app *app, const struct grant *grant);
/* The whole story: what was asked, then a time line of statements, sessions and events. log: the journal's
 * rows of the grant, or NULL. */
void story_details(struct page *page, const struct app *app, const struct grant *grant, json_object *shown,
                   json_object *log);
