/* Runs tests/policy/ *.case (tests/policy/README says how they are written): one decision after another, each
 * asked with the statements in several orders. */
#include "world.h"

#include "clean.h"
#include "cleanup.h"
#include "name.h"
#include "when.h"

#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATEMENTS_MAX 32
#define WORDS_MAX 64

/* --- counting verifications: the linker puts this in place of bg_sshsig_verify --- */

static unsigned verifications;

int __real_bg_sshsig_verify(const struct bg_sshsig *sig, const struct bg_key *key, const char *name_space,
                            bool need_user_verified, const void *message, size_t len, struct bg_error *err);
int __wrap_bg_sshsig_verify(const struct bg_sshsig *sig, const struct bg_key *key, const char *name_space,
                            bool need_user_verified, const void *message, size_t len, struct bg_error *err);
int __wrap_bg_sshsig_verify(const struct bg_sshsig *sig, const struct bg_key *key, const char *name_space,
                            bool need_user_verified, const void *message, size_t len, struct bg_error *err)
{
    verifications++;
    return __real_bg_sshsig_verify(sig, key, name_space, need_user_verified, message, len, err);
}

/* --- what a case has said so far --- */

struct scene {
    const char *file;
    unsigned line;
    bool failed;
    unsigned expected; /* how many expectations were looked at */

    char *policy, *signers; /* texts */
    struct bg_signed *requests[STATEMENTS_MAX], *said[STATEMENTS_MAX];
    size_t n_requests, n_said;
    bool closed, over, locked, no_host_key;
    int64_t over_time, now;
    char *host, *person, *account;

    /* The answer that the last `expect` made, for the lines after it. */
    bool answered;
    struct bg_policy p;
    struct bg_signers s;
    struct bg_grant grant;
    struct bg_answer answer;
    unsigned verified;
};

#define FAIL(scene, ...)                                                                                     \
    do {                                                                                                     \
        fprintf(stderr, "%s:%u: ", (scene)->file, (scene)->line);                                            \
        fprintf(stderr, __VA_ARGS__);                                                                        \
        fputc('\n', stderr);                                                                                 \
        (scene)->failed = true;                                                                              \
    } while (0)

static char *read_whole(const char *name)
{
    char path[512], *text = NULL;
    size_t size = 0, n;
    FILE *f, *out;
    char buffer[4096];

    (void)snprintf(path, sizeof path, "%s/policy/%s", SRCDIR, name);
    f = fopen(path, "r");
    CHECK(f, "%s: %s", path, strerror(errno));
    out = open_memstream(&text, &size);
    CHECK(out, "out of memory");
    while ((n = fread(buffer, 1, sizeof buffer, f)) > 0)
        CHECK(fwrite(buffer, 1, n, out) == n, "out of memory");
    (void)fclose(f);
    CHECK(fclose(out) == 0, "out of memory");
    return text;
}

static void append(char **text, const char *line)
{
    char *joined = NULL;

    CHECK(asprintf(&joined, "%s%s\n", *text ? *text : "", line) >= 0, "out of memory");
    free(*text);
    *text = joined;
}

static void replace_string(char **to, const char *with)
{
    free(*to);
    *to = strcmp(with, "-") == 0 ? NULL : strdup(with);
}

static void forget_answer(struct scene *s)
{
    if (!s->answered)
        return;
    bg_answer_free(&s->answer);
    bg_policy_free(&s->p);
    bg_signers_free(&s->s);
    s->answered = false;
}

/* --- texts: policy and signers --- */

/* Replaces the first line that reads `old`. An empty `new` takes it away. */
static void edit(struct scene *s, char **text, const char *old, const char *new)
{
    bg_free_ char *out = strdup("");
    char *line = *text;
    bool hit = false;

    while (*line) {
        char *newline = strchr(line, '\n');
        bool this = !hit && strncmp(line, old, strlen(old)) == 0 && line + strlen(old) == newline;
        CHECK(newline, "a text without its last newline");
        *newline = '\0';
        if (!this)
            append(&out, line);
        else if (*new)
            append(&out, new);
        hit = hit || this;
        line = newline + 1;
    }
    if (!hit)
        FAIL(s, "no line reads \"%s\"", old);
    free(*text);
    *text = BG_TAKE_PTR(out);
}

static void edit_words(struct scene *s, char **text, char *words)
{
    char *arrow = strstr(words, " => ");

    if (!arrow) {
        FAIL(s, "expected OLD => NEW");
        return;
    }
    *arrow = '\0';
    edit(s, text, words, arrow + 4);
}

