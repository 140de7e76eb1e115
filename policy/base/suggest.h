/* "Did you mean": the nearest of the words that would have been right. */
#pragma once

#include <stddef.h>

/* The candidate with the smallest edit distance from `word` (letter case costs nothing), or NULL where none
 * is near enough to be a slip: at most a third of the word's length, and at least 1, away. Words over 64
 * bytes: NULL. */
const char *bg_suggest(const char *word, const char *const *candidates, size_t n);
