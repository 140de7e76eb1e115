/* SPDX-License-Identifier: ISC */
/* What the console knows of grants, held against a second model that is as simple as can be: rows that come
 * and go on many hosts, sums of what they say, order, filters, and hosts that lie. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "console/client/filter.h"
#include "tests/kit/rows.h"

#include "policy/base/cleanup.h"

#define NOW 1700000000
#define HOSTS 5
#define IDS 40
#define ROUNDS 4000

static const char *const state_words[] = {"open",    "early",  "pending", "closed",
                                          "expired", "lapsed", "refused", "drill"};
static const char *const closed_words[] = {"closed", "denied", "revoked", "given back"};
static const char *const people[] = {"bob", "alice", "carol"};
static const char *const roles[] = {"db-admin", "web"};

static const char *const verdict_words[] = {"", "ok", "flag"};

static uint32_t seed = 1;

static unsigned roll(unsigned n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 16) % n;
}

/* --- the simple model: what each host said of each grant --- */

struct said {
    bool is_there, fresh; /* fresh: named by the list that is being read */
    unsigned state, closed_as, filled, need, sessions;
    unsigned verdict;
    bool solo, critical;
    int64_t opens, ends, review_due;
};

static struct simple {
    struct said said[IDS][HOSTS];
    unsigned person[IDS], role[IDS];
    int64_t requested[IDS];
} simple;

static const char *id_of(unsigned n)
{
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    static char ids[4][BG_ID_SIZE];
    static unsigned turn;
    char *id = ids[turn++ % 4];

    (void)snprintf(id, BG_ID_SIZE, "K7Q4M2XP%c%c%c%c", digits[n >> 15 & 31], digits[n >> 10 & 31],
                   digits[n >> 5 & 31], digits[n & 31]);
    return id;
}

static bool is_known(unsigned id)
{
    for (unsigned host = 0; host < HOSTS; host++)
        if (simple.said[id][host].is_there)
            return true;
    return false;
}

static unsigned state_now(const struct said *s, int64_t now)
{
    bool may_run_out = s->state == GRANT_OPEN || s->state == GRANT_EARLY;

    return may_run_out && s->ends && s->ends <= now ? GRANT_EXPIRED : s->state;
}

/* --- rows --- */

static struct bg_grant_row *row_of(unsigned id, const struct said *s)
{
    static const char *const hosts[] = {"db1", "db2"}, *const accounts[] = {"root"};
    static struct bg_line_row lines[2];
    static struct bg_grant_row row;

    bg_row_clear(&bg_shown_type, &row);
    for (size_t i = 0; i < 2; i++)
        bg_row_clear(&bg_line_type, &lines[i]);
    row.id = id_of(id);
    row.state = state_words[s->state];
    row.closed_as = closed_words[s->closed_as];
    row.person = people[simple.person[id % IDS]];
    row.role = roles[simple.role[id % IDS]];
    row.reason = "disk full";
    row.ticket = "INC-1";
    row.hosts = (struct bg_strings){hosts, 2};
    row.accounts = (struct bg_strings){accounts, 1};
    row.requested = simple.requested[id % IDS];
    row.duration = 1800;
    row.sessions = s->sessions;
    row.opens = s->opens;
    row.ends = s->ends;
    row.review_due = s->review_due;
    row.reviewed = verdict_words[s->verdict];
    row.solo = s->solo;
    row.critical = s->critical;
    lines[0].filled = s->filled;
    lines[0].need = s->need / 2;
    lines[1].need = s->need - s->need / 2;
    row.lines = (struct bg_lines){lines, 2};
    return &row;
}

static void say_something(unsigned id, unsigned host)
{
    struct said *s = &simple.said[id][host];

    if (!is_known(id)) { /* another one may have this ID now */
        simple.person[id] = roll(BG_COUNT(people));
        simple.role[id] = roll(BG_COUNT(roles));
        simple.requested[id] = NOW - roll(20);
    }
    *s = (struct said){.is_there = true, .fresh = true, .state = roll(GRANT_STATES), .closed_as = roll(4)};
    s->need = 1 + roll(3);
    s->filled = roll(s->need + 1);
    s->sessions = roll(4);
    s->solo = roll(4) == 0;
    s->critical = roll(4) == 0;
    s->opens = roll(3) ? NOW - 100 + roll(200) : 0;
    s->ends = roll(4) ? NOW - 100 + roll(200) : 0;
    s->verdict = roll(BG_COUNT(verdict_words));
    s->review_due = roll(3) ? 0 : NOW - 100 + roll(200);
}

