/* SPDX-License-Identifier: ISC */
/* What must hold of the decision whatever the policy and the statements: random ones, held against a naive
 * decision by trying everything, and against themselves with one thing changed.
 * `unit/policy/decide_properties SEED` repeats one round. */
#include "tests/kit/scratch.h"
#include "tests/kit/world.h"

#include "policy/base/cleanup.h"
#include "policy/store/store.h"
#include "policy/base/timestamp.h"
#include "policy/rules/load.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 1500
#define PEOPLE 6 /* people[0] asks */
#define LINES 3
#define SAID 9
#define HOST "db1.prod"

static const char *const people[PEOPLE] = {"bob", "alice", "carol", "dave", "erin", "frank"};

/* What the generator knows of a statement without looking at its signature. */
struct fact {
    bool is_close, good;
    size_t by;
    int64_t time;
};

struct round {
    uint32_t seed, state;
    /* policy */
    size_t n_lines;
    unsigned need[LINES];
    bool in[LINES][PEOPLE];
    bool solo, may_ask;
    int64_t gather, skew, most;
    bool gone[PEOPLE]; /* taken out of the signers */
    bool left[PEOPLE]; /* taken out of the policy */
    /* statements */
    struct bg_signed *request, *said[SAID];
    struct fact facts[SAID];
    size_t n;
    int64_t asked, duration, now;
    bool drill;
    /* what the host has noted, and its clock since boot; no boot: it has none, and the wall clock counts */
    struct bg_opened opened;
    bool expired;
    int64_t since_boot;
    char boot[BG_BOOT_SIZE];
};

#define HOLDS(r, condition, ...)                                                                             \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "seed %u: ", (r)->seed);                                                         \
            fprintf(stderr, __VA_ARGS__);                                                                    \
            fputc('\n', stderr);                                                                             \
            exit(1);                                                                                         \
        }                                                                                                    \
    } while (0)

static unsigned roll(struct round *r, unsigned n)
{
    r->state = r->state * 1664525u + 1013904223u;
    return (r->state >> 16) % n;
}

/* --- making one --- */

static void make_rules(struct round *r)
{
    static const int64_t gathers[] = {600, 1800, 3600}, skews[] = {0, 300, 900}, mosts[] = {300, 900, 3600};

    r->n_lines = 1 + roll(r, LINES);
    for (size_t i = 0; i < r->n_lines; i++) {
        r->need[i] = roll(r, 3) == 0 ? 2 : 1;
        for (size_t j = 0; j < PEOPLE; j++)
            r->in[i][j] = roll(r, 3) != 0;
    }
    r->solo = roll(r, 10) == 0;
    r->may_ask = roll(r, 20) != 0;
    r->gather = gathers[roll(r, 3)];
    r->skew = skews[roll(r, 3)];
    r->most = mosts[roll(r, 3)];
}

static void make_request(struct round *r)
{
    struct bg_statement st = {.kind = BG_REQUEST, .time = r->asked, .drill = r->drill};
    struct bg_sentence err = {""};
    struct world_pen pen = {.key = people[0]};

    CHECK(bg_statement_nonce(&st) == 0, "no nonce");
    (void)snprintf(st.nonce, 33, "%032x", r->seed);
    st.by = strdup(people[0]);
    st.terms.role = strdup("r");
    st.terms.reason = strdup("why");
    st.terms.duration = r->duration;
    CHECK(bg_list_split(&st.terms.hosts, HOST) == 0, "out of memory");
    CHECK(bg_list_split(&st.terms.accounts, "root") == 0, "out of memory");
    r->request = world_sign(&st, &pen, &err);
    CHECK(r->request, "%s", err.text);
}

static struct bg_signed *make_said(struct round *r, struct fact *fact)
{
    struct bg_statement st = {0};
    struct bg_sentence err = {""};
    struct world_pen pen = {.key = people[fact->by]};
    unsigned spoilt = fact->good ? 9 : roll(r, 4);
    struct bg_signed *s;

