/* SPDX-License-Identifier: ISC */
/* Whether one grant is open: its request, the approvals that count, the quorum, the time, and no close. */
#include "policy/decide/decide.h"

#include "policy/decide/sentence.h"
#include "policy/rules/quorum.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the steps below hand on to each other. */
struct decision {
    struct bg_answer *answer;
    const struct bg_policy *policy;
    const struct bg_signers *signers;
    const struct bg_grant *grant;
    const struct bg_question *question;
    const struct bg_statement *request;
    const struct bg_role *role;
    int64_t now;
    int64_t duration; /* capped by today's policy */
    char id[BG_ID_SHOWN_SIZE];

    /* What is said about this request, by time; room for all of grant->responses. */
    const struct bg_signed **approvals, **closes;
    size_t n_approvals, n_closes;
    /* Of the approvals those that count, one a person, by time; and room for their names. */
    const struct bg_signed **counted;
    size_t n_counted;
    const char **people;

    bool approved; /* there is a T; it is the answer's */
    int64_t t;
};

/* --- saying no --- */

/* The grant is refused for `why`; always false, so that a step can `return refuse(…)`. What was found out
 * about it before stays in the answer. */
__attribute__((format(printf, 3, 4))) static bool refuse(struct decision *d, enum bg_why why,
                                                         const char *format, ...)
{
    va_list args;

    va_start(args, format);
    bg_answer_refuse_v(d->answer, why, format, args);
    va_end(args);
    return false;
}

/* Remembers why a statement does not count. */
static int ignore(struct decision *d, const struct bg_signed *s, bool spent, const struct bg_sentence *why)
{
    struct bg_answer *answer = d->answer;
    struct bg_ignored *v = reallocarray(answer->ignored, answer->n_ignored + 1, sizeof *v);

    if (!v)
        return -ENOMEM;
    answer->ignored = v;
    v[answer->n_ignored++] = (struct bg_ignored){.statement = s, .why = *why, .spent = spent};
    return 0;
}

/* --- step 1: is it a request, and this person's? --- */

static bool is_this_request(struct decision *d)
{
    const char *person = d->question->person;
    char id[BG_ID_SIZE];

    if (!d->grant->request || d->grant->request->st.kind != BG_REQUEST)
        return refuse(d, BG_WHY_NO_REQUEST,
                      "no request is here: none was made, or it has not reached this host; to make one: "
                      "breakglass request");
    d->request = &d->grant->request->st;
    d->answer->requested = d->request->time;
    bg_id_from_digest(id, d->request->digest);
    bg_id_show(d->id, id);
    if (person && strcmp(person, d->request->by) != 0)
        return refuse(d, BG_WHY_OTHER_PERSON, "%s is %s's, not %s's; everyone requests for themselves", d->id,
                      d->request->by, person);
    return true;
}

/* --- step 2: does today's policy allow what it names? No signature is looked at yet --- */

static bool policy_works(struct decision *d)
{
    if (d->policy->broken)
        bg_answer_refuse_policy(d->answer, d->policy);
    return !d->policy->broken;
}

static bool role_allows(struct decision *d)
{
    const struct bg_statement *request = d->request;

    d->role = bg_policy_role(d->policy, request->terms.role);
    if (!d->role)
        return refuse(d, BG_WHY_NO_ROLE, "this host's policy has no role %s (any more)", request->terms.role);
    d->answer->role = d->role;
    d->answer->solo = d->role->solo;
    if (d->role->broken)
        return refuse(
            d, BG_WHY_ROLE_BROKEN,
            "role %s has an error in %s (the section at line %u), so nobody gets it; breakglass policy check "
            "names it",
            d->role->name, d->role->file, d->role->line);
    if (!bg_list_has(&d->role->requesters, request->by))
        return refuse(d, BG_WHY_NOT_REQUESTER, "%s may not request %s: not among its Requesters= (any more)",
                      request->by, d->role->name);
    d->duration =
        request->terms.duration < d->role->max_duration ? request->terms.duration : d->role->max_duration;
    return true;
}

