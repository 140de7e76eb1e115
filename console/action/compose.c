/* SPDX-License-Identifier: ISC */
#include "console/action/compose.h"

#include "policy/base/timestamp.h"

#include <errno.h>
#include <string.h>

static int out_of_memory(struct bg_sentence *err)
{
    return bg_fail(err, -ENOMEM, "no memory left");
}

/* Fills in what all of them have. */
static int begin(struct bg_statement *st, enum bg_kind kind, const struct bg_statement *request,
                 const char *person, struct bg_sentence *err)
{
    st->kind = kind;
    st->time = bg_now();
    memcpy(st->request, request->digest, sizeof(st->request));
    st->by = strdup(person);
    return st->by ? 0 : out_of_memory(err);
}

static int finish(struct bg_statement *st, int r, struct bg_sentence *err)
{
    if (r >= 0)
        r = bg_statement_print(st, err);
    if (r < 0)
        bg_statement_free(st);
    return r;
}

int compose_approve(struct bg_statement *st, const struct bg_statement *request, const char *person,
                    struct bg_sentence *err)
{
    int r;

    *st = (struct bg_statement){0};
    r = bg_statement_approve(st, request);
    if (r < 0)
        return finish(st, bg_fail(err, r, "%s", r == -ENOMEM ? "no memory left" : "that is no request"), err);
    return finish(st, begin(st, BG_APPROVE, request, person, err), err);
}

int compose_close(struct bg_statement *st, const struct bg_statement *request, const char *person,
                  const char *reason, struct bg_sentence *err)
{
    int r;

    *st = (struct bg_statement){0};
    r = begin(st, BG_CLOSE, request, person, err);
    st->reason = strdup(reason && *reason ? reason : "urgent");
    return finish(st, r >= 0 && !st->reason ? out_of_memory(err) : r, err);
}

int compose_review(struct bg_statement *st, const struct bg_statement *request, const char *person,
                   bool flagged, const char *note, struct bg_sentence *err)
{
    bool noted = note && *note;
    int r;

    *st = (struct bg_statement){0};
    if (flagged && !noted)
        return bg_fail(err, -EINVAL, "a flag says why: it needs a note");
    r = begin(st, BG_REVIEW, request, person, err);
    st->flagged = flagged;
    st->note = noted ? strdup(note) : NULL;
    return finish(st, r >= 0 && noted && !st->note ? out_of_memory(err) : r, err);
}