/* --- the same done to both --- */

static struct grant *take_row(struct model *m, size_t host, const struct bg_grant_row *row)
{
    struct reply *reply = reply_new(BG_METHOD_SHOW);
    struct grant *g;

    assert_non_null(reply);
    reply->rows = row;
    reply->n = 1;
    g = model_take(m, host, reply, 0);
    reply_unref(reply);
    return g;
}

static void take(struct model *m, unsigned id, unsigned host)
{
    struct grant *g;

    say_something(id, host);
    g = take_row(m, host, row_of(id, &simple.said[id][host]));
    assert_non_null(g);
    assert_string_equal(g->id, id_of(id));
}

static void drop(struct model *m, unsigned id, unsigned host)
{
    simple.said[id][host].is_there = false;
    model_drop(m, host, id_of(id));
}

/* A new list of one host, with other things going on while it is read. */
static void list(struct model *m, unsigned host)
{
    unsigned n = roll(IDS);

    for (unsigned id = 0; id < IDS; id++)
        simple.said[id][host].fresh = false;
    model_list_begin(m, host);
    for (unsigned i = 0; i < n; i++)
        take(m, roll(IDS), roll(4) ? host : roll(HOSTS));
    model_list_end(m, host);
    for (unsigned id = 0; id < IDS; id++)
        simple.said[id][host].is_there &= simple.said[id][host].fresh;
}

/* --- and held against each other --- */

static void sums_agree(const struct grant *g, unsigned id, int64_t now)
{
    struct sum want = {.state = GRANT_STATES}, sum;
    const struct said *all = simple.said[id];

    for (unsigned h = 0; h < HOSTS; h++)
        if (all[h].is_there && state_now(&all[h], now) < want.state)
            want.state = state_now(&all[h], now);
    for (unsigned h = 0; h < HOSTS; h++) {
        bool same = state_now(&all[h], now) == want.state;

        if (!all[h].is_there)
            continue;
        want.sessions += all[h].sessions;
        want.critical |= all[h].critical;
        want.verdict = all[h].verdict > want.verdict ? all[h].verdict : want.verdict;
        if (all[h].review_due && (want.review_due == 0 || all[h].review_due < want.review_due))
            want.review_due = all[h].review_due;
        want.hosts += same;
        want.other += !same;
        want.solo |= same && all[h].solo;
        if (same && all[h].ends > want.ends)
            want.ends = all[h].ends;
    }
    model_sum(g, now, &sum);
    assert_int_equal(sum.state, want.state);
    assert_int_equal(sum.sessions, want.sessions);
    assert_int_equal(sum.critical, want.critical);
    assert_int_equal(sum.verdict, want.verdict);
    assert_int_equal(sum.review_due, want.review_due);
    assert_int_equal(sum.hosts, want.hosts);
    assert_int_equal(sum.other, want.other);
    assert_int_equal(sum.solo, want.solo);
    assert_int_equal(sum.ends, want.ends);
    /* What is filled is never more than what one host says. */
    for (unsigned h = 0; h < HOSTS; h++)
        if (all[h].is_there && state_now(&all[h], now) == want.state)
            assert_true(sum.filled <= all[h].filled);
}

static void rows_agree(const struct model *m)
{
    size_t n = 0;

    for (unsigned id = 0; id < IDS; id++) {
        const struct grant *g = model_find(m, id_of(id));

        assert_int_equal(g != NULL, is_known(id));
        if (!g)
            continue;
        n++;
        assert_string_equal(g->person, people[simple.person[id]]);
        assert_string_equal(g->role, roles[simple.role[id]]);
        assert_int_equal(g->requested, simple.requested[id]);
        for (unsigned h = 0; h < HOSTS; h++) {
            const struct seen *seen = model_seen(g, h);

            assert_int_equal(seen != NULL, simple.said[id][h].is_there);
            if (seen)
                assert_int_equal(seen->need, simple.said[id][h].need);
        }
        for (int64_t now = NOW - 101; now <= NOW + 101; now += 101)
            sums_agree(g, id, now);
    }
    assert_int_equal(m->n, n);
    assert_null(model_find(m, "ZZZZZZZZZZZZ"));
}