/* signer NAME KEY [namespaces=…] [valid-…=…]: a line of an allowed_signers file. */
static void add_signer(struct scene *s, const char *name, const char *key, const char *options)
{
    bg_free_ char *line = NULL, *public = world_key_text(key);
    const char *namespaces =
        strncmp(name, "host:", 5) == 0 ? "breakglass-host" : "breakglass,breakglass-login";

    if (strstr(options, "namespaces="))
        CHECK(asprintf(&line, "%s %s %s", name, options, public) >= 0, "out of memory");
    else
        CHECK(asprintf(&line, "%s namespaces=\"%s\"%s%s %s", name, namespaces, *options ? "," : "", options,
                       public) >= 0,
              "out of memory");
    append(&s->signers, line);
}

static void take_signer(struct scene *s, char *words)
{
    char *save = NULL, *name = strtok_r(words, " ", &save), *key = strtok_r(NULL, " ", &save),
         *options = strtok_r(NULL, "", &save);

    if (!name || !key)
        FAIL(s, "expected: signer NAME KEY [OPTIONS]");
    else
        add_signer(s, name, key, options ? options : "");
}

/* Takes every line of that name away. */
static void drop_signer(struct scene *s, const char *name)
{
    bg_free_ char *out = strdup("");
    char *save = NULL;
    bool hit = false;

    for (char *line = strtok_r(s->signers, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        size_t len = strlen(name);
        if (strncmp(line, name, len) == 0 && line[len] == ' ')
            hit = true;
        else
            append(&out, line);
    }
    if (!hit)
        FAIL(s, "no line of %s to take away", name);
    free(s->signers);
    s->signers = BG_TAKE_PTR(out);
}

/* --- statements --- */

/* A line's KEY=VALUE words, where a value may be "quoted". */
struct words {
    char *key[WORDS_MAX], *value[WORDS_MAX];
    bool used[WORDS_MAX];
    size_t n;
};

static void split(struct scene *s, struct words *w, char *text)
{
    w->n = 0;
    while (*(text += strspn(text, " ")) && w->n < WORDS_MAX) {
        char *equals = strchr(text, '='), *end;
        if (!equals) {
            FAIL(s, "expected KEY=VALUE at \"%s\"", text);
            return;
        }
        *equals = '\0';
        w->key[w->n] = text;
        w->used[w->n] = false;
        if (equals[1] == '"') {
            w->value[w->n] = equals + 2;
            end = strchr(equals + 2, '"');
            if (!end) {
                FAIL(s, "the \" is not closed");
                return;
            }
        } else {
            w->value[w->n] = equals + 1;
            end = equals + 1 + strcspn(equals + 1, " ");
        }
        text = *end ? end + 1 : end;
        *end = '\0';
        w->n++;
    }
}

static const char *word(struct words *w, const char *key, const char *otherwise)
{
    for (size_t i = 0; i < w->n; i++)
        if (strcmp(w->key[i], key) == 0) {
            w->used[i] = true;
            return w->value[i];
        }
    return otherwise;
}

static void set_list(struct bg_list *list, const char *commas)
{
    bg_free_ char *copy = strdup(commas);

    bg_list_free(list);
    for (char *p = copy; *p; p++)
        if (*p == ',')
            *p = ' ';
    CHECK(bg_list_split(list, copy) == 0, "out of memory");
}

static void set_terms(struct scene *s, struct bg_terms *terms, struct words *w)
{
    const char *value;

    if ((value = word(w, "role", NULL)))
        replace_string(&terms->role, value);
    if ((value = word(w, "hosts", NULL)))
        set_list(&terms->hosts, value);
    if ((value = word(w, "accounts", NULL)))
        set_list(&terms->accounts, value);
    if ((value = word(w, "credentials", NULL)))
        set_list(&terms->credentials, value);
    if ((value = word(w, "reason", NULL)))
        replace_string(&terms->reason, value);
    if ((value = word(w, "for", NULL)) && bg_duration_parse(&terms->duration, value) < 0)
        FAIL(s, "for=%s: not a length of time", value);
}

static void set_request(struct scene *s, struct bg_statement *st, struct words *w)
{
    const char *via = word(w, "via", NULL), *drill = word(w, "drill", NULL);

    st->kind = BG_REQUEST;
    CHECK(bg_statement_nonce(st) == 0, "no nonce");
    (void)snprintf(st->nonce, 33, "%032zx", s->n_requests);
    replace_string(&st->terms.role, "prod-db-admin");
    set_list(&st->terms.hosts, "db1.prod");
    set_list(&st->terms.accounts, "postgres,root");
    replace_string(&st->terms.reason, "disk full");
    st->terms.duration = 1800;
    set_terms(s, &st->terms, w);
    st->via = via ? strdup(via) : NULL;
    st->drill = drill && strcmp(drill, "yes") == 0;
}

/* request= names another request by its number: the first is 1. */
static const struct bg_statement *meant(struct scene *s, struct words *w)
{
    size_t number = (size_t)atoi(word(w, "request", "1"));

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
        set_terms(s, &st->terms, w);
        if ((value = word(w, "person", NULL)))
            replace_string(&st->for_person, value);
    } else if (kind == BG_CLOSE) {
        st->reason = strdup(word(w, "reason", "urgent"));
        st->via = (value = word(w, "via", NULL)) ? strdup(value) : NULL;
    }
    return true;
}

