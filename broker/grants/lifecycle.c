/* SPDX-License-Identifier: ISC */
/* A table of all grants with the time when each must be judged next, and a timer for the earliest. */
#include "broker/grants/lifecycle.h"
#include "policy/base/cleanup.h"
#include "broker/sessions/sessions.h"
#include "broker/grants/usage.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#define ARCHIVE_AFTER 3600 /* seconds that an ended grant stays in the lists */
#define EXPIRING 300       /* grant.expiring comes so long before the end, or a third of the window */
#define RESCAN 60          /* seconds between two looks for grants that others put there */

struct lifecycle {
    struct broker *b;
    struct entry *v; /* n entries, sorted by person and id */
    size_t n, size;
    struct entry *shown; /* a copy, sorted for lists */
    bool with_archive;   /* the archive was read once */
    int64_t scanned;
    sd_event_source *timer;
};

/* --- the table --- */

static int by_name(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int r = strcmp(x->person, y->person);

    return r != 0 ? r : strcmp(x->id, y->id);
}

static int newest_first(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    if (x->requested != y->requested)
        return x->requested > y->requested ? -1 : 1;
    return by_name(a, b);
}

static struct entry *find(const struct lifecycle *s, const char *person, const char *id)
{
    struct entry key = {0};

    if (s->n == 0 || strlen(person) >= sizeof key.person || strlen(id) >= sizeof key.id)
        return NULL;
    memcpy(key.person, person, strlen(person) + 1);
    memcpy(key.id, id, strlen(id) + 1);
    return bsearch(&key, s->v, s->n, sizeof *s->v, by_name);
}

static int append(struct lifecycle *s, const char *person, const char *id, bool archived)
{
    if (strlen(person) >= sizeof s->v->person || strlen(id) >= sizeof s->v->id)
        return -EINVAL;
    if (s->n == s->size) {
        size_t size = s->size == 0 ? 64 : 2 * s->size;
        struct entry *v = reallocarray(s->v, size, sizeof *v);

        if (!v)
            return -ENOMEM;
        s->v = v;
        s->size = size;
    }
    s->v[s->n] = (struct entry){.archived = archived, .next = 0};
    memcpy(s->v[s->n].person, person, strlen(person) + 1);
    memcpy(s->v[s->n].id, id, strlen(id) + 1);
    s->n++;
    return 0;
}

static void sort(struct lifecycle *s)
{
    if (s->n > 1)
        qsort(s->v, s->n, sizeof *s->v, by_name);
}

/* --- what follows from a grant's state --- */

int64_t lifecycle_ended(const struct bg_grant *grant, const struct bg_answer *answer)
{
    switch (answer->state) {
    case BG_STATE_EXPIRED:
        return answer->ends;
    case BG_STATE_LAPSED:
        return answer->requested + BG_APPROVAL_DEADLINE;
    case BG_STATE_DRILL:
        return answer->ends > 0 ? answer->ends : answer->requested + BG_APPROVAL_DEADLINE;
    case BG_STATE_CLOSED:
        return answer->close    ? answer->close->st.time
               : grant->expired ? grant->expired_time
                                : answer->requested;
    default:
        return 0;
    }
}

/* "ok", "flag" or "": no review that counts; one flag counts more than any ok. */
static const char *verdict(const struct broker *b, const struct bg_grant *grant, int64_t now)
{
    const char *found = "";

    for (size_t i = 0; i < grant->n_responses; i++) {
        const struct bg_signed *s = grant->responses[i];

        if (s->st.kind == BG_REVIEW && bg_may_review(&b->site.policy, grant, s->st.by) &&
            bg_signed_verify(s, &b->site.signers, b->site.host.name,
                             b->site.host.has_key ? &b->site.host.key : NULL, false, now, NULL, NULL) == 0) {
            if (s->st.flagged)
                return "flag";
            found = "ok";
        }
    }
    return found;
}

int64_t lifecycle_review(const struct broker *b, const struct bg_grant *grant, const struct bg_answer *answer,
                         int64_t now, const char **reviewed)
{
    int64_t ended = lifecycle_ended(grant, answer);
    int64_t within = answer->role ? answer->role->review_within : b->site.policy.review_within;
    struct usage usage;

    *reviewed = "";
    if (ended == 0 || within == 0 || !grant->request || grant->request->st.drill)
        return 0;
    usage_load(&b->site.root, grant->request->st.by, grant->id, &usage);
    if (usage.logins > 0)
        *reviewed = verdict(b, grant, now);
    return usage.logins == 0 || **reviewed ? 0 : ended + within;
}