/* Waiting, early, open, then those that want a review, the one that is due first before the others. */
static int64_t rank_of(const struct grant *g, int64_t now)
{
    struct sum sum;

    model_sum(g, now, &sum);
    if (sum.state <= GRANT_PENDING)
        return (int64_t)GRANT_PENDING - (int64_t)sum.state;
    return sum.review_due ? 3 + sum.review_due : INT64_MAX;
}

static void order_is_right(struct model *m, const struct filter *f, int64_t now)
{
    size_t fit = 0;

    filter_arrange(m, f, now);
    for (size_t i = 0; i < m->n; i++) {
        bool fits = filter_fits(f, m, m->grant[i], now);

        fit += fits;
        if (m->n <= IDS) /* else it takes long */
            assert_int_equal(filter_position(m, m->grant[i]->id) >= 0, fits);
    }
    assert_int_equal(m->n_shown, fit);
    for (size_t i = 0; i + 1 < m->n_shown; i++) {
        const struct grant *a = m->shown[i], *b = m->shown[i + 1];
        int64_t x = rank_of(a, now), y = rank_of(b, now);

        assert_true(x < y || (x == y && (a->requested > b->requested ||
                                         (a->requested == b->requested && strcmp(a->id, b->id) < 0))));
        assert_true(m->n > IDS || filter_position(m, a->id) == (long)i);
    }
}

static struct model *model_with(size_t hosts)
{
    struct model *m = calloc(1, sizeof(*m));

    assert_non_null(m);
    for (size_t i = 0; i < hosts; i++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "db%zu", i);
        assert_int_equal(model_add_host(m, name), i);
    }
    return m;
}

static void model_end(struct model *m)
{
    model_free(m);
    assert_int_equal(m->n, 0);
    free(m);
}

static void rows_come_and_go(void **state)
{
    static const char *const filters[] = {"",         "",     "person:bob", "role:web bob",
                                          "host:db3", "open", "INC-1 full"};
    struct model *m = model_with(HOSTS);
    struct filter f = {0};

    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        unsigned what = roll(12);

        if (what == 0)
            list(m, roll(HOSTS));
        else if (what < 5)
            drop(m, roll(IDS), roll(HOSTS));
        else
            take(m, roll(IDS), roll(HOSTS));
        rows_agree(m);
        if (roll(3) == 0) {
            assert_int_equal(filter_parse(&f, filters[roll(BG_COUNT(filters))]), 0);
            m->dirty = true; /* as who changes a filter does */
        }
        order_is_right(m, &f, NOW);
    }
    filter_free(&f);
    model_end(m);
}

/* --- one by one --- */

static struct grant *take_text(struct model *m, size_t host, const char *text)
{
    struct reply *reply = rows_of(BG_METHOD_SHOW, text);
    struct grant *g = model_take(m, host, reply, 0);

    reply_unref(reply);
    return g;
}

static void what_has_run_out_is_over(void **state)
{
    struct model *m = model_with(1);
    struct filter f = {0};
    struct grant *g;
    struct sum sum;

    (void)state;
    g = take_text(m, 0, "{\"id\": \"K7Q4M2XP9D3F\", \"state\": \"open\", \"ends\": 1700000000}");
    model_sum(g, NOW - 1, &sum);
    assert_string_equal(model_state(&sum), "OPEN");
    model_sum(g, NOW, &sum);
    assert_string_equal(model_state(&sum), "expired");
    /* And it is found as what it is shown as. */
    assert_int_equal(filter_parse(&f, "expired"), 0);
    assert_false(filter_fits(&f, m, g, NOW - 1));
    assert_true(filter_fits(&f, m, g, NOW));
    filter_free(&f);
    model_end(m);
}

