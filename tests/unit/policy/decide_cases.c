/* SPDX-License-Identifier: ISC */
/* Runs tests/policy/ *.case (tests/policy/README says how they are written): one decision after another, each
 * asked with the statements in several orders. */
#include "tests/kit/scene.h"

#include "policy/rules/check.h"
#include "policy/base/clean.h"
#include "policy/base/cleanup.h"
#include "policy/base/name.h"
#include "policy/base/timestamp.h"
#include "policy/rules/load.h"
#include "policy/store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- counting verifications: the linker puts this in place of bg_sshsig_verify --- */

static unsigned verifications;

int __real_bg_sshsig_verify(const struct bg_sshsig *sig, const struct bg_key *key, const char *name_space,
                            bool need_user_verified, const void *message, size_t len,
                            struct bg_sentence *err);
int __wrap_bg_sshsig_verify(const struct bg_sshsig *sig, const struct bg_key *key, const char *name_space,
                            bool need_user_verified, const void *message, size_t len,
                            struct bg_sentence *err);
int __wrap_bg_sshsig_verify(const struct bg_sshsig *sig, const struct bg_key *key, const char *name_space,
                            bool need_user_verified, const void *message, size_t len, struct bg_sentence *err)
{
    verifications++;
    return __real_bg_sshsig_verify(sig, key, name_space, need_user_verified, message, len, err);
}

/* --- a case, and the last answer in it --- */

struct trial {
    struct scene scene;
    unsigned expected; /* how many expectations were looked at */

    /* The answer that the last `expect` made, for the lines after it. */
    bool answered;
    struct bg_policy p;
    struct bg_signers s;
    struct bg_grant grant;
    struct bg_answer answer;
    unsigned verified;
};

#define FAIL(t, ...) CASE_FAIL(&(t)->scene.c, __VA_ARGS__)

static void forget_answer(struct trial *t)
{
    if (!t->answered)
        return;
    bg_answer_free(&t->answer);
    bg_policy_free(&t->p);
    bg_signers_free(&t->s);
    t->answered = false;
}

/* --- asking --- */

/* Another order of the same statements. */
static void reorder(struct bg_signed **v, size_t n, unsigned how)
{
    for (size_t i = 0; how == 1 && i < n / 2; i++) {
        struct bg_signed *t = v[i];
        v[i] = v[n - 1 - i];
        v[n - 1 - i] = t;
    }
    if (how == 2 && n > 1) {
        struct bg_signed *t = v[0];
        memmove(v, v + 1, (n - 1) * sizeof *v);
        v[n - 1] = t;
    }
}

static bool same_answer(const struct bg_answer *a, const struct bg_answer *b)
{
    bool same = a->state == b->state && a->why == b->why && a->opens == b->opens && a->ends == b->ends &&
                a->closed_as == b->closed_as && a->close == b->close && a->n_got == b->n_got &&
                a->n_lines == b->n_lines && a->n_ignored == b->n_ignored &&
                strcmp(a->sentence.text, b->sentence.text) == 0;

    for (size_t i = 0; same && i < a->n_got; i++)
        same = a->got[i] == b->got[i];
    for (size_t i = 0; same && i < a->n_lines; i++)
        same = a->lines[i].filled == b->lines[i].filled;
    return same;
}

static int decide(struct trial *t, struct bg_answer *answer, const struct bg_grant *grant,
                  const struct bg_question *question)
{
    return bg_store_decide(answer, &t->p, &t->s, grant, question, &t->scene.clock);
}

static void ask_in_other_orders(struct trial *t, const struct bg_question *question)
{
    struct bg_signed *order[SCENE_MAX];
    struct bg_grant grant = t->grant;

    grant.responses = order;
    for (unsigned how = 1; how <= 2; how++) {
        struct bg_answer other;
        memcpy(order, t->scene.said, sizeof order);
        reorder(order, t->scene.n_responses, how);
        CHECK(decide(t, &other, &grant, question) == 0, "out of memory");
        if (!same_answer(&t->answer, &other))
            FAIL(t, "in another order the same statements give %s: %s", bg_state_name(other.state),
                 other.sentence.text);
        bg_answer_free(&other);
    }
}

