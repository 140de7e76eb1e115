/* SPDX-License-Identifier: ISC */
/* Runs tests/policy/ *.case (tests/policy/README says how they are written): one decision after another, each
 * asked with the statements in several orders. */
#include "tests/kit/cases.h"

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

#define STATEMENTS_MAX 32

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

/* --- what a case has said so far --- */

struct scene {
    struct case_file c;
    unsigned expected; /* how many expectations were looked at */

    struct bg_signed *requests[STATEMENTS_MAX], *said[STATEMENTS_MAX];
    size_t n_requests, n_responses;
    bool closed, expired, locked, no_host_key;
    int64_t expired_time;
    struct bg_clock clock, opened; /* now; when it was noted open, or 0 */
    bool clock_stands;             /* the time since boot does not follow `now` */
    char *host, *person, *account;

    /* The answer that the last `expect` made, for the lines after it. */
    bool answered;
    struct bg_policy p;
    struct bg_signers s;
    struct bg_grant grant;
    struct bg_answer answer;
    unsigned verified;
};

#define FAIL(scene, ...) CASE_FAIL(&(scene)->c, __VA_ARGS__)

static void forget_answer(struct scene *s)
{
    if (!s->answered)
        return;
    bg_answer_free(&s->answer);
    bg_policy_free(&s->p);
    bg_signers_free(&s->s);
    s->answered = false;
}

/* --- statements --- */

static void set_request(struct scene *s, struct bg_statement *st, struct words *w)
{
    const char *via = case_word(w, "via", NULL), *drill = case_word(w, "drill", NULL);

    st->kind = BG_REQUEST;
    CHECK(bg_statement_nonce(st) == 0, "no nonce");
    (void)snprintf(st->nonce, 33, "%032zx", s->n_requests);
    case_set(&st->terms.role, "prod-db-admin");
    case_set_list(&st->terms.hosts, "db1.prod");
    case_set_list(&st->terms.accounts, "postgres,root");
    case_set(&st->terms.reason, "disk full");
    st->terms.duration = 1800;
    case_set_terms(&s->c, &st->terms, w);
    st->via = via ? strdup(via) : NULL;
    st->drill = drill && strcmp(drill, "yes") == 0;
}

/* request= names another request by its number: the first is 1. */
static const struct bg_statement *meant(struct scene *s, struct words *w)
{
    size_t number = (size_t)atoi(case_word(w, "request", "1"));

    if (number < 1 || number > s->n_requests) {
        FAIL(s, "there is no request %zu before this line", number);
        return s->n_requests > 0 ? &s->requests[0]->st : NULL;
    }
    return &s->requests[number - 1]->st;
}

static bool set_said(struct scene *s, struct bg_statement *st, enum bg_kind kind, struct words *w)
{
    const struct bg_statement *request = meant(s, w);
    const char *value;

    if (!request)
        return false;
    st->kind = kind;
    memcpy(st->request, request->digest, sizeof st->request);
    if (kind == BG_APPROVE) {
        CHECK(bg_statement_approve(st, request) == 0, "out of memory");
        case_set_terms(&s->c, &st->terms, w);
        if ((value = case_word(w, "person", NULL)))
            case_set(&st->for_person, value);
    } else if (kind == BG_CLOSE) {
        st->reason = strdup(case_word(w, "reason", "urgent"));
        st->via = (value = case_word(w, "via", NULL)) ? strdup(value) : NULL;
    }
    return true;
}

/* sig=damaged: a bit of it is flipped; sig=none: it does not parse; sig=copied: that of the statement before.
 */