static void tell(struct lifecycle *s, enum bg_event_id id, const struct bg_grant *grant,
                 const struct bg_answer *answer, const char *why)
{
    char ends[BG_TIME_SIZE];
    struct bg_event e = {.id = id};

    bg_event_of_grant(&e, grant->id, &grant->request->st, answer->until, ends);
    e.field[BG_FIELD_WHY] = why;
    e.alert = id == BG_EVENT_GRANT_OPEN && answer->solo;
    broker_event(s->b, &e);
}

/* Its time ran out: told once. */
static void run_out(struct lifecycle *s, struct entry *entry, const struct bg_grant *grant,
                    const struct bg_answer *answer)
{
    struct usage usage;
    struct bg_sentence why;

    usage_load(&s->b->site.root, entry->person, entry->id, &usage);
    if (!usage.expired) {
        if (answer->state == BG_STATE_LAPSED)
            tell(s, BG_EVENT_REQUEST_LAPSED, grant, answer, NULL);
        else if (answer->state == BG_STATE_EXPIRED) {
            bg_say(&why, usage.logins == 0 ? "never used" : "used, %u logins", usage.logins);
            tell(s, BG_EVENT_GRANT_EXPIRED, grant, answer, why.text);
        }
        usage.expired = true;
        (void)usage_save(&s->b->site.root, entry->person, entry->id, &usage);
    }
}

/* An ended grant is archived once it is reviewed, or if it needs no review. */
static void after_the_end(struct lifecycle *s, struct entry *entry, const struct bg_grant *grant,
                          const struct bg_answer *answer, int64_t now)
{
    const char *reviewed;
    int64_t leave = lifecycle_ended(grant, answer) + ARCHIVE_AFTER,
            due = lifecycle_review(s->b, grant, answer, now, &reviewed);
    struct usage usage;

    if (due > 0 && now >= due) {
        usage_load(&s->b->site.root, entry->person, entry->id, &usage);
        if (!usage.overdue) {
            tell(s, BG_EVENT_REVIEW_OVERDUE, grant, answer, NULL);
            usage.overdue = true;
            (void)usage_save(&s->b->site.root, entry->person, entry->id, &usage);
        }
    }
    entry->next = due > now ? due : now >= leave ? INT64_MAX : leave;
    if (due > 0 || now < leave || sessions_of_grant(s->b->sessions, entry->id) > 0)
        return;
    if (bg_store_archive(&s->b->site.store, entry->person, entry->id) == 0) {
        entry->archived = true;
        usage_drop(&s->b->site.root, entry->person, entry->id);
    } else {
        entry->next = now + RESCAN;
    }
}

static void while_open(struct lifecycle *s, struct entry *entry, const struct bg_grant *grant,
                       const struct bg_answer *answer, int64_t now)
{
    /* Of the minutes that it has: the window also has ClockSkew, and what the approvals are dated ahead. */
    int64_t minutes = grant->request->st.terms.duration, most = answer->role->max_duration;
    int64_t lead = (minutes < most ? minutes : most) / 3;

    if (lead > EXPIRING)
        lead = EXPIRING;
    /* One that turned open by time alone; intake told the others. */
    if (entry->judged && entry->state == BG_STATE_EARLY)
        tell(s, BG_EVENT_GRANT_OPEN, grant, answer, NULL);
    if (answer->until - now > lead) {
        entry->expiring = false;
        entry->next = answer->until - lead;
        return;
    }
    if (!entry->expiring && entry->judged)
        tell(s, BG_EVENT_GRANT_EXPIRING, grant, answer, NULL);
    entry->expiring = true;
    entry->next = answer->until;
}