static void closed_is_said_as_what_it_was(void **state)
{
    struct model *m = model_with(2);
    struct grant *g = NULL;
    struct sum sum;

    (void)state;
    for (size_t i = 0; i < BG_COUNT(closed_words); i++) {
        char text[128];

        (void)snprintf(text, sizeof(text),
                       "{\"id\": \"K7Q4M2XP9D3F\", \"state\": \"closed\", \"closed_as\": \"%s\"}",
                       closed_words[i]);
        g = take_text(m, 0, text);
        model_sum(g, NOW, &sum);
        assert_string_equal(model_state(&sum), closed_words[i]);
    }
    /* One host where it is still open is what matters. */
    (void)take_text(m, 1, "{\"id\": \"K7Q4M2XP9D3F\", \"state\": \"open\"}");
    model_sum(g, NOW, &sum);
    assert_string_equal(model_state(&sum), "OPEN");
    assert_int_equal(sum.hosts, 1);
    assert_int_equal(sum.other, 1);
    model_end(m);
}

static void filters(void **state)
{
    static const struct {
        const char *filter;
        bool fits;
    } tries[] = {
        {"", true},
        {"   ", true},
        {"bob", true},
        {"BOB disk", true},
        {"bob alice", false},
        {"person:bob", true},
        {"person:bo", true},
        {"person:Bob", true},
        {"Person:bob", true},
        {"person:bobby", false},
        {"person:ann", false},
        {"who:bob role:db-admin", true},
        {"role:admin", true},
        {"ROLE:DB", true},
        {"role:web", false},
        {"role:bob", false},
        {"persn:bob", false},
        {"persn:", false},
        {"host:DB2", true},
        {"host:web", false},
        {"grant:K7Q4", true},
        {"grant:k7q4-m2xp-9d3f", true},
        {"grant:k7q4m2xp9d3f", true},
        {"grant:9d3f", false}, /* an ID is typed from its beginning */
        {"K7Q4-M2", true},
        {"inc-1", true},
        {"root", true},
        {"pending", true},
        {"open", false},
        {"person:", true}, /* not typed to the end yet */
        {"event:grant.used", true},
        {":", false},
    };
    struct model *m = model_with(1);
    struct filter f = {0};
    struct grant *g;

    (void)state;
    g = take_text(m, 0,
                  "{\"id\": \"K7Q4M2XP9D3F\", \"state\": \"pending\", \"person\": \"bob\", \"role\": "
                  "\"db-admin\", \"reason\": \"Disk full\", \"ticket\": \"INC-1\", \"hosts\": [\"db1\", "
                  "\"db2\"], \"accounts\": [\"root\"]}");
    for (size_t i = 0; i < BG_COUNT(tries); i++) {
        assert_int_equal(filter_parse(&f, tries[i].filter), 0);
        if (filter_fits(&f, m, g, NOW) != tries[i].fits)
            fail_msg("\"%s\"", tries[i].filter);
    }
    assert_int_equal(filter_parse(&f, "person:bob person:alice"), 0); /* the last one counts */
    assert_string_equal(f.person, "alice");
    assert_int_equal(filter_parse(&f, ""), 0);
    assert_true(filter_is_empty(&f));
    filter_free(&f);
    model_end(m);
}

/* What somebody typed is said as it is understood, and what is none of it, too. */
static void filters_are_said(void **state)
{
    static const struct {
        const char *filter, *said, *wrong;
    } tries[] = {
        {"", "", ""},
        {"disk", "the word \"disk\"", ""},
        {"disk full 14:02", "the words \"disk\" and \"full\" and \"14:02\"", ""},
        {"person:Bob role:db host:1 grant:K7",
         "person with \"Bob\", role with \"db\", host with \"1\", grant \"K7\"", ""},
        {"event:grant.", "event with \"grant.\"", "event: is for Events (3); here " FILTER_GRANTS},
        {"persn:bob rle:x", "the words \"persn:bob\" and \"rle:x\"", "no persn: here, only " FILTER_GRANTS},
        {"https://wiki/INC", "the word \"https://wiki/INC\"", ""},
    };
    struct filter f = {0};
    char said[256], wrong[128];

    (void)state;
    for (size_t i = 0; i < BG_COUNT(tries); i++) {
        assert_int_equal(filter_parse(&f, tries[i].filter), 0);
        filter_say(&f, said, sizeof(said));
        assert_string_equal(said, tries[i].said);
        filter_wrong(&f, FILTER_GRANTS, wrong, sizeof(wrong));
        assert_string_equal(wrong, tries[i].wrong);
    }
    assert_int_equal(filter_parse(&f, "event:grant."), 0);
    filter_wrong(&f, FILTER_EVENTS, wrong, sizeof(wrong));
    assert_string_equal(wrong, "");
    /* Much of it is cut. */
    assert_int_equal(filter_parse(&f, "person:bob role:db-admin one two three"), 0);
    for (size_t size = 1; size < 80; size++) {
        filter_say(&f, said, size);
        assert_true(strlen(said) < size);
    }
    filter_free(&f);
}