static void spoil(struct scene *s, struct bg_signed *made, const char *how)
{
    const struct bg_signed *before = s->n_responses > 0  ? s->said[s->n_responses - 1]
                                     : s->n_requests > 0 ? s->requests[0]
                                                         : NULL;

    if (strcmp(how, "damaged") == 0) {
        made->sig.sig[7] ^= 1;
        made->blob[made->blob_len - 9] ^= 1;
    } else if (strcmp(how, "none") == 0) {
        made->malformed_sig = true;
    } else if (strcmp(how, "copied") == 0 && before) {
        made->sig = before->sig;
        memcpy(made->blob, before->blob, sizeof made->blob);
        made->blob_len = before->blob_len;
    } else if (strcmp(how, "good") != 0) {
        FAIL(s, "sig=%s: damaged, none or copied", how);
    }
}

static struct bg_signed *sign(struct scene *s, struct bg_statement *st, struct words *w)
{
    struct bg_sentence err = {""};
    const char *up = case_word(w, "present", "yes"), *uv = case_word(w, "verified", "yes");
    struct world_pen pen = {
        .key = case_word(w, "key", st->via ? "host:db1.prod" : st->by),
        .name_space = case_word(w, "namespace", st->via ? "breakglass-host" : "breakglass"),
        .flags = (unsigned char)((strcmp(up, "yes") == 0 ? 0x01 : 0) | (strcmp(uv, "yes") == 0 ? 0x04 : 0)),
    };
    const char *how = case_word(w, "sig", "good");
    struct bg_signed *made = world_sign(st, &pen, &err);

    if (!made) {
        FAIL(s, "%s", err.text);
        bg_statement_free(st);
        return NULL;
    }
    spoil(s, made, how);
    return made;
}

static void take_statement(struct scene *s, enum bg_kind kind, char *text)
{
    struct bg_statement st = {0};
    struct words w;
    struct bg_signed *made;

    case_split(&s->c, &w, text);
    if (kind == BG_REQUEST)
        set_request(s, &st, &w);
    else if (!set_said(s, &st, kind, &w))
        return;
    st.time = world_time(case_word(&w, "at", "14:00"));
    st.by = strdup(case_word(&w, "by", "bob"));
    made = sign(s, &st, &w);
    if (!made)
        return;
    for (size_t i = 0; i < w.n; i++)
        if (!w.used[i])
            FAIL(s, "%s=: not known here", w.key[i]);
    CHECK(s->n_requests < STATEMENTS_MAX && s->n_responses < STATEMENTS_MAX, "too many statements");
    if (kind == BG_REQUEST)
        s->requests[s->n_requests++] = made;
    else
        s->said[s->n_responses++] = made;
}

