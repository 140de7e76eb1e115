/* A grant in words on the screen: the pane under the list, and the details. */
#pragma once

#include "console/screen/frame/frame.h"
#include "console/words/grant_text.h"

/* The few lines under the list. shown: what a host's Show said, or NULL while it is on its way. keys: name
 * those that would help. */
void grant_page_pane(struct page *page, const struct frame *frame, const struct grant *grant,
                     const struct bg_grant_row *shown, bool keys);
/* The whole story. log: the journal's rows of the grant, or NULL. hidden: that host does not show us all of
 * them. */
void grant_page_details(struct page *page, const struct frame *frame, const struct grant *grant,
                        const struct bg_grant_row *shown, const struct reply *log, bool hidden);