static void follow(struct lifecycle *s, struct entry *entry, const struct bg_grant *grant,
                   const struct bg_answer *answer, int64_t now)
{
    entry->next = INT64_MAX;
    switch (answer->state) {
    case BG_STATE_PENDING:
        entry->next = answer->requested + BG_APPROVAL_DEADLINE + 1;
        break;
    case BG_STATE_EARLY:
        entry->next = answer->opens;
        break;
    case BG_STATE_OPEN:
        while_open(s, entry, grant, answer, now);
        break;
    case BG_STATE_EXPIRED:
        /* By a clock that was set or rules that changed: either may be mended yet. */
        if (!grant->expired && !grant->request->st.drill) {
            entry->next = now + RESCAN;
            break;
        }
        run_out(s, entry, grant, answer);
        after_the_end(s, entry, grant, answer, now);
        break;
    case BG_STATE_LAPSED:
    case BG_STATE_DRILL:
        run_out(s, entry, grant, answer);
        after_the_end(s, entry, grant, answer, now);
        break;
    case BG_STATE_CLOSED:
        /* A broker killed between a close and its mark leaves the mark to the next. */
        if (!grant->closed)
            (void)bg_store_mark_closed(&s->b->site.store, entry->person, entry->id);
        after_the_end(s, entry, grant, answer, now);
        break;
    default:
        break;
    }
    if (entry->next <= now)
        entry->next = now + 1;
}

/* Leaves the marks. One that was there and is gone, or cannot be read, is news. */
static void note(struct lifecycle *s, struct entry *entry, struct bg_grant *grant,
                 const struct bg_answer *answer, const struct bg_clock *clock)
{
    const struct bg_site *site = &s->b->site;
    enum bg_noted noted =
        bg_store_note(&site->store, grant, answer, &site->policy, &site->signers, site->locked, clock);

    if (noted == BG_NOTED_AGAIN || (noted == BG_NOTED_OPENED && entry->opened))
        tell(s, BG_EVENT_HOST_CLOCK, grant, answer, BG_NOTED_AGAIN_WHY);
    entry->opened = grant->opened.noted;
}

/* said: there is a statement more, which is news to watchers even where it changes no state (a request, an
 * approval that is not the last one needed). */
static void judge(struct lifecycle *s, struct entry *entry, int64_t now, bool said)
{
    struct bg_grant grant bg_cleanup_(bg_grant_free) = {0};
    struct bg_answer answer bg_cleanup_(bg_answer_free) = {0};
    struct bg_question question = bg_site_question(&s->b->site, now);
    enum bg_state before = entry->state;
    struct bg_clock clock;

    if (entry->archived)
        return;
    entry->next = INT64_MAX;
    int r = bg_store_load(&s->b->site.store, entry->person, entry->id, &grant);

    /* Out of memory or descriptors, or a disk that fails: its end must not be forgotten for that. */
    if (r < 0 && r != -ENOENT)
        entry->next = now + RESCAN;
    if (r < 0 || !grant.request)
        return;
    /* A lock changes no grant, it only keeps people out. */
    question.locked = false;
    bg_site_clock(&clock, &s->b->site, now);
    if (bg_store_decide(&answer, &s->b->site.policy, &s->b->site.signers, &grant, &question, &clock) < 0) {
        entry->next = now + 1;
        return;
    }
    if (entry->requested != grant.request->st.time)
        entry->requested = grant.request->st.time;
    note(s, entry, &grant, &answer, &clock);
    follow(s, entry, &grant, &answer, now);
    entry->state = answer.state;
    if (said || (entry->judged && before != answer.state))
        broker_grant(s->b, entry->person, entry->id, answer.state);
    entry->judged = true;
}

/* --- when --- */

static void arm(struct lifecycle *s)
{
    int64_t next = INT64_MAX;

    for (size_t i = 0; i < s->n; i++)
        if (!s->v[i].archived && s->v[i].next < next)
            next = s->v[i].next;
    if (next == INT64_MAX) {
        (void)sd_event_source_set_enabled(s->timer, SD_EVENT_OFF);
        return;
    }
    (void)sd_event_source_set_time(s->timer, (uint64_t)next * 1000000ULL);
    (void)sd_event_source_set_enabled(s->timer, SD_EVENT_ONESHOT);
}

static void judge_due(struct lifecycle *s, int64_t now)
{
    for (size_t i = 0; i < s->n; i++)
        if (!s->v[i].archived && s->v[i].next <= now)
            judge(s, &s->v[i], now, false);
}

struct adding {
    struct lifecycle *s;
    size_t old; /* entries that are sorted already */
};