/* sig=damaged: a bit of it is flipped; sig=none: it does not parse; sig=copied: that of the statement before.
 */
static void spoil(struct scene *s, struct bg_signed *made, const char *how)
{
    const struct bg_signed *before = s->n_said > 0       ? s->said[s->n_said - 1]
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
    struct bg_error err = {""};
    const char *up = word(w, "present", "yes"), *uv = word(w, "verified", "yes");
    struct world_pen pen = {
        .key = word(w, "key", st->via ? "host:db1.prod" : st->by),
        .name_space = word(w, "namespace", st->via ? "breakglass-host" : "breakglass"),
        .flags = (unsigned char)((strcmp(up, "yes") == 0 ? 0x01 : 0) | (strcmp(uv, "yes") == 0 ? 0x04 : 0)),
    };
    const char *how = word(w, "sig", "good");
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

    split(s, &w, text);
    if (kind == BG_REQUEST)
        set_request(s, &st, &w);
    else if (!set_said(s, &st, kind, &w))
        return;
    st.time = world_time(word(&w, "at", "14:00"));
    st.by = strdup(word(&w, "by", "bob"));
    made = sign(s, &st, &w);
    if (!made)
        return;
    for (size_t i = 0; i < w.n; i++)
        if (!w.used[i])
            FAIL(s, "%s=: not known here", w.key[i]);
    CHECK(s->n_requests < STATEMENTS_MAX && s->n_said < STATEMENTS_MAX, "too many statements");
    if (kind == BG_REQUEST)
        s->requests[s->n_requests++] = made;
    else
        s->said[s->n_said++] = made;
}