    if (fact->is_close) {
        st.kind = BG_CLOSE;
        memcpy(st.request, r->request->st.digest, sizeof st.request);
        st.reason = strdup("urgent");
        spoilt = spoilt == 0 ? 1 : spoilt;
    } else {
        CHECK(bg_statement_approve(&st, &r->request->st) == 0, "out of memory");
    }
    st.by = strdup(people[fact->by]);
    st.time = fact->time;
    if (spoilt == 0)
        st.terms.duration++;
    if (spoilt == 1)
        pen.key = "stranger";
    if (spoilt == 2)
        pen.name_space = "breakglass-login";
    s = world_sign(&st, &pen, &err);
    CHECK(s, "%s", err.text);
    if (spoilt == 3)
        s->sig.sig[roll(r, 64)] ^= (unsigned char)(1u << roll(r, 8));
    return s;
}

static void make(struct round *r, uint32_t seed)
{
    *r = (struct round){.seed = seed, .state = seed * 2654435761u + 1};
    make_rules(r);
    r->asked = world_time("14:00") + 600 * (int64_t)roll(r, 3);
    r->duration = 300 * (int64_t)(1 + roll(r, 12));
    r->drill = roll(r, 15) == 0;
    r->now = world_time("13:50") + 60 * (int64_t)roll(r, 100);
    make_request(r);
    r->n = roll(r, 6) == 0 ? roll(r, SAID) : 3 + roll(r, SAID - 3);
    for (size_t i = 0; i < r->n; i++) {
        r->facts[i] = (struct fact){
            .is_close = roll(r, 40) == 0,
            .good = roll(r, 5) != 0,
            .by = roll(r, PEOPLE),
            .time = world_time("13:50") + 300 * (int64_t)roll(r, 16),
        };
        r->said[i] = make_said(r, &r->facts[i]);
    }
}

static void unmake(struct round *r)
{
    bg_signed_free(r->request);
    for (size_t i = 0; i < r->n; i++)
        bg_signed_free(r->said[i]);
}

static void print_policy(const struct round *r, FILE *f)
{
    fprintf(
        f, "[Defaults]\nGather=%llds\nClockSkew=%llds\n[Role r]\nHosts=*\nAccounts=root\nMaxDuration=%llds\n",
        (long long)r->gather, (long long)r->skew, (long long)r->most);
    fprintf(f, "Requesters=%s\n", r->may_ask && !r->left[0] ? people[0] : "nobody-else");
    if (r->solo)
        fprintf(f, "Solo=yes\n");
    for (size_t i = 0; i < r->n_lines && !r->solo; i++)
        fprintf(f, "Approve=%u of @line%zu\n", r->need[i], i);
    for (size_t i = 0; i < r->n_lines; i++) {
        fprintf(f, "[Group line%zu]\nMembers=", i);
        for (size_t j = 0; j < PEOPLE; j++)
            fprintf(f, "%s ", r->in[i][j] && !r->left[j] ? people[j] : "");
        fprintf(f, "\n");
    }
}

/* --- deciding --- */

static void read_rules(const struct round *r, struct bg_policy *policy, struct bg_signers *signers)
{
    bg_free_ char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);

    CHECK(f, "out of memory");
    print_policy(r, f);
    CHECK(fclose(f) == 0, "out of memory");
    bg_policy_begin(policy);
    CHECK(bg_policy_add(policy, "policy.conf", text, size) == 0 && bg_policy_settle(policy) == 0,
          "out of memory");
    HOLDS(r, !policy->broken && policy->problems.errors == 0, "the generator makes bad policies:\n%s", text);
    *signers = (struct bg_signers){0};
    for (size_t i = 0; i < PEOPLE; i++) {
        bg_free_ char *key = world_key_text(people[i]), *line = NULL;
        if (r->gone[i])
            continue;
        CHECK(asprintf(&line, "%s namespaces=\"breakglass\" %s\n", people[i], key) >= 0, "out of memory");
        CHECK(bg_signers_parse(signers, "signers", line, strlen(line)) == 0, "out of memory");
    }
    bg_signers_settle(signers);
}

