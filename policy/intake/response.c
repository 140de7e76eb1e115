/* SPDX-License-Identifier: ISC */
/* Approvals, closes and reviews on their way in: who may sign them, and whether they change anything. */
#include "policy/intake/intake_op.h"

#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- which request --- */

static bool is_here(const struct intake_op *t)
{
    for (size_t i = 0; i < t->grant.n_responses; i++)
        if (memcmp(t->grant.responses[i]->st.digest, t->s->st.digest, BG_DIGEST_BYTES) == 0)
            return true;
    return false;
}

/* Loads the grant that it is about; without a request where it is not here. */
static int find_grant(struct intake_op *t)
{
    char person[BG_PERSON_SIZE], id[BG_ID_SIZE], shown[BG_ID_SHOWN_SIZE];
    int r = bg_store_find(&t->in->site->store, t->out->id, person, id);

    if (r == -ENOENT)
        return 0;
    if (r >= 0)
        r = bg_store_load(&t->in->site->store, person, id, &t->grant);
    if (r < 0)
        return intake_refuse(
            t, r,
            "the store of %s cannot be read (%s), so nothing is taken in; see to /var/lib/breakglass there",
            t->in->site->host.name, strerrordesc_np(-r));
    if (!t->grant.request)
        return 0;
    if (memcmp(t->grant.request->st.digest, t->s->st.request, BG_DIGEST_BYTES) != 0)
        return intake_refuse(
            t, -EEXIST,
            "this %s by %s is about another request than the %s that is here, though the ID is the "
            "same; nothing was done, have it looked into",
            intake_noun(t), t->s->st.by, intake_id(t, shown));
    (void)snprintf(t->out->person, sizeof t->out->person, "%s", person);
    return 0;
}

/* --- for a request that has not come --- */

static int check_early_approval(struct intake_op *t)
{
    const struct bg_statement *st = &t->s->st;

    if (!bg_list_has(&st->terms.hosts, t->in->site->host.name))
        return intake_refuse(
            t, -EINVAL, "foreign host: this approval is of a request for other hosts than %s; put it there",
            t->in->site->host.name);
    return intake_check_future(t);
}

static int take_early(struct intake_op *t)
{
    char shown[BG_ID_SHOWN_SIZE];
    int r = t->s->st.kind == BG_APPROVE ? check_early_approval(t) : 0;

    if (r < 0)
        return r;
    (void)intake_id(t, shown);
    r = bg_store_put_early(&t->in->site->store, t->s->st.by, t->s);
    if (r == -EDQUOT)
        return intake_refuse(
            t, r,
            "%d statements of %s wait on %s for requests that have not come, and that is the most; put the "
            "requests there first",
            BG_EARLY_MAX, t->s->st.by, t->in->site->host.name);
    if (r < 0 && r != -EEXIST)
        return intake_refuse(
            t, r,
            "it could not be kept on %s until its request comes: %s, in /var and in /run; mend that and put "
            "it again",
            t->in->site->host.name, strerrordesc_np(-r));
    intake_done(
        t, BG_TAKEN_WAITING,
        "kept: %s has not seen request %s; it counts when that comes (breakglass get %s where it is, and "
        "put here)",
        t->in->site->host.name, shown, shown);
    return 0;
}

/* --- all kinds --- */

/* Decides again, says what comes next. `before`: whether it was open already. */
static int conclude(struct intake_op *t, const char *what, bool was_open)
{
    struct bg_answer answer;

    if (intake_decide(t, &answer) < 0) {
        intake_done(t, BG_TAKEN_NEW, "%s", what);
        return 0;
    }
    t->out->state = answer.state;
    intake_note(t, &answer);
    if (!was_open && (answer.state == BG_STATE_OPEN || answer.state == BG_STATE_DRILL))
        intake_event_open(t, &answer);
    intake_done(t, BG_TAKEN_NEW, "%s: %s", what, answer.sentence.text);
    bg_answer_free(&answer);
    return 0;
}

