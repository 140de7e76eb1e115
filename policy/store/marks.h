/* How the marks are written in a grant's folder; for store*.c only. */
#pragma once

#include "policy/store/store.h"

/* `expired`: "TIME\n". `opened`: "TIME BOOT SECONDS\n". 0 or -EINVAL. */
int bg_mark_parse_expired(int64_t *time, char *text, size_t len);
int bg_mark_parse_opened(struct bg_clock *at, char *text, size_t len);
/* Whether `a` is the earlier of two marks: in one boot by the time since boot, which nobody can set. */
bool bg_mark_is_earlier(const struct bg_clock *a, const struct bg_clock *b);

/* Reads a mark of a grant's folder into `grant`. Of two the earlier counts. An `expired` that cannot be read
 * counts as closed. */
void bg_mark_load_expired(const struct bg_store *store, int dir, struct bg_grant *grant);
void bg_mark_load_opened(const struct bg_store *store, int dir, struct bg_grant *grant);