/* What is kept of an answer after its inputs are gone. */
struct kept {
    enum bg_state state;
    enum bg_why why;
    int64_t opens, ends;
    size_t n_got, n_ignored;
    char sentence[BG_SENTENCE_SIZE];
};

static struct bg_clock clock_of(const struct round *r)
{
    struct bg_clock clock = {.wall = r->now, .since_boot = r->since_boot};

    memcpy(clock.boot, r->boot, sizeof clock.boot);
    return clock;
}

/* Decides, and leaves the mark that follows in `store` and in the round, unless that is NULL. */
static struct kept decide_in(struct round *r, struct bg_signed **said, size_t n, bool closed,
                             const struct bg_store *store)
{
    struct bg_policy policy;
    struct bg_signers signers;
    struct bg_answer answer;
    struct bg_clock clock = clock_of(r);
    struct bg_grant grant = {.request = r->request,
                             .responses = said,
                             .n_responses = n,
                             .closed = closed,
                             .opened = r->opened,
                             .expired = r->expired};
    struct bg_question question = {.host = HOST, .person = people[0], .account = "root"};
    struct kept kept;

    read_rules(r, &policy, &signers);
    CHECK(bg_store_decide(&answer, &policy, &signers, &grant, &question, &clock) == 0, "out of memory");
    kept = (struct kept){
        .state = answer.state,
        .why = answer.why,
        .opens = answer.opens,
        .ends = answer.ends,
        .n_got = answer.n_got,
        .n_ignored = answer.n_ignored,
    };
    memcpy(kept.sentence, answer.sentence.text, sizeof kept.sentence);
    HOLDS(r, (answer.state == BG_STATE_OPEN) == (answer.why == BG_WHY_NONE), "state and reason disagree");
    HOLDS(r, answer.state != BG_STATE_OPEN || (answer.opens <= answer.now && answer.now < answer.ends),
          "open outside of its window");
    if (store) {
        bg_id_from_digest(grant.id, r->request->st.digest);
        (void)bg_store_note(store, &grant, &answer, &policy, &signers, false, &clock);
        r->opened = grant.opened;
        r->expired = grant.expired;
    }
    bg_answer_free(&answer);
    bg_policy_free(&policy);
    bg_signers_free(&signers);
    return kept;
}

static struct kept decide(struct round *r, struct bg_signed **said, size_t n, bool closed)
{
    return decide_in(r, said, n, closed, NULL);
}

/* --- the naive decision --- */

/* Whether those people can be given places so that all are filled, each person one at most: by trying. */
static bool can_fill(const struct round *r, const bool *present, size_t person, unsigned *left)
{
    bool done = true;

    for (size_t i = 0; i < r->n_lines; i++)
        done = done && left[i] == 0;
    if (done || person == PEOPLE)
        return done;
    for (size_t i = 0; i < r->n_lines && present[person]; i++) {
        bool found;
        if (left[i] == 0 || !r->in[i][person] || r->left[person])
            continue;
        left[i]--;
        found = can_fill(r, present, person + 1, left);
        left[i]++;
        if (found)
            return true;
    }
    return can_fill(r, present, person + 1, left);
}

static bool is_approver(const struct round *r, size_t person)
{
    for (size_t i = 0; i < r->n_lines; i++)
        if (r->in[i][person] && !r->left[person] && !r->solo)
            return true;
    return false;
}

/* The time of the earliest good approval of a person; false for none. */
static bool earliest(const struct round *r, size_t person, int64_t *time)
{
    bool found = false;

    for (size_t i = 0; i < r->n; i++) {
        const struct fact *fact = &r->facts[i];
        if (fact->is_close || !fact->good || fact->by != person || (found && fact->time >= *time))
            continue;
        found = true;
        *time = fact->time;
    }
    return found && person != 0 && !r->gone[person] && is_approver(r, person);
}

static bool window_is_open(const struct round *r, int64_t t)
{
    int64_t duration = r->duration < r->most ? r->duration : r->most;

    return t - r->skew <= r->now && r->now < t + duration;
}

