/* SPDX-License-Identifier: ISC */
/* An answer: how it refuses, and what its states and reasons are called. */
#include "policy/decide/decide.h"

#include "policy/base/cleanup.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

void bg_answer_free(struct bg_answer *answer)
{
    free(answer->ignored);
    *answer = (struct bg_answer){.state = BG_STATE_REFUSED, .why = BG_WHY_NO_REQUEST};
}

void bg_answer_refuse_v(struct bg_answer *answer, enum bg_why why, const char *format, va_list args)
{
    answer->state = BG_STATE_REFUSED;
    answer->why = why;
    bg_vsay(&answer->sentence, format, args);
}

void bg_answer_refuse(struct bg_answer *answer, enum bg_why why, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    bg_answer_refuse_v(answer, why, format, args);
    va_end(args);
}

void bg_answer_refuse_policy(struct bg_answer *answer, const struct bg_policy *policy)
{
    const struct bg_problems *problems = &policy->problems;

    for (size_t i = 0; i < problems->n; i++)
        if (!problems->v[i].warning) {
            bg_answer_refuse(answer, BG_WHY_POLICY_BROKEN,
                             "the policy on this host has errors, so nothing opens: %s:%u: %s",
                             problems->v[i].file, problems->v[i].line, problems->v[i].text);
            return;
        }
    bg_answer_refuse(answer, BG_WHY_POLICY_BROKEN,
                     "the policy on this host could not be read, so nothing opens; breakglass policy check "
                     "says why");
}

/* --- names --- */

const char *bg_why_name(enum bg_why why)
{
    static const char *const names[] = {
        [BG_WHY_NONE] = "none",
        [BG_WHY_NO_REQUEST] = "no-request",
        [BG_WHY_POLICY_BROKEN] = "policy-broken",
        [BG_WHY_LOCKED] = "locked",
        [BG_WHY_OTHER_PERSON] = "other-person",
        [BG_WHY_BAD_SIGNATURE] = "bad-signature",
        [BG_WHY_HOST_SIGNED_ELSEWHERE] = "host-signed-elsewhere",
        [BG_WHY_NO_ROLE] = "no-role",
        [BG_WHY_ROLE_BROKEN] = "role-broken",
        [BG_WHY_NOT_REQUESTER] = "not-requester",
        [BG_WHY_HOST_NOT_REQUESTED] = "host-not-requested",
        [BG_WHY_HOST_NOT_ALLOWED] = "host-not-allowed",
        [BG_WHY_ACCOUNT_NOT_REQUESTED] = "account-not-requested",
        [BG_WHY_ACCOUNT_NOT_ALLOWED] = "account-not-allowed",
        [BG_WHY_FUTURE] = "future",
        [BG_WHY_CLOSED] = "closed",
        [BG_WHY_NEED_APPROVALS] = "need-approvals",
        [BG_WHY_LAPSED] = "lapsed",
        [BG_WHY_EARLY] = "early",
        [BG_WHY_EXPIRED] = "expired",
        [BG_WHY_DRILL] = "drill",
        [BG_WHY_SOLO_NOT_OWN_KEY] = "solo-not-own-key",
        [BG_WHY_SOLO_NOT_VERIFIED] = "solo-not-verified",
        [BG_WHY_NO_HOST] = "no-host",
    };
    static_assert(BG_COUNT(names) == BG_WHY_MAX, "every reason has its name");
    return (unsigned)why < BG_WHY_MAX ? names[why] : "unknown";
}

const char *bg_state_name(enum bg_state state)
{
    switch (state) {
    case BG_STATE_REFUSED:
        return "refused";
    case BG_STATE_PENDING:
        return "pending";
    case BG_STATE_OPEN:
        return "open";
    case BG_STATE_EARLY:
        return "early";
    case BG_STATE_EXPIRED:
        return "expired";
    case BG_STATE_CLOSED:
        return "closed";
    case BG_STATE_LAPSED:
        return "lapsed";
    case BG_STATE_DRILL:
        return "drill";
    }
    return "unknown";
}

const char *bg_close_reason(bool own, bool pending)
{
    if (own)
        return pending ? "withdrawn" : "no longer needed";
    return pending ? "not now" : "urgent";
}

const char *bg_closed_as_name(enum bg_closed_as as)
{
    switch (as) {
    case BG_NOT_CLOSED:
        return "";
    case BG_DENIED:
        return "denied";
    case BG_REVOKED:
        return "revoked";
    case BG_GIVEN_BACK:
        return "given back";
    case BG_CLOSED_BY_MARK:
        return "closed";
    }
    return "";
}