static bool host_allows(struct decision *d)
{
    const struct bg_list *hosts = &d->request->terms.hosts;
    const char *host = d->question->host ? d->question->host : "";

    /* A host vouches for people at its own door only, so its word counts nowhere else. */
    if (d->request->via && (hosts->n != 1 || strcmp(hosts->v[0], host) != 0))
        return refuse(
            d, BG_WHY_HOST_SIGNED_ELSEWHERE,
            "%s was signed by host %s for %s, and counts on that host alone, not on %s; for several "
            "hosts sign it with your own key",
            d->id, hosts->n > 0 ? hosts->v[0] : "?", d->request->by, host);
    if (!bg_list_has(hosts, host))
        return refuse(d, BG_WHY_HOST_NOT_REQUESTED, "%s does not name this host, %s; request it too", d->id,
                      host);
    if (!bg_role_host(d->role, host))
        return refuse(d, BG_WHY_HOST_NOT_ALLOWED, "role %s does not lead to %s: no Hosts= of it matches",
                      d->role->name, host);
    return true;
}

static bool account_opens(const struct decision *d, const char *account)
{
    return bg_role_account(d->policy, d->role, d->request->by, account);
}

static bool account_allows(struct decision *d)
{
    const struct bg_terms *terms = &d->request->terms;
    const char *account = d->question->account;

    if (account && !bg_list_has(&terms->accounts, account))
        return refuse(d, BG_WHY_ACCOUNT_NOT_REQUESTED, "%s does not name account %s; request it too", d->id,
                      account);
    if (account && !account_opens(d, account))
        return refuse(d, BG_WHY_ACCOUNT_NOT_ALLOWED, "role %s does not open account %s for %s (any more)",
                      d->role->name, account, d->request->by);
    if (account)
        return true;
    for (size_t i = 0; i < terms->accounts.n; i++)
        if (account_opens(d, terms->accounts.v[i]))
            return true;
    for (size_t i = 0; i < terms->credentials.n; i++)
        if (bg_list_has(&d->role->credentials, terms->credentials.v[i]))
            return true;
    return refuse(d, BG_WHY_ACCOUNT_NOT_ALLOWED, "role %s opens nothing that %s names (any more)",
                  d->role->name, d->id);
}

static bool time_allows(struct decision *d)
{
    char dated[BG_TIME_SIZE], here[BG_TIME_SIZE];

    if (d->request->time - d->policy->clock_skew <= d->now)
        return true;
    bg_time_format(dated, d->request->time);
    bg_time_format(here, d->now);
    return refuse(d, BG_WHY_FUTURE,
                  "%s is dated %s, and this host's clock says %s; one of the two clocks is wrong", d->id,
                  dated, here);
}

static bool policy_allows(struct decision *d)
{
    return policy_works(d) && role_allows(d) && host_allows(d) && account_allows(d) && time_allows(d);
}

/* --- step 3: is the request signed as it says? --- */

static bool is_user_verified(const struct bg_signed *s)
{
    return s->sig.key.type == BG_KEY_SK_ED25519 && (s->sig.flags & 0x04) != 0;
}

static bool request_is_signed(struct decision *d)
{
    const struct bg_signed *request = d->grant->request;
    const struct bg_question *q = d->question;
    struct bg_sentence why = {""};

    if (d->role->solo && d->request->via)
        return refuse(d, BG_WHY_SOLO_NOT_OWN_KEY,
                      "role %s needs nobody else's word, so %s must sign the request with their own key; a "
                      "host signed %s",
                      d->role->name, d->request->by, d->id);
    if (d->role->solo && d->role->require_verified && !is_user_verified(request))
        return refuse(d, BG_WHY_SOLO_NOT_VERIFIED,
                      "role %s wants the request signed with a FIDO key that asks for PIN or fingerprint "
                      "(ssh-keygen -t ed25519-sk -O verify-required)",
                      d->role->name);
    if (bg_signed_verify(request, d->signers, q->host, q->host_key, d->role->require_verified, d->now, NULL,
                         &why) < 0)
        return refuse(d, BG_WHY_BAD_SIGNATURE, "%s does not count: %s", d->id, why.text);
    return true;
}

/* --- step 4: whose approvals count? --- */

