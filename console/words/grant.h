/* Grants and statements in words, for a terminal or a log. All text is cleaned on its way out. */
#pragma once

#include "console/client/grants.h"

#include <stdint.h>
#include <stdio.h>

#define SHOW_LEFT_SIZE 32
#define SHOW_ID_SIZE 64

/* "K7Q4-M2XP-9D3F" of an ID in any form; the text itself where it is none. */
const char *show_id(char out[SHOW_ID_SIZE], const char *id);
/* "14:02", or "24 Nov 14:02" where it is more than a day away from now. UTC. */
const char *show_clock(char out[SHOW_LEFT_SIZE], int64_t t, int64_t now);
/* Likewise with seconds: "14:02:31". */
const char *show_moment(char out[SHOW_LEFT_SIZE], int64_t t, int64_t now);
/* "23:41", "3h12m", "2d": how long. */
const char *show_left(char out[SHOW_LEFT_SIZE], int64_t seconds);
/* Roughly: "<1m", "3m", "16h", "2d". */
const char *show_about(char out[SHOW_LEFT_SIZE], int64_t seconds);

/* A table of them, in the order in which they come. several: with the hosts that say so. */
void show_list(FILE *to, const struct grant_rows *grants, bool several, int64_t now);
/* A table of grants whose review is due. person: who reads it, so that what they requested
 * or approved is marked; "" for nobody. */
void show_reviews(FILE *to, const struct grant_rows *waiting, const char *person, int64_t now);
/* One event (log_rows.h) on one line. host: NULL where there is only one. */
void show_event(FILE *to, const char *host, const struct bg_event_row *event);