static void drop_statement(struct scene *s, const char *which)
{
    if (strcmp(which, "last") == 0 && s->n_responses > 0)
        bg_signed_free(s->said[--s->n_responses]);
    else
        FAIL(s, "only the last of what was said can be dropped");
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

static int decide(struct scene *s, struct bg_answer *answer, const struct bg_grant *grant,
                  const struct bg_question *question)
{
    return bg_store_decide(answer, &s->p, &s->s, grant, question, &s->clock);
}

static void ask_in_other_orders(struct scene *s, const struct bg_question *question)
{
    struct bg_signed *order[STATEMENTS_MAX];
    struct bg_grant grant = s->grant;

    grant.responses = order;
    for (unsigned how = 1; how <= 2; how++) {
        struct bg_answer other;
        memcpy(order, s->said, sizeof order);
        reorder(order, s->n_responses, how);
        CHECK(decide(s, &other, &grant, question) == 0, "out of memory");
        if (!same_answer(&s->answer, &other))
            FAIL(s, "in another order the same statements give %s: %s", bg_state_name(other.state),
                 other.sentence.text);
        bg_answer_free(&other);
    }
}

static void ask(struct scene *s)
{
    struct bg_key host_key;
    unsigned char secret[64];
    char host_key_name[300];
    struct bg_question question = {
        .host = s->host,
        .person = s->person,
        .account = s->account,
        .locked = s->locked,
    };

    forget_answer(s);
    bg_policy_begin(&s->p);
    s->s = (struct bg_signers){0};
    CHECK(bg_policy_add(&s->p, "policy.conf", s->c.policy, strlen(s->c.policy)) == 0, "out of memory");
    CHECK(bg_policy_settle(&s->p) == 0 && bg_policy_check(&s->p) == 0, "out of memory");
    CHECK(bg_signers_parse(&s->s, "signers", s->c.signers, strlen(s->c.signers)) == 0, "out of memory");
    bg_signers_settle(&s->s);
    (void)snprintf(host_key_name, sizeof host_key_name, "host:%s", s->host);
    world_key(&host_key, secret, host_key_name);
    question.host_key = s->no_host_key ? NULL : &host_key;
    s->grant = (struct bg_grant){
        .request = s->n_requests > 0 ? s->requests[0] : NULL,
        .responses = s->said,
        .n_responses = s->n_responses,
        .closed = s->closed,
        .expired = s->expired,
        .expired_time = s->expired_time,
        .opened = {.noted = s->opened.wall != 0, .at = s->opened},
    };
    verifications = 0;
    CHECK(decide(s, &s->answer, &s->grant, &question) == 0, "out of memory");
    s->verified = verifications;
    s->answered = true;
    ask_in_other_orders(s, &question);
    if (s->answer.sentence.text[0] == '\0' ||
        !bg_is_clean(s->answer.sentence.text, strlen(s->answer.sentence.text)))
        FAIL(s, "the sentence is empty or not clean: \"%s\"", s->answer.sentence.text);
    if ((s->answer.state == BG_STATE_OPEN) != (s->answer.why == BG_WHY_NONE))
        FAIL(s, "state %s with reason %s", bg_state_name(s->answer.state), bg_why_name(s->answer.why));
}

/* expect STATE WHY [OPENS ENDS] */
static void expect(struct scene *s, char *words)
{
    char *save = NULL, *state = strtok_r(words, " ", &save), *why = strtok_r(NULL, " ", &save),
         *opens = strtok_r(NULL, " ", &save), *ends = strtok_r(NULL, " ", &save);
    char got_opens[BG_TIME_SIZE], got_ends[BG_TIME_SIZE];

    s->expected++;
    ask(s);
    if (!state || !why || (opens && !ends)) {
        FAIL(s, "expected: expect STATE WHY [OPENS ENDS]");
        return;
    }
    bg_time_format(got_opens, s->answer.opens);
    bg_time_format(got_ends, s->answer.ends);
    if (strcmp(state, bg_state_name(s->answer.state)) != 0 || strcmp(why, bg_why_name(s->answer.why)) != 0)
        FAIL(s, "expected %s %s, got %s %s: %s", state, why, bg_state_name(s->answer.state),
             bg_why_name(s->answer.why), s->answer.sentence.text);
    else if (opens && (world_time(opens) != s->answer.opens || world_time(ends) != s->answer.ends))
        FAIL(s, "expected the window %s to %s, got %s to %s", opens, ends, got_opens, got_ends);
    for (size_t i = 0; s->c.failed && i < s->answer.n_ignored; i++)
        fprintf(stderr, "    ignored: %s\n", s->answer.ignored[i].why.text);
    for (size_t i = 0; s->c.failed && i < s->p.problems.n; i++)
        fprintf(stderr, "    policy.conf:%u: %s\n", s->p.problems.v[i].line, s->p.problems.v[i].text);
    for (size_t i = 0; s->c.failed && i < s->s.problems.n; i++)
        fprintf(stderr, "    signers:%u: %s\n", s->s.problems.v[i].line, s->s.problems.v[i].text);
}

/* Compares one word list with what the answer has. */
static void same(struct scene *s, const char *what, const char *expected, const char *got)
{
    if (strcmp(expected, got) != 0)
        FAIL(s, "%s: expected \"%s\", got \"%s\"", what, expected, got);
}

static void contains(struct scene *s, const char *what, const char *expected, const char *got)
{
    if (!strstr(got, expected))
        FAIL(s, "%s: expected \"%s\" in \"%s\"", what, expected, got);
}

static void expect_got(struct scene *s, const char *words)
{
    char got[1024] = "";

    for (size_t i = 0; i < s->answer.n_got; i++)
        (void)snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", i ? " " : "",
                       s->answer.got[i]->st.by);
    same(s, "got", words, got);
}