/* By time, then by content, so that the answer never depends on the order in which statements came. */
static int compare_said(const void *a, const void *b)
{
    const struct bg_signed *x = *(const struct bg_signed *const *)a, *y = *(const struct bg_signed *const *)b;
    int r = memcmp(x->st.digest, y->st.digest, sizeof x->st.digest);

    if (x->st.time != y->st.time)
        return x->st.time < y->st.time ? -1 : 1;
    if (r == 0 && x->blob_len != y->blob_len)
        return x->blob_len < y->blob_len ? -1 : 1;
    return r != 0 ? r : memcmp(x->blob, y->blob, x->blob_len);
}

static void sort_said(const struct bg_signed **v, size_t n)
{
    if (n > 1)
        qsort(v, n, sizeof *v, compare_said);
}

/* Sorts out what is said about this very request. */
static int collect(struct decision *d)
{
    size_t n = d->grant->n_responses + 1;

    d->approvals = calloc(n, sizeof *d->approvals);
    d->closes = calloc(n, sizeof *d->closes);
    d->counted = calloc(n, sizeof *d->counted);
    d->people = calloc(n, sizeof *d->people);
    if (!d->approvals || !d->closes || !d->counted || !d->people)
        return -ENOMEM;
    for (size_t i = 0; i < d->grant->n_responses; i++) {
        const struct bg_signed *s = d->grant->responses[i];
        if (memcmp(s->st.request, d->request->digest, sizeof s->st.request) != 0)
            continue;
        if (s->st.kind == BG_APPROVE)
            d->approvals[d->n_approvals++] = s;
        else if (s->st.kind == BG_CLOSE)
            d->closes[d->n_closes++] = s;
    }
    sort_said(d->approvals, d->n_approvals);
    sort_said(d->closes, d->n_closes);
    return 0;
}

static bool is_counted(const struct decision *d, const char *person)
{
    for (size_t i = 0; i < d->n_counted; i++)
        if (strcmp(d->counted[i]->st.by, person) == 0)
            return true;
    return false;
}

/* Whether this approval is one that counts; the signature last, because it costs most. 0 or -EINVAL with the
 * reason. */
static int check_approval(const struct decision *d, const struct bg_signed *s, struct bg_sentence *why)
{
    const struct bg_statement *approve = &s->st;
    const struct bg_question *q = d->question;
    int r;

    if (strcmp(approve->by, d->request->by) == 0)
        return bg_fail(why, -EINVAL, "%s made this request, and nobody approves their own", approve->by);
    if (!bg_role_approver(d->role, approve->by))
        return bg_fail(why, -EINVAL, "%s is in no Approve= line of %s (any more)", approve->by,
                       d->role->name);
    if (is_counted(d, approve->by))
        return bg_fail(why, -EINVAL,
                       "%s approved it already, and of each person the earliest approval counts",
                       approve->by);
    if (approve->time > d->request->time + BG_APPROVAL_DEADLINE)
        return bg_fail(why, -EINVAL, "it was signed more than 24h after the request");
    r = bg_statement_restates(approve, d->request, why);
    if (r < 0)
        return r;
    return bg_signed_verify(s, d->signers, q->host, q->host_key, d->role->require_verified, d->now, NULL,
                            why);
}

