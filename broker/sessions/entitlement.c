/* SPDX-License-Identifier: ISC */
/* A session may stay while any grant of its person covers its account; what cannot be judged ends nothing. */
#include "broker/sessions/entitlement.h"
#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <string.h>

/* The policy that may end sessions: today's, or while that does not parse the last that did. */
static const struct bg_policy *policy_for(const struct broker *b)
{
    if (!b->policy.broken)
        return &b->policy;
    return b->has_good ? &b->good : NULL;
}

static void no_longer(struct entitlement *cover, const char *sentence)
{
    cover->covered = false;
    (void)bg_fail(&cover->why, -EPERM, "%s", sentence);
}

/* What holds when nothing can be judged: the end that was signed when the session began. */
static void as_recorded(struct entitlement *cover, const struct bg_session *session, int64_t now)
{
    cover->covered = session->ends == 0 || now < session->ends;
    cover->until = session->ends == 0 ? INT64_MAX : session->ends;
    memcpy(cover->grant, session->grant, sizeof cover->grant);
    if (!cover->covered)
        no_longer(cover, "its time is over");
}

static void cover_door(struct entitlement *cover, const struct broker *b, const struct bg_session *session,
                       int64_t now)
{
    cover->covered = true;
    cover->until = INT64_MAX;
    if (b->signers.n > 0 && !bg_signers_has(&b->signers, session->person, BG_NS_LOGIN, now))
        no_longer(cover, "no login key of this person is enrolled any more");
}

static void cover_automation(struct entitlement *cover, const struct broker *b,
                             const struct bg_session *session, int64_t now)
{
    const struct bg_policy *policy = policy_for(b);

    cover->covered = true;
    cover->until = INT64_MAX;
    if (b->signers.n > 0 && !bg_signers_has(&b->signers, session->person, BG_NS_AUTOMATION, now))
        no_longer(cover, "the key of this automation is not enrolled any more");
    else if (policy && b->has_host &&
             !bg_policy_automation(policy, session->person, b->host.name, session->account))
        no_longer(cover, "the policy allows this automation no more");
}

static bool unjudgeable(const struct bg_answer *a)
{
    return a->why == BG_WHY_POLICY_BROKEN || a->why == BG_WHY_ROLE_BROKEN;
}

/* One grant's word on the session. *unjudged: it is the one that matters, and nothing can be said of it
 * today. */
static int judge(struct entitlement *cover, const struct broker *b, const struct bg_policy *policy,
                 const struct bg_session *session, const struct bg_grant *grant, const char *last,
                 int64_t now, bool *unjudged)
{
    struct bg_answer answer bg_cleanup_(bg_answer_free) = {0};
    struct bg_question question = broker_question(b, now);

    question.person = session->person;
    question.account = session->account;
    /* A lock keeps people out; those who are in are put out by closing their grants. */
    question.locked = false;
    int r = bg_decide(&answer, policy, &b->signers, grant, &question);

    if (r < 0)
        return r;
    if (answer.state == BG_STATE_OPEN && now < answer.ends) {
        if (!cover->covered || answer.ends > cover->until) {
            cover->until = answer.ends;
            memcpy(cover->grant, grant->id, sizeof cover->grant);
        }
        cover->covered = true;
    } else if (strcmp(grant->id, last) == 0) {
        cover->why = answer.sentence;
        *unjudged = unjudgeable(&answer);
    }
    return 0;
}

static bool is_closed(const struct bg_grants *grants, const char *id)
{
    for (size_t i = 0; i < grants->n; i++)
        if (strcmp(grants->v[i].id, id) == 0)
            return grants->v[i].closed;
    return false;
}

static void cover_grant(struct entitlement *cover, const struct broker *b, const struct bg_session *session,
                        const char *last, int64_t now)
{
    const struct bg_policy *policy = policy_for(b);
    struct bg_grants grants bg_cleanup_(bg_grants_free) = {0};
    bool unjudged = !policy || b->signers.n == 0 || !b->has_host;
    int r = bg_store_load_person(&b->store, session->person, false, &grants);

    cover->covered = false;
    (void)bg_fail(&cover->why, -EPERM, "its grant is not on this host any more");
    if (r == -ENOENT)
        r = 0;
    if (!unjudged)
        for (size_t i = 0; r == 0 && i < grants.n; i++)
            r = judge(cover, b, policy, session, &grants.v[i], last, now, &unjudged);
    if (cover->covered)
        return;
    if (unjudged && is_closed(&grants, last))
        no_longer(cover, "the grant was closed");
    else if (r < 0 || unjudged)
        as_recorded(cover, session, now);
}

void entitlement_of_session(struct entitlement *cover, const struct broker *b,
                            const struct bg_session *session, const char *last, int64_t now)
{
    *cover = (struct entitlement){0};
    if (session->kind == BG_SESSION_DOOR)
        cover_door(cover, b, session, now);
    else if (session->kind == BG_SESSION_AUTOMATION)
        cover_automation(cover, b, session, now);
    else
        cover_grant(cover, b, session, last, now);
}