static bool naive_quorum_is_open(const struct round *r)
{
    for (size_t p = 0; p < PEOPLE; p++) {
        bool present[PEOPLE] = {false};
        unsigned left[LINES];
        int64_t t = 0, time = 0;
        if (!earliest(r, p, &t))
            continue;
        for (size_t q = 0; q < PEOPLE; q++)
            present[q] = earliest(r, q, &time) && time <= t && time >= t - r->gather;
        memcpy(left, r->need, sizeof left);
        if (can_fill(r, present, 0, left) && window_is_open(r, t))
            return true;
    }
    return false;
}

static bool naive_is_open(const struct round *r)
{
    if (!r->may_ask || r->left[0] || r->gone[0] || r->drill || r->asked - r->skew > r->now)
        return false;
    for (size_t i = 0; i < r->n; i++)
        if (r->facts[i].is_close && r->facts[i].good && !r->gone[r->facts[i].by] &&
            (r->facts[i].by == 0 || is_approver(r, r->facts[i].by)))
            return false;
    return r->solo ? window_is_open(r, r->asked) : naive_quorum_is_open(r);
}

/* --- what must hold --- */

static void order_never_matters(struct round *r, const struct kept *first)
{
    struct bg_signed *order[SAID];

    memcpy(order, r->said, sizeof order);
    for (unsigned again = 0; again < 2; again++) {
        struct kept other;
        for (size_t i = r->n; i > 1; i--) {
            size_t j = roll(r, (unsigned)i);
            struct bg_signed *s = order[i - 1];
            order[i - 1] = order[j];
            order[j] = s;
        }
        other = decide(r, order, r->n, false);
        HOLDS(r,
              other.state == first->state && other.why == first->why && other.opens == first->opens &&
                  other.ends == first->ends && other.n_got == first->n_got &&
                  other.n_ignored == first->n_ignored && strcmp(other.sentence, first->sentence) == 0,
              "another order gives another answer:\n%s\n%s", first->sentence, other.sentence);
    }
}

static bool has_said(const struct round *r, size_t person)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->facts[i].by == person)
            return true;
    return false;
}

/* The approval of one person more neither shortens nor closes; a bad one changes nothing. */
static void one_more(struct round *r, const struct kept *before)
{
    struct bg_signed *more[SAID + 1];
    struct fact fact = {.good = roll(r, 4) != 0, .time = world_time("13:50") + 60 * (int64_t)roll(r, 100)};
    struct kept after;

    fact.by = roll(r, PEOPLE);
    if (has_said(r, fact.by))
        return;
    memcpy(more, r->said, sizeof r->said);
    more[r->n] = make_said(r, &fact);
    after = decide(r, more, r->n + 1, false);
    if (before->state == BG_STATE_OPEN)
        HOLDS(r, after.state == BG_STATE_OPEN && after.ends >= before->ends,
              "one more by %s shortens:\n%s\n%s", people[fact.by], before->sentence, after.sentence);
    if (!fact.good)
        HOLDS(r, after.state == before->state && after.opens == before->opens && after.ends == before->ends,
              "a bad approval changes the answer:\n%s\n%s", before->sentence, after.sentence);
    bg_signed_free(more[r->n]);
}

/* Taking a person out of policy or signers never opens; the host's mark stands for the closes it accepted. */
static void one_less(struct round *r, const struct kept *before)
{
    size_t person = roll(r, PEOPLE);
    bool *taken = roll(r, 2) ? &r->gone[person] : &r->left[person];
    struct kept after;

    *taken = true;
    after = decide(r, r->said, r->n, before->state == BG_STATE_CLOSED);
    HOLDS(r, (after.state == BG_STATE_OPEN) == (before->state != BG_STATE_CLOSED && naive_is_open(r)),
          "without %s: the naive decision differs: %s", people[person], after.sentence);
    HOLDS(r, after.state != BG_STATE_OPEN || before->state == BG_STATE_OPEN, "taking %s away opens:\n%s\n%s",
          people[person], before->sentence, after.sentence);
    if (after.state == BG_STATE_OPEN)
        HOLDS(r, after.ends <= before->ends, "taking %s away lengthens", people[person]);
    *taken = false;
}