static void ask(struct trial *t)
{
    const struct scene *s = &t->scene;
    const struct scene_marks *marks = &s->marks[0];
    struct bg_key host_key;
    unsigned char secret[64];
    char host_key_name[300];
    struct bg_question question = {
        .host = s->host,
        .person = s->person,
        .account = s->account,
        .locked = s->locked,
    };

    forget_answer(t);
    bg_policy_begin(&t->p);
    t->s = (struct bg_signers){0};
    CHECK(bg_policy_add(&t->p, "policy.conf", s->c.policy, strlen(s->c.policy)) == 0, "out of memory");
    CHECK(bg_policy_settle(&t->p) == 0 && bg_policy_check(&t->p) == 0, "out of memory");
    CHECK(bg_signers_parse(&t->s, "signers", s->c.signers, strlen(s->c.signers)) == 0, "out of memory");
    bg_signers_settle(&t->s);
    (void)snprintf(host_key_name, sizeof host_key_name, "host:%s", s->host);
    world_key(&host_key, secret, host_key_name);
    question.host_key = s->no_host_key ? NULL : &host_key;
    t->grant = (struct bg_grant){
        .request = s->n_requests > 0 ? s->requests[0] : NULL,
        .responses = t->scene.said,
        .n_responses = s->n_responses,
        .closed = marks->closed,
        .expired = marks->expired,
        .expired_time = marks->expired_time,
        .opened = {.noted = marks->opened.wall != 0, .at = marks->opened},
    };
    verifications = 0;
    CHECK(decide(t, &t->answer, &t->grant, &question) == 0, "out of memory");
    t->verified = verifications;
    t->answered = true;
    ask_in_other_orders(t, &question);
    if (t->answer.sentence.text[0] == '\0' ||
        !bg_is_clean(t->answer.sentence.text, strlen(t->answer.sentence.text)))
        FAIL(t, "the sentence is empty or not clean: \"%s\"", t->answer.sentence.text);
    if ((t->answer.state == BG_STATE_OPEN) != (t->answer.why == BG_WHY_NONE))
        FAIL(t, "state %s with reason %s", bg_state_name(t->answer.state), bg_why_name(t->answer.why));
}

/* expect STATE WHY [OPENS ENDS] */
static void expect(struct trial *t, char *words)
{
    char *save = NULL, *state = strtok_r(words, " ", &save), *why = strtok_r(NULL, " ", &save),
         *opens = strtok_r(NULL, " ", &save), *ends = strtok_r(NULL, " ", &save);
    char got_opens[BG_TIME_SIZE], got_ends[BG_TIME_SIZE];

    t->expected++;
    ask(t);
    if (!state || !why || (opens && !ends)) {
        FAIL(t, "expected: expect STATE WHY [OPENS ENDS]");
        return;
    }
    bg_time_format(got_opens, t->answer.opens);
    bg_time_format(got_ends, t->answer.ends);
    if (strcmp(state, bg_state_name(t->answer.state)) != 0 || strcmp(why, bg_why_name(t->answer.why)) != 0)
        FAIL(t, "expected %s %s, got %s %s: %s", state, why, bg_state_name(t->answer.state),
             bg_why_name(t->answer.why), t->answer.sentence.text);
    else if (opens && (world_time(opens) != t->answer.opens || world_time(ends) != t->answer.ends))
        FAIL(t, "expected the window %s to %s, got %s to %s", opens, ends, got_opens, got_ends);
    for (size_t i = 0; t->scene.c.failed && i < t->answer.n_ignored; i++)
        fprintf(stderr, "    ignored: %s\n", t->answer.ignored[i].why.text);
    for (size_t i = 0; t->scene.c.failed && i < t->p.problems.n; i++)
        fprintf(stderr, "    policy.conf:%u: %s\n", t->p.problems.v[i].line, t->p.problems.v[i].text);
    for (size_t i = 0; t->scene.c.failed && i < t->s.problems.n; i++)
        fprintf(stderr, "    signers:%u: %s\n", t->s.problems.v[i].line, t->s.problems.v[i].text);
}

/* Compares one word list with what the answer has. */
static void same(struct trial *t, const char *what, const char *expected, const char *got)
{
    if (strcmp(expected, got) != 0)
        FAIL(t, "%s: expected \"%s\", got \"%s\"", what, expected, got);
}

