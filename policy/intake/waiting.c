/* SPDX-License-Identifier: ISC */
/* Responses that came before their request: each is judged once that is here, as if it came now. */
#include "policy/intake/intake_op.h"

#include "policy/base/cleanup.h"

#include <errno.h>
#include <stdlib.h>

/* Whether trying again later could come out otherwise. */
static bool is_passing(int r)
{
    return r == -ENOMEM || r == -EMFILE || r == -ENFILE || r == -ENOSPC || r == -EROFS || r == -EIO ||
           r == -EDQUOT;
}

static void judge(const struct bg_intake *in, const struct bg_signed *s)
{
    struct intake_op t bg_cleanup_(intake_end) = {0};
    struct bg_outcome outcome;
    int r = intake_begin(&t, in, &outcome, s->st.text, s->st.text_len, s->blob, s->blob_len);

    if (r >= 0)
        r = intake_response(&t);
    if (outcome.taken != BG_TAKEN_WAITING && !is_passing(r))
        (void)bg_store_drop_early(&in->site->store, s);
}

void intake_waiting(const struct bg_intake *in, const unsigned char request[BG_DIGEST_BYTES])
{
    struct bg_signed **waiting = NULL;
    size_t n = 0;

    if (bg_store_load_early(&in->site->store, request, &waiting, &n) < 0)
        return; /* they stay where they are */
    for (size_t i = 0; i < n; i++) {
        judge(in, waiting[i]);
        bg_signed_free(waiting[i]);
    }
    free(waiting);
}

int bg_intake_waiting(const struct bg_intake *in)
{
    struct bg_signed **waiting = NULL;
    size_t n = 0;
    int r = bg_store_load_early(&in->site->store, NULL, &waiting, &n);

    for (size_t i = 0; i < n; i++) {
        char person[BG_PERSON_SIZE], id[BG_ID_SIZE], found[BG_ID_SIZE];

        bg_id_from_digest(id, waiting[i]->st.request);
        if (bg_store_find(&in->site->store, id, person, found) == 0)
            judge(in, waiting[i]);
        bg_signed_free(waiting[i]);
    }
    free(waiting);
    return r;
}