static int out_of_memory(struct intake_op *t)
{
    return intake_refuse(t, -ENOMEM, "this host is out of memory and took nothing; put it again");
}

/* The policy is not whole, so that nobody's right can be judged; nothing opens either. */
static bool cannot_judge(const struct intake_op *t)
{
    const struct bg_role *role = bg_policy_role(&t->in->site->policy, t->grant.request->st.terms.role);

    return t->in->site->policy.broken || (role && role->broken);
}

/* --- approvals --- */

static int check_approver(struct intake_op *t)
{
    const struct bg_statement *st = &t->s->st, *request = &t->grant.request->st;
    const struct bg_role *role = bg_policy_role(&t->in->site->policy, request->terms.role);
    const struct bg_host *host = &t->in->site->host;
    char shown[BG_ID_SHOWN_SIZE];
    struct bg_sentence err = {""};

    (void)intake_id(t, shown);
    if (strcmp(st->by, request->by) == 0)
        return intake_refuse(t, -EPERM,
                             "%s made %s, and nobody approves their own request; somebody else has to",
                             st->by, shown);
    if (cannot_judge(t)) /* kept, and judged by the policy that is mended */
        return 0;
    if (!role)
        return intake_refuse(t, -EPERM,
                             "%s has no role %s in its policy any more, so there is nothing to approve",
                             host->name, request->terms.role);
    if (role->solo)
        return intake_refuse(t, -EPERM, "role %s is Solo=yes and needs nobody's approval", role->name);
    if (!bg_role_approver(role, st->by))
        return intake_refuse(
            t, -EPERM,
            "%s is in no Approve= line of %s on %s, so this approval does not count; breakglass show %s "
            "says who can",
            st->by, role->name, host->name, shown);
    if (role->require_verified && bg_signed_verify(t->s, &t->in->site->signers, host->name, NULL, true,
                                                   t->in->clock.wall, NULL, &err) < 0)
        return intake_refuse(t, -EKEYREJECTED,
                             "role %s wants a FIDO key that asks for PIN or fingerprint: %s", role->name,
                             err.text);
    return 0;
}

/* Of each person the earliest counts; a later one would change nothing, and many would fill the folder. */
static int check_first(struct intake_op *t)
{
    char shown[BG_ID_SHOWN_SIZE], when[BG_TIME_SIZE];
    size_t n = 0;

    for (size_t i = 0; i < t->grant.n_responses; i++) {
        const struct bg_statement *other = &t->grant.responses[i]->st;

        if (other->kind != BG_APPROVE || strcmp(other->by, t->s->st.by) != 0)
            continue;
        n++;
        if (other->time > t->s->st.time && n < 4)
            continue;
        bg_time_format(when, other->time);
        return intake_refuse(t, -EEXIST,
                             "%s approved %s at %s already, and of each person the earliest approval counts",
                             t->s->st.by, intake_id(t, shown), when);
    }
    return 0;
}

static int check_approval(struct intake_op *t)
{
    const struct bg_statement *st = &t->s->st, *request = &t->grant.request->st;
    char shown[BG_ID_SHOWN_SIZE];
    struct bg_sentence err = {""};

    if (bg_statement_restates(st, request, &err) < 0)
        return intake_refuse(
            t, -EINVAL,
            "this approval says something else than %s: %s; take its text from this host (breakglass "
            "text approve %s)",
            intake_id(t, shown), err.text, intake_id(t, shown));
    if (intake_check_future(t) < 0)
        return -EINVAL;
    if (st->time > request->time + BG_APPROVAL_DEADLINE)
        return intake_refuse(t, -ESTALE,
                             "this approval was signed more than 24h after the request of %s, which is too "
                             "late; %s has to make a new one",
                             request->by, request->by);
    return check_first(t);
}

