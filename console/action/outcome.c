/* SPDX-License-Identifier: ISC */
/* What a host makes of a statement: taken, known, refused or never reached; and what all of them make of it.
 */
#include "console/action/outcome.h"

#include "console/client/call.h"

#include <errno.h>
#include <string.h>

enum outcome outcome_of(int r, const struct reply *reply, const char *sentence, const char **text)
{
    const struct bg_grant_row *closed = r == 0 ? reply_grant(reply, 0) : NULL;
    enum outcome outcome = OUTCOME_REFUSED;

    *text = r ? sentence : closed ? closed->sentence : CALL_NOT_OURS;
    if (r)
        return r == -EREMOTEIO ? OUTCOME_REFUSED : OUTCOME_UNREACHABLE;
    if (closed)
        return OUTCOME_TAKEN;
    for (size_t i = 0; i < reply->n; i++) {
        const struct bg_outcome_row *row = reply_outcome(reply, i);
        bool known = strcmp(row->taken, "known") == 0;

        *text = row->sentence;
        if (!known && strcmp(row->taken, "new") != 0 && strcmp(row->taken, "waiting") != 0)
            return OUTCOME_REFUSED;
        outcome = known ? OUTCOME_KNOWN : OUTCOME_TAKEN;
    }
    return outcome;
}

const char *outcome_word(enum outcome outcome)
{
    return outcome == OUTCOME_REFUSED ? "refused: " : outcome == OUTCOME_UNREACHABLE ? "unreachable: " : "";
}

void outcomes_add(struct outcomes *all, enum outcome one, unsigned sessions)
{
    bool taken = one == OUTCOME_TAKEN || one == OUTCOME_KNOWN;

    all->asked++;
    all->taken += taken;
    all->missed += one == OUTCOME_UNREACHABLE;
    all->refused += one == OUTCOME_REFUSED;
    all->sessions += taken ? sessions : 0;
}

void outcomes_closed(struct bg_sentence *sentence, const struct outcomes *all, int64_t ms)
{
    bg_say(sentence, "Closed on %zu of %zu in %lld.%lld s, %lld %s told to end.", all->taken, all->asked,
           (long long)ms / 1000, (long long)ms % 1000 / 100, (long long)all->sessions,
           all->sessions == 1 ? "session" : "sessions");
}