/* --- many --- */

static void as_many_hosts_as_there_may_be(void **state)
{
    struct model *m = model_with(MODEL_HOSTS);
    struct grant *g = NULL;
    struct sum sum;

    (void)state;
    assert_int_equal(model_add_host(m, "one-more"), -1);
    assert_int_equal(model_add_host(m, NULL), -1);
    assert_int_equal(model_find_host(m, "db255"), 255);
    assert_int_equal(model_find_host(m, "db256"), -1);
    for (size_t i = 0; i < MODEL_HOSTS; i++)
        g = take_text(m, i,
                      i == 200 ? "{\"id\": \"K7Q4M2XP9D3F\", \"state\": \"open\", \"sessions\": 70000}"
                               : "{\"id\": \"K7Q4M2XP9D3F\", \"state\": \"pending\", \"sessions\": 70000}");
    model_sum(g, NOW, &sum);
    assert_int_equal(sum.hosts, 1);
    assert_int_equal(sum.other, 255);
    assert_int_equal(sum.sessions, 256 * UINT16_MAX);
    for (size_t i = 0; i < MODEL_HOSTS; i++) {
        assert_ptr_equal(model_find(m, "K7Q4M2XP9D3F"), g);
        model_drop(m, i, "K7Q4M2XP9D3F");
    }
    assert_int_equal(m->n, 0);
    model_end(m);
}

static void ten_thousand_grants(void **state)
{
    struct model *m = model_with(2);
    struct filter f = {0};
    clock_t began = clock();

    (void)state;
    for (int round = 0; round < 3; round++)
        for (size_t host = 0; host < 2; host++) {
            model_list_begin(m, host);
            for (unsigned id = 0; id < 10000; id++) {
                struct bg_grant_row *row = row_of(id, &(struct said){.state = id % GRANT_STATES});

                assert_non_null(take_row(m, host, row));
            }
            model_list_end(m, host);
            order_is_right(m, &f, NOW);
        }
    assert_int_equal(m->n, 10000);
    assert_int_equal(filter_parse(&f, "grant:K7Q4M2XP01 bob"), 0);
    m->dirty = true;
    filter_arrange(m, &f, NOW);
    assert_true(m->n_shown > 0 && m->n_shown < 1024);
    for (unsigned id = 0; id < 10000; id++)
        assert_non_null(model_find(m, id_of(id)));
    for (size_t host = 0; host < 2; host++) {
        model_list_begin(m, host);
        model_list_end(m, host);
    }
    assert_int_equal(m->n, 0);
    assert_true(clock() - began < 20 * CLOCKS_PER_SEC);
    filter_free(&f);
    model_end(m);
}

/* --- hosts that lie --- */

static void rows_that_are_none(void **state)
{
    static const char *const rows[] = {
        "{}",
        "{\"id\": 5}",
        "{\"id\": null, \"state\": \"open\"}",
        "{\"id\": \"\"}",
        "{\"id\": \"K7Q4\"}",
        "{\"id\": \"K7Q4-M2XP-9D3F\"}",
        "{\"id\": \"k7q4m2xp9d3f\"}",
        "{\"id\": \"K7Q4M2XP9D3FX\"}",
        "{\"id\": \"../../../etc\"}",
        "{\"id\": [\"K7Q4M2XP9D3F\"]}",
        "{\"id\": {\"K7Q4M2XP9D3F\": 1}}",
    };
    struct model *m = model_with(1);

    (void)state;
    for (size_t i = 0; i < BG_COUNT(rows); i++)
        assert_null(take_text(m, 0, rows[i]));
    assert_int_equal(m->n, 0);
    assert_null(model_find(m, ""));
    model_drop(m, 0, "");
    model_drop(m, 0, "K7Q4M2XP9D3F");
    model_end(m);
}

