/* SPDX-License-Identifier: ISC */
/* A request on its way in: whether it is for this host, new, in time, within bounds and allowed. */
#include "policy/intake/intake_op.h"

#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <string.h>

static int check_host(struct intake_op *t)
{
    const struct bg_list *hosts = &t->s->st.terms.hosts;
    bg_free_ char *names = NULL;

    if (bg_list_has(hosts, t->in->site->host.name))
        return 0;
    names = bg_list_join(hosts);
    return intake_refuse(
        t, -EINVAL, "foreign host: this request is for %s, and this is %s; put it there, or request %s too",
        names ? names : "other hosts", t->in->site->host.name, t->in->site->host.name);
}

/* When nobody's approval could open it any more. */
static int check_age(struct intake_op *t)
{
    const struct bg_statement *st = &t->s->st;
    char dated[BG_TIME_SIZE], here[BG_TIME_SIZE];

    if (t->in->clock.wall < st->time + BG_APPROVAL_DEADLINE + st->terms.duration)
        return 0;
    bg_time_format(dated, st->time);
    bg_time_format(here, t->in->clock.wall);
    return intake_refuse(
        t, -ESTALE,
        "too old: this request is dated %s, and the clock of %s says %s, so nothing can open it any "
        "more; make a new one",
        dated, t->in->site->host.name, here);
}

/* That nobody else's request has the same ID: what is said about one is found by it, so with two of them
 * neither could be closed. An ID has 60 bits; two people can look for such a pair in an afternoon. */
static int check_id(struct intake_op *t)
{
    char person[BG_PERSON_SIZE], id[BG_ID_SIZE], shown[BG_ID_SHOWN_SIZE];
    int r = bg_store_find(&t->in->site->store, t->out->id, person, id);

    if (r == -ENOENT || (r >= 0 && strcmp(person, t->out->person) == 0))
        return 0;
    if (r < 0 && r != -ENOTUNIQ)
        return intake_refuse(
            t, r,
            "the store of %s cannot be read (%s), so nothing is taken in; see to /var/lib/breakglass there",
            t->in->site->host.name, strerrordesc_np(-r));
    return intake_refuse(t, -EEXIST,
                         "a request of somebody else has the ID %s here, which no accident makes; make a new "
                         "one, and have this "
                         "looked into",
                         intake_id(t, shown));
}

/* Whether it is here already, was here once, or hides behind the ID of another. 1: it is. */
static int check_known(struct intake_op *t)
{
    char shown[BG_ID_SHOWN_SIZE];
    int r = bg_store_load(&t->in->site->store, t->out->person, t->out->id, &t->grant);

    if (r < 0 && r != -ENOENT)
        return intake_refuse(
            t, r,
            "the store of %s cannot be read (%s), so nothing is taken in; see to /var/lib/breakglass there",
            t->in->site->host.name, strerrordesc_np(-r));
    if (!t->grant.request)
        return check_id(t);
    if (memcmp(t->grant.request->st.digest, t->s->st.digest, BG_DIGEST_BYTES) != 0)
        return intake_refuse(t, -EEXIST,
                             "another request of %s has the ID %s here, which no accident makes; make a new "
                             "one, and have this "
                             "looked into",
                             t->out->person, intake_id(t, shown));
    return 1;
}

/* From here on ended requests make room for new ones; the gate reads 2 * BG_LIVE_MAX of a person. */
#define MANY (BG_LIVE_MAX + BG_LIVE_MAX / 2)

/* Whether a request may still open or wait here; counted against the bound. */
static bool is_live(const struct intake_op *t, const struct bg_grant *grant)
{
    const struct bg_statement *st = grant->request ? &grant->request->st : NULL;

    return st && !grant->closed && !grant->expired &&
           t->in->clock.wall < st->time + BG_APPROVAL_DEADLINE + st->terms.duration;
}

/* Moves the oldest ended requests to the archive until there is room: that reviews are overdue on Monday must
 * not keep anybody out tonight. A review is still taken there. Gives how many were moved. */
static size_t make_room(const struct intake_op *t, const struct bg_grants *all, size_t wanted)
{
    size_t moved = 0;

    for (size_t i = all->n; i-- > 0 && moved < wanted;)
        if (!is_live(t, &all->v[i]))
            moved += bg_store_archive(&t->in->site->store, t->out->person, all->v[i].id) >= 0;
    return moved;
}