static void closed_stays_closed(struct round *r)
{
    struct kept after = decide(r, r->said, r->n, true);

    HOLDS(r, after.state == BG_STATE_CLOSED, "the closed mark does not close: %s", after.sentence);
}

/* --- what must hold of the host's marks --- */

#define BOOT_A "00000000-0000-0000-0000-00000000000a"
#define BOOT_B "00000000-0000-0000-0000-00000000000b"
#define UPTIME 50000 /* seconds, when a round begins */

static void boot(struct round *r, const char *id, int64_t since_boot)
{
    memcpy(r->boot, id, sizeof r->boot);
    r->since_boot = since_boot;
}

/* Sets the clock: not at all, a little, much, or very much, either way. */
static int64_t step(struct round *r)
{
    static const unsigned most[] = {1, 900, 7200, 200000};
    unsigned by = roll(r, most[roll(r, 4)]);

    return roll(r, 2) ? by : -(int64_t)by;
}

/* The minutes that a grant has at most, by what was signed. */
static int64_t minutes(const struct round *r)
{
    return r->duration < r->most ? r->duration : r->most;
}

/* As this host first saw it open. Later, whatever was done to the clock, nobody has more than the minutes,
 * and up to ClockSkew ahead nobody has fewer. */
static void minutes_are_counted_since_opened(const struct round *open)
{
    struct round r = *open;

    boot(&r, BOOT_A, UPTIME);
    r.opened = (struct bg_opened){.noted = true, .at = clock_of(&r)};
    for (unsigned again = 0; again < 3; again++) {
        int64_t passed = roll(&r, (unsigned)minutes(&r) * 3 / 2), by = step(&r);

        r.since_boot = UPTIME + passed;
        r.now = open->now + passed;
        struct kept unset = decide(&r, r.said, r.n, false);
        HOLDS(&r, unset.state != BG_STATE_OPEN || passed < minutes(&r), "open after %lld s: %s",
              (long long)passed, unset.sentence);
        r.now += by;
        struct kept set = decide(&r, r.said, r.n, false);
        HOLDS(&r, set.state != BG_STATE_OPEN || unset.state == BG_STATE_OPEN, "set by %lld s it opens: %s",
              (long long)by, set.sentence);
        HOLDS(&r, by > r.skew || (set.state == unset.state && set.ends == unset.ends),
              "set by %lld s it is another: %s", (long long)by, set.sentence);
        boot(&r, BOOT_B, roll(&r, 2 * UPTIME));
        struct kept later = decide(&r, r.said, r.n, false);
        HOLDS(&r, later.state != BG_STATE_OPEN || r.now < open->now + minutes(&r), "another boot: %s",
              later.sentence);
        boot(&r, BOOT_A, UPTIME);
    }
}

/* Of two marks the earlier never gives more; one that cannot be true is as good as none. */
static void an_earlier_mark_gives_no_more(const struct round *open)
{
    struct round r = *open;
    int64_t earlier = roll(&r, 2000), passed = roll(&r, (unsigned)minutes(&r));

    boot(&r, BOOT_A, UPTIME);
    r.opened = (struct bg_opened){.noted = true, .at = clock_of(&r)};
    r.since_boot += passed;
    r.now += passed;
    struct kept late = decide(&r, r.said, r.n, false);
    r.opened.at.wall -= earlier;
    r.opened.at.since_boot -= earlier;
    struct kept early = decide(&r, r.said, r.n, false);
    HOLDS(&r, early.state != BG_STATE_OPEN || (late.state == BG_STATE_OPEN && early.ends <= late.ends),
          "%lld s earlier gives more:\n%s\n%s", (long long)earlier, late.sentence, early.sentence);
    r.opened.at.since_boot = r.since_boot + 1;
    struct kept untrue = decide(&r, r.said, r.n, false);
    r.opened = (struct bg_opened){0};
    struct kept none = decide(&r, r.said, r.n, false);
    HOLDS(&r, untrue.state == none.state && untrue.ends == none.ends, "a mark of a time to come counts: %s",
          untrue.sentence);
}

