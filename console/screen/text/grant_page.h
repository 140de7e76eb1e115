/* A grant in words, for the pane under the list and for its details. */
#pragma once

#include "console/screen/frame/frame.h"
#include "console/screen/terminal/page.h"
#include "policy/statement/statement.h"

/* The few lines under the list. shown: what a host's Show said, or NULL while it is on its way. keys: name
 * those that would help. */
void grant_page_pane(struct page *page, const struct frame *frame, const struct grant *grant,
                     const struct bg_grant_row *shown, bool keys);
/* A request's own text, as it was signed and not as a host tells it: one line, and then all the rest. */
void grant_page_title(struct page *page, const struct bg_statement *request);
void grant_page_request(struct page *page, const struct bg_statement *request);
/* Who can still agree, line by line, with their contacts; host by host where those lack different things.
 * grant: NULL where no host that is watched has it. */
void grant_page_missing(struct page *page, const struct frame *frame, const struct grant *grant,
                        const struct bg_grant_row *shown);
/* One line a host: what it says of the grant, or that it is not reached. */
void grant_page_hosts(struct page *page, const struct frame *frame, const struct grant *grant);
/* The whole story: what was asked, then a time line of statements, sessions and events. log: the journal's
 * rows of the grant, or NULL. hidden: that host does not show us all of them. */
void grant_page_details(struct page *page, const struct frame *frame, const struct grant *grant,
                        const struct bg_grant_row *shown, const struct reply *log, bool hidden);
