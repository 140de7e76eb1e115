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
    if (!b->site.policy.broken)
        return &b->site.policy;
    return b->has_good ? &b->good : NULL;
}

static void no_longer(struct entitlement *e, const char *sentence)
{
    e->covered = false;
    (void)bg_fail(&e->why, -EPERM, "%s", sentence);
}

/* What holds when nothing can be judged: the end that was signed when the session began. */
static void as_recorded(struct entitlement *e, const struct bg_session *session, int64_t now)
{
    e->covered = session->ends == 0 || now < session->ends;
    e->until = session->ends == 0 ? INT64_MAX : session->ends;
    memcpy(e->grant, session->grant, sizeof e->grant);
    if (!e->covered)
        no_longer(e, "its grant has expired");
}

static void by_enrolment(struct entitlement *e, const struct broker *b, const struct bg_session *session,
                         int64_t now)
{
    e->covered = true;
    e->until = INT64_MAX;
    if (b->site.signers.n > 0 && !bg_signers_has(&b->site.signers, session->person, BG_NS_LOGIN, now))
        no_longer(e, "signers has no login key of this person any more");
}

static void by_standing_access(struct entitlement *e, const struct broker *b,
                               const struct bg_session *session, int64_t now)
{
    const struct bg_policy *policy = policy_for(b);

    e->covered = true;
    e->until = INT64_MAX;
    if (b->site.signers.n > 0 && !bg_signers_has(&b->site.signers, session->person, BG_NS_AUTOMATION, now))
        no_longer(e, "signers has no key of this automation any more");
    else if (policy && b->site.has_host &&
             !bg_policy_automation(policy, session->person, b->site.host.name, session->account))
        no_longer(e, "the policy no longer allows this automation");
}

static bool unjudgeable(const struct bg_answer *a)
{
    return a->why == BG_WHY_POLICY_BROKEN || a->why == BG_WHY_ROLE_BROKEN;
}

/* One grant's word on the session. *unjudged: it is the one that matters, and nothing can be said of it
 * today. */
static int judge(struct entitlement *e, const struct broker *b, const struct bg_policy *policy,
                 const struct bg_session *session, const struct bg_grant *grant, const char *last,
                 int64_t now, bool *unjudged)
{
    struct bg_answer answer bg_cleanup_(bg_answer_free) = {0};
    struct bg_question question = bg_site_question(&b->site, now);

    question.person = session->person;
    question.account = session->account;
    /* A lock keeps people out; those who are in are put out by closing their grants. */
    question.locked = false;
    int r = bg_site_decide(&answer, &b->site, policy, grant, &question);

    if (r < 0)
        return r;
    if (answer.state == BG_STATE_OPEN) {
        if (!e->covered || answer.until > e->until) {
            e->until = answer.until;
            memcpy(e->grant, grant->id, sizeof e->grant);
        }
        e->covered = true;
    } else if (strcmp(grant->id, last) == 0) {
        e->why = answer.sentence;
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

static void by_grants(struct entitlement *e, const struct broker *b, const struct bg_session *session,
                      const char *last, int64_t now)
{
    const struct bg_policy *policy = policy_for(b);
    struct bg_grants grants bg_cleanup_(bg_grants_free) = {0};
    bool unjudged = !policy || b->site.signers.n == 0 || !b->site.has_host;
    int r = bg_store_load_person(&b->site.store, session->person, false, &grants);

    e->covered = false;
    (void)bg_fail(&e->why, -EPERM, "this host no longer has its grant");
    if (r == -ENOENT)
        r = 0;
    if (!unjudged)
        for (size_t i = 0; r == 0 && i < grants.n; i++)
            r = judge(e, b, policy, session, &grants.v[i], last, now, &unjudged);
    if (e->covered)
        return;
    if (unjudged && is_closed(&grants, last))
        no_longer(e, "the grant was closed");
    else if (r < 0 || unjudged)
        as_recorded(e, session, now);
}

void entitlement_of_session(struct entitlement *e, const struct broker *b, const struct bg_session *session,
                            const char *last, int64_t now)
{
    *e = (struct entitlement){0};
    if (session->kind == BG_SESSION_DOOR)
        by_enrolment(e, b, session, now);
    else if (session->kind == BG_SESSION_AUTOMATION)
        by_standing_access(e, b, session, now);
    else
        by_grants(e, b, session, last, now);
}