static void contains(struct trial *t, const char *what, const char *expected, const char *got)
{
    if (!strstr(got, expected))
        FAIL(t, "%s: expected \"%s\" in \"%s\"", what, expected, got);
}

static void expect_got(struct trial *t, const char *words)
{
    char got[1024] = "";

    for (size_t i = 0; i < t->answer.n_got; i++)
        (void)snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", i ? " " : "",
                       t->answer.got[i]->st.by);
    same(t, "got", words, got);
}

static void expect_lines(struct trial *t, const char *words)
{
    char got[1024] = "";

    for (size_t i = 0; i < t->answer.n_lines; i++)
        (void)snprintf(got + strlen(got), sizeof got - strlen(got), "%s%u/%u", i ? " " : "",
                       t->answer.lines[i].filled, t->answer.lines[i].approve->need);
    same(t, "lines", words, got);
}

static void expect_who(struct trial *t, const char *words)
{
    struct bg_list who = {0};
    bg_free_ char *got = NULL;

    for (size_t i = 0; i < t->answer.n_lines; i++)
        CHECK(bg_who_can(&who, &t->answer, &t->grant, &t->answer.lines[i], &t->s, t->answer.now) == 0,
              "out of memory");
    got = bg_list_join(&who);
    same(t, "who", strcmp(words, "-") == 0 ? "" : words, got);
    bg_list_free(&who);
}

static void expect_ignored(struct trial *t, const char *words)
{
    for (size_t i = 0; i < t->answer.n_ignored; i++)
        if (strstr(t->answer.ignored[i].why.text, words))
            return;
    FAIL(t, "nothing was ignored because of \"%s\"", words);
    for (size_t i = 0; i < t->answer.n_ignored; i++)
        fprintf(stderr, "    but: %s\n", t->answer.ignored[i].why.text);
}

static void expect_problem(struct trial *t, const char *words)
{
    for (size_t i = 0; i < t->p.problems.n; i++)
        if (strstr(t->p.problems.v[i].text, words))
            return;
    for (size_t i = 0; i < t->s.problems.n; i++)
        if (strstr(t->s.problems.v[i].text, words))
            return;
    FAIL(t, "no problem says \"%s\"", words);
    for (size_t i = 0; i < t->p.problems.n; i++)
        fprintf(stderr, "    but: policy.conf:%u: %s\n", t->p.problems.v[i].line, t->p.problems.v[i].text);
    for (size_t i = 0; i < t->s.problems.n; i++)
        fprintf(stderr, "    but: signers:%u: %s\n", t->s.problems.v[i].line, t->s.problems.v[i].text);
}

static bool take_expectation(struct trial *t, const char *verb, char *words)
{
    if (!t->answered)
        return false;
    if (strcmp(verb, "got") == 0)
        expect_got(t, words);
    else if (strcmp(verb, "lines") == 0)
        expect_lines(t, words);
    else if (strcmp(verb, "who") == 0)
        expect_who(t, words);
    else if (strcmp(verb, "says") == 0)
        contains(t, "says", words, t->answer.sentence.text);
    else if (strcmp(verb, "closed-as") == 0)
        same(t, "closed-as", words, bg_closed_as_name(t->answer.closed_as));
    else if (strcmp(verb, "ignored") == 0)
        expect_ignored(t, words);
    else if (strcmp(verb, "problem") == 0)
        expect_problem(t, words);
    else if (strcmp(verb, "verified") == 0 && t->verified != (unsigned)atoi(words))
        FAIL(t, "expected %s verifications, got %u", words, t->verified);
    else if (strcmp(verb, "verified") != 0)
        return false;
    return true;
}

/* --- a whole case --- */

static bool take_line(void *arg, const char *verb, char *words)
{
    struct trial *t = arg;

    if (strcmp(verb, "expect") != 0)
        return take_expectation(t, verb, words);
    expect(t, words);
    return true;
}

static bool run(const char *file)
{
    struct trial t = {0};

    scene_begin(&t.scene, file);
    scene_read(&t.scene, "policy", take_line, &t);
    if (t.expected == 0)
        FAIL(&t, "expects nothing");
    forget_answer(&t);
    scene_end(&t.scene);
    return !t.scene.c.failed;
}

int main(int argc, char **argv)
{
    return case_main(argc, argv, "policy", run);
}
