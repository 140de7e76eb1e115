/* SPDX-License-Identifier: ISC */
/* Reviews that are due, out of the grants of all hosts. */
#include "console/client/reviews.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int by_id(const void *a, const void *b)
{
    const struct grants_row *x = a, *y = b;

    return strcmp(x->row->id, y->row->id);
}

static int first_due(const void *a, const void *b)
{
    const struct grants_row *x = a, *y = b;

    if (x->review_due != y->review_due)
        return x->review_due < y->review_due ? -1 : 1;
    return by_id(a, b);
}

/* Two hosts may see one grant in two states, closed and expired, and both want it reviewed. */
static int join(struct grants_row *kept, const struct grants_row *row, struct reply *keeper)
{
    size_t n = kept->review_on.n + row->review_on.n;
    const char **names = reply_reserve(keeper, n * sizeof *names);

    if (!names)
        return -ENOMEM;
    memcpy(names, kept->review_on.v, kept->review_on.n * sizeof *names);
    memcpy(names + kept->review_on.n, row->review_on.v, row->review_on.n * sizeof *names);
    kept->review_on = (struct bg_strings){names, n};
    if (row->review_due < kept->review_due)
        kept->review_due = row->review_due;
    return 0;
}

int reviews_waiting(struct grant_rows *grants)
{
    size_t due = 0, kept = 0;
    int r = 0;

    for (size_t i = 0; i < grants->n; i++)
        if (grants->v[i].review_due)
            grants->v[due++] = grants->v[i];
    if (due > 0)
        qsort(grants->v, due, sizeof *grants->v, by_id);
    for (size_t i = 0; r >= 0 && i < due; i++)
        if (kept > 0 && by_id(&grants->v[kept - 1], &grants->v[i]) == 0)
            r = join(&grants->v[kept - 1], &grants->v[i], grants->replies.v[0]);
        else
            grants->v[kept++] = grants->v[i];
    grants->n = kept;
    if (kept > 0)
        qsort(grants->v, kept, sizeof *grants->v, first_due);
    return r;
}