static int check_number(struct intake_op *t)
{
    struct bg_grants all bg_cleanup_(bg_grants_free) = {0};
    size_t n_live = 0;
    int r = bg_store_load_person(&t->in->site->store, t->out->person, false, &all);

    if (r < 0)
        return intake_refuse(t, r,
                             "the requests of %s cannot be counted here (%s), so none is taken in; see to "
                             "/var/lib/breakglass there",
                             t->out->person, strerrordesc_np(-r));
    for (size_t i = 0; i < all.n; i++)
        n_live += is_live(t, &all.v[i]);
    if (n_live >= BG_LIVE_MAX)
        return intake_refuse(t, -EDQUOT,
                             "%s has %zu live requests on %s, and %d is the most; give some back first",
                             t->out->person, n_live, t->in->site->host.name, BG_LIVE_MAX);
    if (all.n >= MANY && make_room(t, &all, all.n - MANY + 1) == 0)
        return intake_refuse(
            t, -EDQUOT,
            "%zu requests of %s are on %s, and none of them can be moved to the archive: see "
            "that /var can be written",
            all.n, t->out->person, t->in->site->host.name);
    return 0;
}

/* Whether today's policy lets this person request that at all. What a repaired policy or an unlock would
 * change is kept. */
static int check_policy(struct intake_op *t, const struct bg_answer *answer)
{
    if (answer->state != BG_STATE_REFUSED || answer->why == BG_WHY_LOCKED ||
        answer->why == BG_WHY_POLICY_BROKEN || answer->why == BG_WHY_ROLE_BROKEN)
        return 0;
    return intake_refuse(t, -EPERM, "this request was not taken: %s", answer->sentence.text);
}

/* What came of it, early statements and all. */
static int conclude(struct intake_op *t, enum bg_taken taken, const char *what)
{
    struct bg_grant now = {0};
    struct bg_answer answer;
    int r = bg_store_load(&t->in->site->store, t->out->person, t->out->id, &now);

    if (r >= 0 && now.request) {
        if (t->grant.request == t->s)
            t->grant.request = NULL; /* freed with the taking */
        bg_grant_free(&t->grant);
        t->grant = now;
    } else if (r >= 0)
        bg_grant_free(&now);
    if (intake_decide(t, &answer) < 0) {
        intake_done(t, taken, "%s", what);
        return 0;
    }
    t->out->state = answer.state;
    intake_note(t, &answer);
    intake_done(t, taken, "%s: %s%s", what, answer.sentence.text,
                t->grant.archived ? " (it is in the archive)" : "");
    bg_answer_free(&answer);
    return 0;
}

static int check(struct intake_op *t)
{
    int r = intake_check_future(t);

    if (r >= 0)
        r = check_age(t);
    return r < 0 ? r : check_number(t);
}

int intake_request(struct intake_op *t)
{
    struct bg_answer answer bg_cleanup_(bg_answer_free) = {0};
    int r = check_host(t);

    if (r >= 0)
        r = check_known(t);
    if (r < 0)
        return r;
    if (r > 0) { /* a broker that was killed may have left some waiting */
        if (!t->grant.archived)
            intake_waiting(t->in, t->s->st.digest);
        return conclude(t, BG_TAKEN_KNOWN, "this request is here already");
    }
    r = check(t);
    if (r < 0)
        return r;
    t->grant.request = t->s;
    memcpy(t->grant.id, t->out->id, sizeof t->grant.id);
    if (intake_decide(t, &answer) < 0)
        return intake_refuse(t, -ENOMEM, "this host is out of memory and took nothing; put it again");
    r = check_policy(t, &answer);
    if (r >= 0)
        r = intake_store(t);
    if (r < 0)
        return r;
    intake_event(t, BG_EVENT_REQUEST_CREATED, NULL);
    if (answer.state == BG_STATE_OPEN || answer.state == BG_STATE_DRILL)
        intake_event_open(t, &answer);
    intake_waiting(t->in, t->s->st.digest);
    /* The answer points into the grant that conclude replaces. */
    bg_answer_free(&answer);
    return conclude(t, BG_TAKEN_NEW, "taken");
}
