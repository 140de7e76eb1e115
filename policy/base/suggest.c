/* SPDX-License-Identifier: ISC */
/* The nearest word by the number of slips between the two, where they are few enough. */
#include "policy/base/suggest.h"

#include <string.h>

#define WORD_MAX 64

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Optimal string alignment: insert, delete, replace, and swap of neighbours cost 1 each. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t d[3][WORD_MAX + 1]; /* the row before the last, the last, this one; by turns */

    for (size_t j = 0; j <= b_len; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *row = d[i % 3], *above = d[(i + 2) % 3], *two_above = d[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t replace = above[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));
            row[j] = least(above[j] + 1, row[j - 1] + 1, replace);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]) &&
                two_above[j - 2] + 1 < row[j])
                row[j] = two_above[j - 2] + 1;
        }
    }
    return d[a_len % 3][b_len];
}

const char *bg_suggest(const char *word, const char *const *candidates, size_t n)
{
    size_t len = strlen(word), best;
    const char *nearest = NULL;

    if (len == 0 || len > WORD_MAX)
        return NULL;
    best = (len < 3 ? 1 : len / 3) + 1;
    for (size_t i = 0; i < n; i++) {
        size_t candidate = strlen(candidates[i]);
        if (candidate == 0 || candidate > WORD_MAX)
            continue;
        size_t d = distance(word, len, candidates[i], candidate);
        if (d < best) {
            best = d;
            nearest = candidates[i];
        }
    }
    return nearest;
}