static int add_found(const char *person, const char *id, bool is_archived, void *arg)
{
    struct adding *a = arg;
    struct lifecycle *s = a->s;
    size_t all = s->n;

    s->n = a->old;
    struct entry *known = find(s, person, id);
    s->n = all;
    if (known) {
        known->archived = is_archived;
        return 0;
    }
    int r = append(s, person, id, is_archived);

    return r == -EINVAL ? 0 : r;
}

static void scan(struct lifecycle *s)
{
    struct adding a = {.s = s, .old = s->n};

    (void)bg_store_each(&s->b->site.store, false, add_found, &a);
    sort(s);
    s->scanned = bg_now();
}

void lifecycle_all(struct lifecycle *s)
{
    int64_t now = bg_now();

    scan(s);
    for (size_t i = 0; i < s->n; i++)
        judge(s, &s->v[i], now, false);
    arm(s);
}

void lifecycle_one(struct lifecycle *s, const char *person, const char *id)
{
    struct entry *entry = find(s, person, id);

    if (!entry) {
        if (append(s, person, id, false) < 0)
            return;
        sort(s);
        entry = find(s, person, id);
    }
    if (entry)
        judge(s, entry, bg_now(), true);
    arm(s);
}

void lifecycle_tick(struct lifecycle *s)
{
    int64_t now = bg_now();

    /* Root may put statements into the store without the broker; and what fell back to /run goes home. */
    if (now - s->scanned >= RESCAN || now < s->scanned) {
        (void)bg_store_migrate(&s->b->site.store);
        scan(s);
    }
    judge_due(s, now);
    arm(s);
}

void lifecycle_tell(const struct lifecycle *s, const char *person, const char *id)
{
    const struct entry *entry = s ? find(s, person, id) : NULL;

    if (entry)
        broker_grant(s->b, person, id, entry->state);
}

void lifecycle_logged(struct lifecycle *s, const struct bg_event *event)
{
    const char *person = event->field[BG_FIELD_PERSON], *id = event->field[BG_FIELD_GRANT];
    struct usage usage;

    if (!s || event->id != BG_EVENT_GRANT_USED || !person || !id)
        return;
    usage_load(&s->b->site.root, person, id, &usage);
    usage.logins++;
    (void)usage_save(&s->b->site.root, person, id, &usage);
}

/* --- lists --- */

static void read_archive(struct lifecycle *s)
{
    struct adding a = {.s = s, .old = s->n};

    if (s->with_archive)
        return;
    s->with_archive = bg_store_each(&s->b->site.store, true, add_found, &a) >= 0;
    for (size_t i = a.old; i < s->n; i++) {
        struct bg_grant grant bg_cleanup_(bg_grant_free) = {0};

        if (i % 256 == 0) /* years of them, from a cold disk, take longer than the watchdog waits */
            (void)sd_notify(0, "WATCHDOG=1");
        if (bg_store_load(&s->b->site.store, s->v[i].person, s->v[i].id, &grant) == 0 && grant.request)
            s->v[i].requested = grant.request->st.time;
    }
    sort(s);
}

int lifecycle_list(struct lifecycle *s, bool archived, const struct entry **entries, size_t *n)
{
    if (archived)
        read_archive(s);
    struct entry *shown = reallocarray(s->shown, s->n + 1, sizeof *shown);

    if (!shown)
        return -ENOMEM;
    s->shown = shown;
    if (s->n > 0)
        memcpy(shown, s->v, s->n * sizeof *s->v);
    qsort(shown, s->n, sizeof *shown, newest_first);
    *entries = s->shown;
    *n = s->n;
    return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
    struct lifecycle *s = arg;

    (void)source;
    (void)usec;
    judge_due(s, bg_now());
    arm(s);
    return 0;
}

int lifecycle_new(struct lifecycle **ret, struct broker *b)
{
    struct lifecycle *s = calloc(1, sizeof *s);

    if (!s)
        return -ENOMEM;
    s->b = b;
    int r = sd_event_add_time(b->event, &s->timer, CLOCK_REALTIME, 0, 20000, on_timer, s);

    if (r < 0) {
        lifecycle_free(s);
        return r;
    }
    *ret = s;
    return 0;
}

void lifecycle_free(struct lifecycle *s)
{
    if (!s)
        return;
    (void)sd_event_source_disable_unref(s->timer);
    free(s->shown);
    free(s->v);
    free(s);
}