/* What can befall a grant between two looks at it. */
static void something_happens(struct round *r)
{
    static const int64_t mosts[] = {300, 900, 3600};
    int64_t passed = roll(r, 2) ? 0 : roll(r, (unsigned)r->duration / 2);
    struct fact fact = {.good = true, .by = roll(r, PEOPLE), .time = r->now + roll(r, 900)};

    r->since_boot += passed;
    r->now += passed;
    switch (roll(r, 6)) {
    case 0:
        r->now += step(r);
        break;
    case 1:
        r->most = mosts[roll(r, 3)];
        break;
    case 2:
        r->left[1 + roll(r, PEOPLE - 1)] ^= true;
        break;
    case 3:
        if (r->n < SAID)
            r->said[r->n++] = make_said(r, &fact);
        break;
    default:
        break;
    }
}

/* A host looks at it again and again, and notes what it sees: in one boot it is open for the minutes signed
 * at most, and never again once it has expired. */
static void never_again(const struct round *open, const struct bg_store *store)
{
    struct round r = *open;
    const int64_t first = UPTIME;

    boot(&r, BOOT_A, first);
    struct kept seen = decide_in(&r, r.said, r.n, false, store);
    HOLDS(&r, seen.state == BG_STATE_OPEN && r.opened.noted, "not noted: %s", seen.sentence);
    for (unsigned i = 0; i < 20; i++) {
        bool expired = r.expired;

        something_happens(&r);
        seen = decide_in(&r, r.said, r.n, false, store);
        HOLDS(&r, seen.state != BG_STATE_OPEN || !expired, "expired, and open: %s", seen.sentence);
        HOLDS(&r, seen.state != BG_STATE_OPEN || r.since_boot < first + r.duration, "open after %lld s: %s",
              (long long)(r.since_boot - first), seen.sentence);
        HOLDS(&r, r.opened.at.wall == open->now, "noted again: %s", seen.sentence);
    }
    /* Another boot, a day later, and a clock that is where it was. */
    r.since_boot += 86400;
    (void)decide_in(&r, r.said, r.n, false, store);
    boot(&r, BOOT_B, 10);
    r.now = open->now;
    seen = decide_in(&r, r.said, r.n, false, store);
    HOLDS(&r, seen.state != BG_STATE_OPEN, "open again: %s", seen.sentence);
    for (size_t i = open->n; i < r.n; i++)
        bg_signed_free(r.said[i]);
}

static bool check(uint32_t seed, const struct bg_store *store)
{
    struct round r;
    struct kept answer;

    make(&r, seed);
    answer = decide(&r, r.said, r.n, false);
    HOLDS(&r, (answer.state == BG_STATE_OPEN) == naive_is_open(&r), "the naive decision differs: %s",
          answer.sentence);
    order_never_matters(&r, &answer);
    one_more(&r, &answer);
    one_less(&r, &answer);
    closed_stays_closed(&r);
    if (answer.state == BG_STATE_OPEN) {
        minutes_are_counted_since_opened(&r);
        an_earlier_mark_gives_no_more(&r);
        never_again(&r, store);
    }
    unmake(&r);
    return answer.state == BG_STATE_OPEN;
}

int main(int argc, char **argv)
{
    struct scratch s;
    unsigned open = 0;

    CHECK(sodium_init() >= 0, "libsodium does not start");
    CHECK(scratch_make(&s) == 0 && scratch_folder(&s, BG_VAR) == 0 && scratch_folder(&s, BG_RUN) == 0,
          "no scratch folder");
    struct bg_store store = {.root = s.root};
    if (argc > 1) {
        printf("%s\n", check((uint32_t)strtoul(argv[1], NULL, 10), &store) ? "open" : "not open");
        scratch_drop(&s);
        return 0;
    }
    for (uint32_t seed = 1; seed <= ROUNDS; seed++)
        open += check(seed, &store);
    scratch_drop(&s);
    /* A generator that hardly ever opens anything would test nothing. */
    CHECK(open > ROUNDS / 20, "only %u of %d rounds were open", open, ROUNDS);
    printf("%u of %d rounds were open\n", open, ROUNDS);
    return 0;
}
