/* One grant in words, as lines of a page: what is requested, how it stands on each host, and its story. */
#pragma once

#include "console/base/page.h"
#include "console/client/calls.h"
#include "console/client/model.h"
#include "policy/statement/statement.h"

/* A request's own text, as it was signed and not as a host tells it: one line, and then all the rest. */
void grant_text_title(struct page *page, const struct bg_statement *request);
void grant_text_request(struct page *page, const struct bg_statement *request);
/* Who signed it: the person, or the host that says how it knew them. */
const char *grant_text_signer(char *out, size_t size, const struct bg_statement *request);

/* Who can still approve, line by line, with their contacts; host by host where those lack different things.
 * grant: NULL where no host that is watched has it; shown: what a host's Show said, or NULL. */
void grant_text_needs(struct page *page, const struct model *m, const struct grant *grant,
                      const struct bg_grant_row *shown);
/* Its name, the reason and the approvals. brief: a long reason is cut. */
void grant_text_head(struct page *page, const struct model *m, const struct grant *grant,
                     const struct bg_grant_row *shown, bool brief);
/* What it opens, how it ended and what reviewers say. again: what stands behind the end, in few words; NULL:
 * the host's own sentence. */
void grant_text_state(struct page *page, const struct grant *grant, const struct bg_grant_row *shown,
                      const char *again);
/* What each host says of the grant, or that it is not reached. */
void grant_text_hosts(struct page *page, const struct model *m, const struct grant *grant);
/* When it is open, when its review is due, and a time line of statements, sessions and events. log: the
 * journal's rows of the grant, or NULL. */
void grant_text_story(struct page *page, const struct grant *grant, const struct bg_grant_row *shown,
                      const struct reply *log);

/* --- printed --- */

void show_request(FILE *to, const struct bg_statement *request);
void show_missing(FILE *to, const struct bg_grant_row *grant);
/* All of it, as the answers to Show tell it. */
void show_grant(FILE *to, const struct calls *fan);