static int count_approvals(struct decision *d)
{
    for (size_t i = 0; i < d->n_approvals; i++) {
        struct bg_sentence why = {""};
        int r = check_approval(d, d->approvals[i], &why);
        if (r == -ENOMEM)
            return r;
        if (r >= 0)
            d->counted[d->n_counted++] = d->approvals[i];
        else if (ignore(d, d->approvals[i], false, &why) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* --- step 5: T, and the window --- */

/* Whether the approvals timed within [t - Gather, t] meet every Approve= line, by different people. */
static bool is_met_at(struct decision *d, int64_t t, unsigned *filled)
{
    size_t n = 0;

    for (size_t i = 0; i < d->n_counted; i++) {
        int64_t time = d->counted[i]->st.time;
        if (t - d->policy->gather <= time && time <= t)
            d->people[n++] = d->counted[i]->st.by;
    }
    return bg_quorum_met(d->role, d->people, n, filled);
}

enum side { PAST, FUTURE, OPEN };

static int64_t opens_at(const struct decision *d, int64_t t)
{
    return t - d->policy->clock_skew;
}

/* The minutes count from t, or from when this host first saw the grant open where that was before t. A host
 * that did not see it open before sees it now, or when the window opens. */
static int64_t ends_at(const struct decision *d, int64_t t)
{
    int64_t seen = d->grant->opened.noted    ? d->grant->opened.at.wall
                   : d->now > opens_at(d, t) ? d->now
                                             : opens_at(d, t);

    return (seen < t ? seen : t) + d->duration;
}

/* Where now is, seen from the window that t gives: [opens_at, ends_at), which may be empty. */
static enum side side_of(const struct decision *d, int64_t t)
{
    if (ends_at(d, t) <= d->now || ends_at(d, t) <= opens_at(d, t))
        return PAST;
    return d->now < opens_at(d, t) ? FUTURE : OPEN;
}

/* The open window that ends latest, else the earliest future one, else the latest past one. */
static bool is_better(const struct decision *d, int64_t t)
{
    enum side side, best;

    if (!d->approved)
        return true;
    side = side_of(d, t);
    best = side_of(d, d->t);
    if (side != best)
        return side > best;
    return side == FUTURE ? t < d->t : t > d->t;
}

static void find_window(struct decision *d)
{
    if (d->role->solo) {
        d->approved = true;
        d->t = d->request->time;
    }
    for (size_t i = 0; !d->role->solo && i < d->n_counted; i++) {
        int64_t t = d->counted[i]->st.time;
        if (is_better(d, t) && is_met_at(d, t, NULL)) {
            d->approved = true;
            d->t = t;
        }
    }
    if (d->approved) {
        d->answer->opens = opens_at(d, d->t);
        d->answer->ends = ends_at(d, d->t);
    }
}

/* --- step 6: is it closed? --- */

static enum bg_closed_as name_close(const struct decision *d, const struct bg_statement *close)
{
    if (strcmp(close->by, d->request->by) == 0)
        return BG_GIVEN_BACK;
    return d->approved && d->t <= close->time ? BG_REVOKED : BG_DENIED;
}

/* Finds the earliest close by somebody who may. Its time decides nothing but what it is called. */
static int find_close(struct decision *d)
{
    const struct bg_question *q = d->question;

    for (size_t i = 0; i < d->n_closes && !d->answer->close; i++) {
        const struct bg_signed *close = d->closes[i];
        struct bg_sentence why = {""};
        int r = -EPERM;
        if (!bg_may_close(d->policy, d->request, close->st.by))
            r = bg_fail(&why, -EPERM,
                        "%s may not close it: not its requester, an approver of %s or an administrator",
                        close->st.by, d->role->name);
        else
            r = bg_signed_verify(close, d->signers, q->host, q->host_key, false, d->now, NULL, &why);
        if (r < 0) {
            if (ignore(d, close, false, &why) < 0)
                return -ENOMEM;
            continue;
        }
        d->answer->close = close;
        d->answer->closed_as = name_close(d, &close->st);
    }
    return 0;
}

/* --- step 7: the answer --- */

/* For people: of each line what is filled. While it is pending that is what would stand beside one more
 * approver now (or beside an approval of the near future, where clocks differ); what is too old for that is
 * spent. */
static int fill_lines(struct decision *d)
{
    unsigned filled[BG_PLACES_MAX], best_sum = 0;
    int64_t at = d->approved ? d->t : d->now;

    for (size_t i = 0; i <= d->n_counted && !d->approved; i++) {
        int64_t t = i == 0 ? d->now : d->counted[i - 1]->st.time;
        unsigned sum = 0;
        if (t < d->now)
            continue;
        (void)is_met_at(d, t, filled);
        for (size_t j = 0; j < d->role->n_approve; j++)
            sum += filled[j];
        if (sum > best_sum) {
            best_sum = sum;
            at = t;
        }
    }
    (void)is_met_at(d, at, filled);
    for (size_t i = 0; i < d->role->n_approve; i++)
        d->answer->lines[d->answer->n_lines++] = (struct bg_line){&d->role->approve[i], filled[i]};

    for (size_t i = 0; i < d->n_counted; i++) {
        struct bg_sentence why = {""};
        if (d->approved || d->counted[i]->st.time >= at - d->policy->gather) {
            if (d->answer->n_got < BG_ANSWER_MAX)
                d->answer->got[d->answer->n_got++] = d->counted[i];
            continue;
        }
        (void)bg_fail(&why, -EPERM,
                      "%s approved it too long ago to count together with any approval from now on",
                      d->counted[i]->st.by);
        if (ignore(d, d->counted[i], true, &why) < 0)
            return -ENOMEM;
    }
    return 0;
}

static void set(struct decision *d, enum bg_state state, enum bg_why why)
{
    d->answer->state = state;
    d->answer->why = why;
}

/* The request is in order and nobody closed it. The one place that says yes. */
static void judge(struct decision *d)
{
    if (!d->approved) {
        if (d->now > d->request->time + BG_APPROVAL_DEADLINE)
            set(d, BG_STATE_LAPSED, BG_WHY_LAPSED);
        else
            set(d, BG_STATE_PENDING, BG_WHY_NEED_APPROVALS);
        return;
    }
    switch (side_of(d, d->t)) {
    case PAST:
        set(d, BG_STATE_EXPIRED, BG_WHY_EXPIRED);
        return;
    case FUTURE:
        set(d, BG_STATE_EARLY, BG_WHY_EARLY);
        return;
    case OPEN:
        if (d->request->drill)
            set(d, BG_STATE_DRILL, BG_WHY_DRILL);
        else
            set(d, BG_STATE_OPEN, BG_WHY_NONE);
        return;
    }
}

/* Whether the question is about what the request asks for at all. */
static bool is_about_it(const struct decision *d)
{
    switch (d->answer->why) {
    case BG_WHY_HOST_SIGNED_ELSEWHERE:
    case BG_WHY_HOST_NOT_REQUESTED:
    case BG_WHY_ACCOUNT_NOT_REQUESTED:
        return false;
    default:
        return true;
    }
}

/* The host's own marks need nobody's signature and no policy. What expired here is expired for good. */
static void apply_marks(struct decision *d)
{
    struct bg_answer *answer = d->answer;

    if (d->grant->expired && is_about_it(d)) {
        set(d, BG_STATE_EXPIRED, BG_WHY_EXPIRED);
        answer->ends = d->grant->expired_time;
        if (answer->opens >= answer->ends)
            answer->opens = 0;
    }
    if (answer->close || d->grant->closed)
        set(d, BG_STATE_CLOSED, BG_WHY_CLOSED);
    if (d->grant->closed && !answer->close)
        answer->closed_as = BG_CLOSED_BY_MARK;
}

static void apply_lock(struct decision *d)
{
    enum bg_state state = d->answer->state;

    if (!d->question->locked || state == BG_STATE_CLOSED || state == BG_STATE_EXPIRED ||
        state == BG_STATE_LAPSED)
        return;
    (void)refuse(d, BG_WHY_LOCKED, BG_LOCKED_SENTENCE);
}

static int weigh(struct decision *d)
{
    int r = collect(d);

    if (r >= 0)
        r = count_approvals(d);
    if (r < 0)
        return r;
    find_window(d);
    r = find_close(d);
    return r < 0 ? r : fill_lines(d);
}

static int decide(struct decision *d)
{
    int r = 0;

    if (!is_this_request(d))
        return 0;
    if (policy_allows(d) && request_is_signed(d)) {
        r = weigh(d);
        if (r < 0)
            return r;
        judge(d);
    }
    apply_marks(d);
    apply_lock(d);
    d->answer->until = d->answer->ends + (d->answer->state == BG_STATE_OPEN ? d->question->ahead : 0);
    return bg_decide_sentence(d->answer, d->policy, d->signers, d->grant, d->question);
}

int bg_decide(struct bg_answer *answer, const struct bg_policy *policy, const struct bg_signers *signers,
              const struct bg_grant *grant, const struct bg_question *question)
{
    struct decision d = {
        .answer = answer,
        .policy = policy,
        .signers = signers,
        .grant = grant,
        .question = question,
        .now = question->now,
    };
    int r;

    *answer = (struct bg_answer){.state = BG_STATE_REFUSED, .why = BG_WHY_NO_REQUEST, .now = question->now};
    r = decide(&d);
    free(d.approvals);
    free(d.closes);
    free(d.counted);
    free(d.people);
    if (r < 0) {
        bg_answer_free(answer);
        (void)refuse(&d, BG_WHY_NO_REQUEST, "this host is out of memory and cannot decide, so nothing opens");
    }
    return r;
}
