/* Times and durations as they are written in statements and policies. No locale, no time zone, no clock
 * but bg_now(). Times are seconds since 1970-01-01T00:00:00Z, without leap seconds. */
#pragma once

#include <stdint.h>

#define BG_TIME_SIZE 21 /* "2026-11-23T14:02:31Z" with NUL */
#define BG_DURATION_SIZE 32

/* RFC 3339, UTC, whole seconds, exactly "YYYY-MM-DDThh:mm:ssZ"; years 2000 to 9999; every field in range
 * (no 60th second, no 31 February). 0 or -EINVAL. */
int bg_time_parse(int64_t *t, const char *text);
void bg_time_format(char out[BG_TIME_SIZE], int64_t t);

/* Durations: "90s", "30m", "1h30m", "72h", "2d"; units d h m s in this order, each at most once, no blanks.
 * bg_duration_parse takes any such text up to 400 days and more than 0. bg_duration_format writes the one
 * canonical form: hours, minutes, seconds, none of them 0 ("1h30m"; 0 is "0s"); statements take only that.
 * 0 or -EINVAL. */
int bg_duration_parse(int64_t *seconds, const char *text);
void bg_duration_format(char out[BG_DURATION_SIZE], int64_t seconds);

/* The clock, in seconds. decide() never calls it. */
int64_t bg_now(void);