static void expect_lines(struct scene *s, const char *words)
{
    char got[1024] = "";

    for (size_t i = 0; i < s->answer.n_lines; i++)
        (void)snprintf(got + strlen(got), sizeof got - strlen(got), "%s%u/%u", i ? " " : "",
                       s->answer.lines[i].filled, s->answer.lines[i].approve->need);
    same(s, "lines", words, got);
}

static void expect_who(struct scene *s, const char *words)
{
    struct bg_list who = {0};
    bg_free_ char *got = NULL;

    for (size_t i = 0; i < s->answer.n_lines; i++)
        CHECK(bg_who_can(&who, &s->answer, &s->grant, &s->answer.lines[i], &s->s, s->answer.now) == 0,
              "out of memory");
    got = bg_list_join(&who);
    same(s, "who", strcmp(words, "-") == 0 ? "" : words, got);
    bg_list_free(&who);
}

static void expect_ignored(struct scene *s, const char *words)
{
    for (size_t i = 0; i < s->answer.n_ignored; i++)
        if (strstr(s->answer.ignored[i].why.text, words))
            return;
    FAIL(s, "nothing was ignored because of \"%s\"", words);
    for (size_t i = 0; i < s->answer.n_ignored; i++)
        fprintf(stderr, "    but: %s\n", s->answer.ignored[i].why.text);
}

static void expect_problem(struct scene *s, const char *words)
{
    for (size_t i = 0; i < s->p.problems.n; i++)
        if (strstr(s->p.problems.v[i].text, words))
            return;
    for (size_t i = 0; i < s->s.problems.n; i++)
        if (strstr(s->s.problems.v[i].text, words))
            return;
    FAIL(s, "no problem says \"%s\"", words);
    for (size_t i = 0; i < s->p.problems.n; i++)
        fprintf(stderr, "    but: policy.conf:%u: %s\n", s->p.problems.v[i].line, s->p.problems.v[i].text);
    for (size_t i = 0; i < s->s.problems.n; i++)
        fprintf(stderr, "    but: signers:%u: %s\n", s->s.problems.v[i].line, s->s.problems.v[i].text);
}

static bool take_expectation(struct scene *s, const char *verb, char *words)
{
    if (!s->answered)
        return false;
    if (strcmp(verb, "got") == 0)
        expect_got(s, words);
    else if (strcmp(verb, "lines") == 0)
        expect_lines(s, words);
    else if (strcmp(verb, "who") == 0)
        expect_who(s, words);
    else if (strcmp(verb, "says") == 0)
        contains(s, "says", words, s->answer.sentence.text);
    else if (strcmp(verb, "closed-as") == 0)
        same(s, "closed-as", words, bg_closed_as_name(s->answer.closed_as));
    else if (strcmp(verb, "ignored") == 0)
        expect_ignored(s, words);
    else if (strcmp(verb, "problem") == 0)
        expect_problem(s, words);
    else if (strcmp(verb, "verified") == 0 && s->verified != (unsigned)atoi(words))
        FAIL(s, "expected %s verifications, got %u", words, s->verified);
    else if (strcmp(verb, "verified") != 0)
        return false;
    return true;
}

/* --- the lines of a case --- */

/* A boot's id has one letter in a case. */
static void set_boot(struct bg_clock *clock, const char *letter)
{
    memset(clock->boot, letter[0], BG_BOOT_SIZE - 1);
}

/* The time since boot is written as what a clock would say that nobody ever sets. */
static int64_t since_boot(const char *time)
{
    return world_time(time) - world_time("00:00");
}

