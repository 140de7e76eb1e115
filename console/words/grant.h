/* Grants and statements in words, for a terminal or a log. All text is cleaned on its way out. */
#pragma once

#include "console/client/grants.h"
#include "policy/statement/statement.h"

#include <stdint.h>
#include <stdio.h>

#define SHOW_LEFT_SIZE 32

/* "K7Q4-M2XP-9D3F" of an ID in any form; the text itself where it is none. `out` holds at least 64. */
const char *show_id(char out[64], const char *id);
/* "14:02", or "24 Nov 14:02" where it is more than a day away from now. UTC. */
const char *show_clock(char out[SHOW_LEFT_SIZE], int64_t t, int64_t now);
/* Likewise with seconds: "14:02:31". */
const char *show_moment(char out[SHOW_LEFT_SIZE], int64_t t, int64_t now);
/* "23:41", "3h12m", "2d": how long. */
const char *show_left(char out[SHOW_LEFT_SIZE], int64_t seconds);
/* The state in one or two words: "denied" for a closed one that was denied. */
const char *show_state(const struct bg_grant_row *row);

/* Of a grant in full (Show) that is closed: the statement that closed it. NULL: none. */
const struct bg_statement_row *show_close(const struct bg_grant_row *grant);
struct window {
    int64_t opens, ends, duration;
};
/* "from 14:00 to 14:30 UTC", or when it really ended and until when it was signed. `out` holds 160; grant: in
 * full, or NULL. */
const char *show_window(char out[160], const struct bg_grant_row *grant, const struct window *window,
                        int64_t now);

/* A table of them, in the order in which they come. several: with the hosts that say so. */
void show_list(FILE *to, const struct grant_rows *grants, bool several, int64_t now);
/* A table of grants whose review is due (reviews_waiting). person: who reads it, so that what they asked for
 * or approved is marked; "" for nobody. */
void show_reviews(FILE *to, const struct grant_rows *waiting, const char *person, int64_t now);
/* One grant in full (Show). */
void show_grant(FILE *to, const struct bg_grant_row *grant, int64_t now);
/* Who can still agree, one line for each Approve= line that lacks somebody, with contacts where they are
 * known. */
void show_missing(FILE *to, const struct bg_grant_row *grant);
/* One event (log_rows.h) on one line. host: NULL where there is only one. */
void show_event(FILE *to, const char *host, const struct bg_event_row *event);
/* Who signed it: the person, or the host that says how it knew them. */
const char *show_signer(char *out, size_t size, const struct bg_statement *request);
/* What a request asks for, from its own text: all that an approver signs. */
void show_request(FILE *to, const struct bg_statement *request);
