/* SPDX-License-Identifier: ISC */
/* Takes in one statement, whatever its kind. */
#include "policy/intake/intake_op.h"

#include "policy/base/cleanup.h"

int bg_intake_one(const struct bg_intake *in, const char *text, size_t len, const unsigned char *sig,
                  size_t sig_len, struct bg_outcome *outcome)
{
    struct intake_op t bg_cleanup_(intake_end) = {0};
    int r = intake_begin(&t, in, outcome, text, len, sig, sig_len);

    if (r < 0)
        return r;
    return t.s->st.kind == BG_REQUEST ? intake_request(&t) : intake_response(&t);
}