/* Whether the approval can still do anything: what is closed, expired or archived stays so. */
static int check_of_use(struct intake_op *t)
{
    char shown[BG_ID_SHOWN_SIZE];
    struct bg_answer answer;
    int r = 0;

    if (t->grant.archived)
        return intake_refuse(t, -ESTALE,
                             "this approval comes too late: %s is in the archive of %s; to request it again, "
                             "on your own machine: "
                             "breakglass extend %s -H %s",
                             intake_id(t, shown), t->in->site->host.name, shown, t->in->site->host.name);
    if (bg_store_respond(&t->grant, t->s) < 0 || intake_decide(t, &answer) < 0)
        return out_of_memory(t);
    if (answer.state == BG_STATE_CLOSED || answer.state == BG_STATE_EXPIRED ||
        answer.state == BG_STATE_LAPSED) {
        t->out->state = answer.state;
        r = intake_refuse(t, -ESTALE, "this approval comes too late: %s", answer.sentence.text);
    }
    bg_answer_free(&answer);
    return r;
}

static int take_approve(struct intake_op *t, bool was_open)
{
    struct bg_sentence what;
    char shown[BG_ID_SHOWN_SIZE];
    int r = check_approver(t);

    if (r >= 0)
        r = check_approval(t);
    if (r >= 0)
        r = check_of_use(t);
    if (r >= 0)
        r = intake_store(t);
    if (r < 0)
        return r;
    intake_event(t, BG_EVENT_GRANT_APPROVED, NULL);
    bg_say(&what, "%s approved %s", t->s->st.by, intake_id(t, shown));
    return conclude(t, what.text, was_open);
}

/* --- closes --- */

static enum bg_event_id name_close(const struct intake_op *t, const struct bg_answer *before)
{
    bool opened = before->ends != 0 && before->opens <= before->now; /* as this host saw it */

    if (strcmp(t->s->st.by, t->grant.request->st.by) == 0)
        return opened ? BG_EVENT_GRANT_GIVEN_BACK : BG_EVENT_REQUEST_GIVEN_BACK;
    return opened ? BG_EVENT_GRANT_REVOKED : BG_EVENT_REQUEST_DENIED;
}

static const char *close_word(enum bg_event_id id)
{
    switch (id) {
    case BG_EVENT_GRANT_REVOKED:
        return "revoked";
    case BG_EVENT_REQUEST_DENIED:
        return "denied";
    case BG_EVENT_GRANT_GIVEN_BACK:
        return "given back";
    default:
        return "withdrawn";
    }
}

/* Keeps the close and sets the mark. Either alone closes here, so only both failing is a failure. */
static int store_close(struct intake_op *t)
{
    int put = bg_store_put(&t->in->site->store, t->out->person, t->out->id, t->s, &t->fallback);
    int mark = bg_store_mark_closed(&t->in->site->store, t->out->person, t->out->id);

    if (put == -EEXIST)
        put = 0;
    if (put < 0 && mark < 0)
        return intake_refuse(t, put,
                             "NOT closed: %s cannot keep it: %s, in /var and in /run; lock the host (touch "
                             "/etc/breakglass/locked) or mend "
                             "that, and put it again",
                             t->in->site->host.name, strerrordesc_np(-put));
    return 0;
}

/* A close is taken whatever its date: it decides nothing but the word for it, and a wrong clock must not keep
 * a grant open. */