static void rows_with_wrong_types(void **state)
{
    struct model *m = model_with(1);
    struct sum sum;
    struct grant *g;

    (void)state;
    g = take_text(
        m, 0,
        "{\"id\": \"K7Q4M2XP9D3F\", \"state\": 7, \"person\": [], \"role\": {}, \"hosts\": \"db1\", "
        "\"accounts\": [1, null, \"root\"], \"reason\": true, \"requested\": \"now\", \"lines\": [1, "
        "{\"need\": \"2\"}, [], null], \"sessions\": -5, \"ends\": 1.5, \"solo\": \"yes\"}");
    assert_non_null(g);
    assert_string_equal(g->person, "");
    assert_string_equal(g->hosts, "");
    assert_string_equal(g->accounts, "root");
    assert_int_equal(g->requested, 0);
    model_sum(g, NOW, &sum);
    assert_int_equal(sum.state, GRANT_REFUSED); /* a state that we do not know opens nothing */
    assert_int_equal(sum.sessions, 0);
    assert_int_equal(sum.ends, 0);
    assert_int_equal(sum.need, 0);
    assert_false(sum.solo);
    g = take_text(m, 0, "{\"id\": \"K7Q4M2XP9D3F\", \"state\": \"drill\\u0000open\", \"closed_as\": \"x\"}");
    assert_non_null(g);
    assert_int_equal(g->n_seen, 1);
    model_end(m);
}

/* Numbers that no sum of them may break. */
static void numbers_have_bounds(void **state)
{
    static const char *const ends[] = {"9223372036854775807", "-9223372036854775808", "18446744073709551615"};
    struct model *m = model_with(1);
    struct filter f = {0};

    (void)state;
    for (size_t i = 0; i < BG_COUNT(ends); i++)
        for (size_t k = 0; k < BG_COUNT(ends); k++) {
            const char *a = ends[i], *b = ends[k];
            char text[1024];
            struct grant *g;
            struct sum sum;

            (void)snprintf(
                text, sizeof(text),
                "{\"id\": \"K7Q4M2XP9D3F\", \"state\": \"open\", \"requested\": %s, \"duration\": %s, "
                "\"opens\": %s, \"ends\": %s, \"review_due\": %s, \"sessions\": %s, \"lines\": "
                "[{\"need\": %s, \"filled\": %s}, {\"need\": %s, \"filled\": %s}]}",
                a, b, b, a, a, b, a, b, b, a);
            g = take_text(m, 0, text);
            assert_non_null(g);
            model_sum(g, NOW, &sum);
            assert_true(sum.need <= UINT16_MAX && sum.filled <= UINT16_MAX && sum.sessions <= UINT16_MAX);
            assert_true(g->requested - NOW < INT64_MAX && NOW - g->requested < INT64_MAX);
            assert_true(sum.ends - sum.opens < INT64_MAX && sum.review_due - NOW < INT64_MAX);
            m->dirty = true;
            filter_arrange(m, &f, NOW);
        }
    model_end(m);
}

/* A host that does not say whether it would take a review forbids none; one that says no does. */
static void who_may_review(void **state)
{
    static const struct {
        const char *told;
        bool may;
    } cases[] = {{"", true},
                 {", \"may_review\": true", true},
                 {", \"may_review\": false", false},
                 {", \"may_review\": \"no\"", true}};
    struct model *m = model_with(BG_COUNT(cases));

    (void)state;
    for (size_t i = 0; i < BG_COUNT(cases); i++) {
        char text[256];
        struct grant *g;

        (void)snprintf(text, sizeof(text), "{\"id\": \"K7Q4M2XP9D3F\", \"state\": \"over\"%s}",
                       cases[i].told);
        g = take_text(m, i, text);
        assert_non_null(g);
        assert_int_equal(model_seen(g, i)->reviewable, cases[i].may);
    }
    model_end(m);
}