static void drop_statement(struct scene *s, const char *which)
{
    if (strcmp(which, "last") == 0 && s->n_said > 0)
        bg_signed_free(s->said[--s->n_said]);
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

static void ask_in_other_orders(struct scene *s, const struct bg_question *question)
{
    struct bg_signed *order[STATEMENTS_MAX];
    struct bg_grant grant = s->grant;

    grant.said = order;
    for (unsigned how = 1; how <= 2; how++) {
        struct bg_answer other;
        memcpy(order, s->said, sizeof order);
        reorder(order, s->n_said, how);
        CHECK(bg_decide(&other, &s->p, &s->s, &grant, question) == 0, "out of memory");
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
        .now = s->now,
    };

    forget_answer(s);
    bg_policy_begin(&s->p);
    s->s = (struct bg_signers){0};
    CHECK(bg_policy_add(&s->p, "policy.conf", s->policy, strlen(s->policy)) == 0, "out of memory");
    CHECK(bg_policy_settle(&s->p) == 0, "out of memory");
    CHECK(bg_signers_parse(&s->s, "signers", s->signers, strlen(s->signers)) == 0, "out of memory");
    bg_signers_settle(&s->s);
    (void)snprintf(host_key_name, sizeof host_key_name, "host:%s", s->host);
    world_key(&host_key, secret, host_key_name);
    question.host_key = s->no_host_key ? NULL : &host_key;
    s->grant = (struct bg_grant){
        .request = s->n_requests > 0 ? s->requests[0] : NULL,
        .said = s->said,
        .n_said = s->n_said,
        .closed = s->closed,
        .over = s->over,
        .over_time = s->over_time,
    };
    verifications = 0;
    CHECK(bg_decide(&s->answer, &s->p, &s->s, &s->grant, &question) == 0, "out of memory");
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
    for (size_t i = 0; s->failed && i < s->answer.n_ignored; i++)
        fprintf(stderr, "    ignored: %s\n", s->answer.ignored[i].why.text);
    for (size_t i = 0; s->failed && i < s->p.problems.n; i++)
        fprintf(stderr, "    policy.conf:%u: %s\n", s->p.problems.v[i].line, s->p.problems.v[i].text);
    for (size_t i = 0; s->failed && i < s->s.problems.n; i++)
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
        CHECK(bg_who_can(&who, &s->answer, &s->grant, &s->answer.lines[i], &s->s, s->now) == 0,
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

static bool take_question(struct scene *s, const char *verb, char *words)
{
    if (strcmp(verb, "host") == 0)
        replace_string(&s->host, words);
    else if (strcmp(verb, "person") == 0)
        replace_string(&s->person, words);
    else if (strcmp(verb, "account") == 0)
        replace_string(&s->account, words);
    else if (strcmp(verb, "now") == 0)
        s->now = world_time(words);
    else if (strcmp(verb, "locked") == 0)
        s->locked = strcmp(words, "yes") == 0;
    else if (strcmp(verb, "host-key") == 0)
        s->no_host_key = strcmp(words, "no") == 0;
    else if (strcmp(verb, "closed") == 0)
        s->closed = strcmp(words, "yes") == 0;
    else if (strcmp(verb, "over") == 0)
        s->over_time = world_time(words), s->over = true;
    else
        return false;
    return true;
}

static bool take_text(struct scene *s, const char *verb, char *words)
{
    if (strcmp(verb, "policy") == 0)
        append(&s->policy, words);
    else if (strcmp(verb, "policy-change") == 0)
        edit_words(s, &s->policy, words);
    else if (strcmp(verb, "policy-without") == 0)
        edit(s, &s->policy, words, "");
    else if (strcmp(verb, "policy-none") == 0)
        replace_string(&s->policy, "");
    else if (strcmp(verb, "signer") == 0)
        take_signer(s, words);
    else if (strcmp(verb, "signer-without") == 0)
        drop_signer(s, words);
    else if (strcmp(verb, "signer-line") == 0)
        append(&s->signers, words);
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
    else if (!take_text(s, line, words) && !take_question(s, line, words) &&
             !take_expectation(s, line, words))
        FAIL(s, "%s: not known", line);
}

static void begin(struct scene *s, const char *file)
{
    static const char *const people[] = {"alice", "bob",   "carol", "dave",
                                         "erin",  "frank", "grace", "mallory"};

    *s = (struct scene){.file = file, .now = world_time("14:10")};
    s->policy = read_whole("standard.conf");
    for (size_t i = 0; i < BG_COUNT(people); i++)
        add_signer(s, people[i], people[i], "");
    replace_string(&s->host, "db1.prod");
    replace_string(&s->person, "bob");
    replace_string(&s->account, "root");
}

static void finish(struct scene *s)
{
    forget_answer(s);
    free(s->policy);
    free(s->signers);
    free(s->host);
    free(s->person);
    free(s->account);
    for (size_t i = 0; i < s->n_requests; i++)
        bg_signed_free(s->requests[i]);
    for (size_t i = 0; i < s->n_said; i++)
        bg_signed_free(s->said[i]);
}

static bool run(const char *file)
{
    struct scene s;
    bg_free_ char *text = read_whole(file);
    char *line = text;

    begin(&s, file);
    while (line) {
        char *newline = strchr(line, '\n');
        s.line++;
        if (newline)
            *newline = '\0';
        take_line(&s, line);
        line = newline ? newline + 1 : NULL;
    }
    if (s.expected == 0)
        FAIL(&s, "expects nothing");
    finish(&s);
    return !s.failed;
}

static int is_case(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return dot && strcmp(dot, ".case") == 0;
}

int main(int argc, char **argv)
{
    struct dirent **names = NULL;
    int n, failed = 0;

    CHECK(sodium_init() >= 0, "libsodium does not start");
    if (argc > 1)
        return run(argv[1]) ? 0 : 1;
    n = scandir(SRCDIR "/policy", &names, is_case, alphasort);
    CHECK(n >= 60, "%d cases in " SRCDIR "/policy; there are more than that", n);
    for (int i = 0; i < n; i++) {
        bool good = run(names[i]->d_name);
        printf("%s %d - %s\n", good ? "ok" : "not ok", i + 1, names[i]->d_name);
        failed += !good;
        free(names[i]);
    }
    free(names);
    printf("1..%d\n", n);
    return failed ? 1 : 0;
}