static int take_close(struct intake_op *t, const struct bg_answer *before)
{
    const struct bg_statement *request = &t->grant.request->st;
    enum bg_event_id event = name_close(t, before);
    char shown[BG_ID_SHOWN_SIZE];
    int r;

    (void)intake_id(t, shown);
    if (!bg_may_close(&t->in->site->policy, request, t->s->st.by) && cannot_judge(t)) {
        r = intake_store(t); /* without the mark: whether it counts is for the policy that is mended to say */
        if (r >= 0)
            intake_done(
                t, BG_TAKEN_NEW,
                "kept: the policy of %s has errors, so nothing opens; whether %s may close %s is judged when "
                "it is mended",
                t->in->site->host.name, t->s->st.by, shown);
        return r;
    }
    if (!bg_may_close(&t->in->site->policy, request, t->s->st.by))
        return intake_refuse(t, -EPERM,
                             "%s may not close %s: only %s, an approver of %s or an administrator can",
                             t->s->st.by, shown, request->by, request->terms.role);
    if (before->state == BG_STATE_CLOSED || t->grant.archived) {
        intake_done(t, BG_TAKEN_KNOWN, "nothing to do: %s%s", before->sentence.text,
                    t->grant.archived ? " (it is in the archive)" : "");
        return 0;
    }
    r = store_close(t);
    if (r < 0)
        return r;
    t->grant.closed = true;
    t->out->state = BG_STATE_CLOSED;
    intake_event(t, event, NULL);
    intake_done(t, BG_TAKEN_NEW, "%s is %s on %s for good", shown, close_word(event), t->in->site->host.name);
    return 0;
}

/* --- reviews --- */

static int check_reviewer(struct intake_op *t, const struct bg_answer *before)
{
    char shown[BG_ID_SHOWN_SIZE];

    (void)intake_id(t, shown);
    if (!bg_may_review(&t->in->site->policy, &t->grant, t->s->st.by))
        return intake_refuse(t, -EPERM,
                             "%s may not review %s: only people in Reviewers= can, and only if they neither "
                             "made nor approved it",
                             t->s->st.by, shown);
    if (before->state == BG_STATE_PENDING || before->state == BG_STATE_OPEN ||
        before->state == BG_STATE_EARLY)
        return intake_refuse(t, -EBUSY, "%s has not ended yet, so there is nothing to review: %s", shown,
                             before->sentence.text);
    for (size_t i = 0; i < t->grant.n_responses; i++)
        if (t->grant.responses[i]->st.kind == BG_REVIEW &&
            strcmp(t->grant.responses[i]->st.by, t->s->st.by) == 0)
            return intake_refuse(t, -EEXIST, "%s reviewed %s already, and once is enough", t->s->st.by,
                                 shown);
    return intake_check_future(t);
}

static int take_review(struct intake_op *t, const struct bg_answer *before)
{
    const struct bg_statement *st = &t->s->st;
    char verdict[BG_REASON_MAX + 16], shown[BG_ID_SHOWN_SIZE];
    int r = check_reviewer(t, before);

    if (r >= 0)
        r = intake_store(t);
    if (r < 0)
        return r;
    (void)snprintf(verdict, sizeof verdict, "%s%s%s", st->flagged ? "flag" : "ok", st->note ? ": " : "",
                   st->note ? st->note : "");
    intake_event(t, BG_EVENT_REVIEW_DONE, verdict);
    t->out->state = before->state;
    intake_done(t, BG_TAKEN_NEW, "%s reviewed %s: %s", st->by, intake_id(t, shown), verdict);
    return 0;
}

int intake_response(struct intake_op *t)
{
    struct bg_answer before bg_cleanup_(bg_answer_free) = {0};
    int r = find_grant(t);

    if (r < 0)
        return r;
    if (!t->grant.request)
        return take_early(t);
    if (intake_decide(t, &before) < 0)
        return out_of_memory(t);
    intake_note(t, &before);
    t->out->state = before.state;
    if (is_here(t)) {
        intake_done(t, BG_TAKEN_KNOWN, "this %s is here already: %s", intake_noun(t), before.sentence.text);
        return 0;
    }
    switch (t->s->st.kind) {
    case BG_APPROVE:
        return take_approve(t, before.state == BG_STATE_OPEN || before.state == BG_STATE_DRILL);
    case BG_CLOSE:
        return take_close(t, &before);
    case BG_REVIEW:
        return take_review(t, &before);
    case BG_REQUEST:
        break;
    }
    return -EINVAL;
}