/* Long lists are cut, and what is cut is still whole text. */
static void long_lists(void **state)
{
    struct model *m = model_with(1);
    struct bg_grant_row row;
    const char **hosts = calloc(100000, sizeof *hosts);
    struct grant *g;

    (void)state;
    assert_non_null(hosts);
    for (int i = 0; i < 100000; i++)
        hosts[i] = "a-host-with-a-name";
    bg_row_clear(&bg_shown_type, &row);
    row.id = "K7Q4M2XP9D3F";
    row.state = "open";
    row.hosts = (struct bg_strings){hosts, 100000};
    g = take_row(m, 0, &row);
    free(hosts);
    assert_non_null(g);
    assert_true(strlen(g->hosts) < 1024);
    assert_int_equal(g->n_hosts, UINT16_MAX);
    model_end(m);
}

static const char *const half[] = {
    "{\"id\": \"K7Q4M2XP9D3F\", \"state\": \"open\", \"ends\": 1800000000, \"got\": [\"alice\", \"dave\"],"
    " \"lines\": [{\"text\": \"1 of @dba\", \"need\": 1, \"filled\": 1, \"who\": [\"erin\"]},"
    " {\"text\": \"1 of @leads\", \"need\": 1, \"filled\": 1}]}",
    "{\"id\": \"K7Q4M2XP9D3F\", \"state\": \"pending\", \"got\": [\"dave\"],"
    " \"lines\": [{\"text\": \"1 of @dba\", \"need\": 1, \"filled\": 0, \"who\": [\"alice\", \"erin\"]},"
    " {\"text\": \"1 of @leads\", \"need\": 1, \"filled\": 1, \"who\": [\"frank\"]}]}",
};

/* Open on one host, waiting on another: what is missing there is known, and who can give it. */
static void what_one_host_lacks(void **state)
{
    struct model *m = model_with(2);
    struct grant *g;
    struct sum sum;

    (void)state;
    (void)take_text(m, 0, half[0]);
    g = take_text(m, 1, half[1]);
    model_sum(g, NOW, &sum);
    assert_string_equal(model_state(&sum), "OPEN");
    assert_int_equal(sum.filled, 1);
    assert_int_equal(sum.need, 2);
    assert_true(model_waits(g, NOW));
    assert_true(model_lacks_person(model_seen(g, 1), "erin"));
    assert_true(model_lacks_person(model_seen(g, 1), "alice"));
    assert_false(model_lacks_person(model_seen(g, 1), "ali"));
    assert_false(model_lacks_person(model_seen(g, 1), "frank"));
    assert_false(model_lacks_person(model_seen(g, 0), "erin"));
    assert_true(model_got_more(model_seen(g, 0), model_seen(g, 1)));
    assert_false(model_got_more(model_seen(g, 1), model_seen(g, 0)));
    assert_true(model_got(model_seen(g, 1), "dave"));
    assert_false(model_got(model_seen(g, 1), "alice"));
    model_end(m);
}

static void names_between_commas(void **state)
{
    (void)state;
    assert_true(model_is_named("db1,db2", "db2"));
    assert_true(model_is_named("db1,db2", "db1"));
    assert_false(model_is_named("db1,db2", "db"));
    assert_false(model_is_named("db1,db2", "db21"));
    assert_false(model_is_named("", "db1"));
    assert_false(model_is_named("", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_and_go),
        cmocka_unit_test(what_one_host_lacks),
        cmocka_unit_test(names_between_commas),
        cmocka_unit_test(what_has_run_out_is_over),
        cmocka_unit_test(closed_is_said_as_what_it_was),
        cmocka_unit_test(filters),
        cmocka_unit_test(filters_are_said),
        cmocka_unit_test(as_many_hosts_as_there_may_be),
        cmocka_unit_test(ten_thousand_grants),
        cmocka_unit_test(rows_that_are_none),
        cmocka_unit_test(rows_with_wrong_types),
        cmocka_unit_test(numbers_have_bounds),
        cmocka_unit_test(who_may_review),
        cmocka_unit_test(long_lists),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
