/* The story of one grant. */
#pragma once

#include "console/base/page.h"
#include "console/client/values.h"
#include "policy/statement/statement.h"

/* A line for each statement and session of what a host's Show said (or NULL), and for each event of its
 * journal (or NULL), in the order of time. */
void grant_story(struct page *page, const struct bg_grant_row *shown, const struct reply *log);
/* Reads the text of a review; false: it is none, or cannot be read. */
bool grant_story_review(struct bg_statement *st, const struct bg_statement_row *said);