/* opened TIME [BOOT [BOOTTIME]] */
static void take_opened(struct scene *s, char *words)
{
    char *save = NULL, *time = strtok_r(words, " ", &save), *boot = strtok_r(NULL, " ", &save),
         *since = strtok_r(NULL, " ", &save);

    if (!time) {
        FAIL(s, "expected: opened TIME [BOOT [BOOTTIME]]");
        return;
    }
    s->opened = (struct bg_clock){.wall = world_time(time), .since_boot = since_boot(since ? since : time)};
    set_boot(&s->opened, boot ? boot : "a");
}

static bool take_clock(struct scene *s, const char *verb, char *words)
{
    if (strcmp(verb, "now") == 0) {
        s->clock.wall = world_time(words);
        if (!s->clock_stands)
            s->clock.since_boot = since_boot(words);
    } else if (strcmp(verb, "boottime") == 0) {
        s->clock.since_boot = since_boot(words);
        s->clock_stands = true;
    } else if (strcmp(verb, "boot") == 0)
        set_boot(&s->clock, words);
    else if (strcmp(verb, "opened") == 0)
        take_opened(s, words);
    else
        return false;
    return true;
}

static bool take_question(struct scene *s, const char *verb, char *words)
{
    if (take_clock(s, verb, words))
        return true;
    if (strcmp(verb, "host") == 0)
        case_set(&s->host, words);
    else if (strcmp(verb, "person") == 0)
        case_set(&s->person, words);
    else if (strcmp(verb, "account") == 0)
        case_set(&s->account, words);
    else if (strcmp(verb, "locked") == 0)
        s->locked = strcmp(words, "yes") == 0;
    else if (strcmp(verb, "host-key") == 0)
        s->no_host_key = strcmp(words, "no") == 0;
    else if (strcmp(verb, "closed") == 0)
        s->closed = strcmp(words, "yes") == 0;
    else if (strcmp(verb, "expired") == 0)
        s->expired_time = world_time(words), s->expired = true;
    else
        return false;
    return true;
}

static void take_line(struct scene *s, char *line)
{
    char *words = line + strcspn(line, " ");
    int kind;

    if (*line == '\0' || *line == '#')
        return;
    if (*words)
        *words++ = '\0';
    kind = bg_kind_parse(line);
    if (kind >= 0)
        take_statement(s, (enum bg_kind)kind, words);
    else if (strcmp(line, "drop") == 0)
        drop_statement(s, words);
    else if (strcmp(line, "expect") == 0)
        expect(s, words);
    else if (!case_take_text(&s->c, line, words) && !take_question(s, line, words) &&
             !take_expectation(s, line, words))
        FAIL(s, "%s: not known", line);
}

static void begin(struct scene *s, const char *file)
{
    *s = (struct scene){0};
    (void)take_clock(s, "now", (char[]){"14:10"});
    (void)take_clock(s, "boot", (char[]){"a"});
    case_begin(&s->c, file);
    case_set(&s->host, "db1.prod");
    case_set(&s->person, "bob");
    case_set(&s->account, "root");
}

static void finish(struct scene *s)
{
    forget_answer(s);
    case_end(&s->c);
    free(s->host);
    free(s->person);
    free(s->account);
    for (size_t i = 0; i < s->n_requests; i++)
        bg_signed_free(s->requests[i]);
    for (size_t i = 0; i < s->n_responses; i++)
        bg_signed_free(s->said[i]);
}

static bool run(const char *file)
{
    struct scene s;
    bg_free_ char *text = case_read("policy", file);
    char *line = text;

    begin(&s, file);
    while (line) {
        char *newline = strchr(line, '\n');
        s.c.line++;
        if (newline)
            *newline = '\0';
        take_line(&s, line);
        line = newline ? newline + 1 : NULL;
    }
    if (s.expected == 0)
        FAIL(&s, "expects nothing");
    finish(&s);
    return !s.c.failed;
}

int main(int argc, char **argv)
{
    return case_main(argc, argv, "policy", run);
}
