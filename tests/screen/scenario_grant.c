/* SPDX-License-Identifier: ISC */
/* The block of a grant: what is asked, and then what is said about it. */
#include "tests/screen/scenario.h"

#include "policy/base/cleanup.h"
#include "tests/screen/conns.h"
#include "tests/screen/grants.h"
#include "tests/screen/pens.h"
#include "tests/screen/rows.h"
#include "tests/screen/text.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* What the lines of a block are about. */
struct making {
    struct play *p;
    struct play_grant *g;   /* once there is a request */
    struct bg_statement st; /* the request until then */
    char key[80];           /* which signs it */
    bool made;              /* of this block, not of one before */
};

typedef int taking(struct making *m, char *rest, struct bg_sentence *err);

/* --- the request --- */

static int take_time(int64_t *t, const char *word, struct bg_sentence *err)
{
    return text_time(t, word) < 0 ? bg_fail(err, -EINVAL, "'%s' is no time", word) : 0;
}

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct bg_list *list)
{
    if (list->n > 0)
        qsort(list->v, list->n, sizeof *list->v, compare_words);
}

static int take_list(struct bg_list *list, const char *words)
{
    bg_list_free(list);
    if (bg_list_split(list, words) < 0)
        abort();
    sort(list);
    return 0;
}

static int take_text(char **to, const char *text)
{
    free(*to);
    *to = need_copy(text);
    return 0;
}

static int take_asked(struct making *m, char *rest, struct bg_sentence *err)
{
    return take_time(&m->st.time, rest, err);
}

static int take_hosts(struct making *m, char *rest, struct bg_sentence *err)
{
    (void)err;
    return take_list(&m->st.terms.hosts, rest);
}

static int take_accounts(struct making *m, char *rest, struct bg_sentence *err)
{
    (void)err;
    return take_list(&m->st.terms.accounts, rest);
}

static int take_credentials(struct making *m, char *rest, struct bg_sentence *err)
{
    (void)err;
    return take_list(&m->st.terms.credentials, rest);
}

static int take_for(struct making *m, char *rest, struct bg_sentence *err)
{
    return bg_duration_parse(&m->st.terms.duration, rest) < 0 ? bg_fail(err, -EINVAL, "no duration") : 0;
}

static int take_reason(struct making *m, char *rest, struct bg_sentence *err)
{
    (void)err;
    return take_text(&m->st.terms.reason, rest);
}

static int take_ticket(struct making *m, char *rest, struct bg_sentence *err)
{
    (void)err;
    return take_text(&m->st.ticket, rest);
}

static int take_via(struct making *m, char *rest, struct bg_sentence *err)
{
    (void)err;
    return take_text(&m->st.via, rest);
}

static int take_drill(struct making *m, char *rest, struct bg_sentence *err)
{
    (void)err;
    m->st.drill = text_yes(rest);
    return 0;
}

static int take_signed_with(struct making *m, char *rest, struct bg_sentence *err)
{
    (void)err;
    (void)snprintf(m->key, sizeof m->key, "%s", rest);
    return 0;
}

/* --- what is said --- */

/* Takes "with KEY" off the front; else it is the person's own. */
static void take_key(struct making *m, const char *person, char **rest, char key[80])
{
    pen_of(m->p, person, key);
    if (strncmp(*rest, "with ", 5) != 0)
        return;
    (void)text_word(rest);
    (void)snprintf(key, 80, "%s", text_word(rest));
}

static int say(struct making *m, struct bg_statement *st, const char *key, struct bg_sentence *err)
{
    struct bg_signed *said;

    memcpy(st->request, m->g->grant.request->st.digest, sizeof st->request);
    said = pen_sign(st, key, err);
    if (said)
        grant_say(m->g, said);
    else
        bg_statement_free(st);
    return said ? 0 : -EINVAL;
}

/* PERSON TIME [with KEY] and the rest. */
static int begin(struct making *m, enum bg_kind kind, struct bg_statement *st, char key[80], char **rest,
                 struct bg_sentence *err)
{
    *st = (struct bg_statement){.kind = kind, .by = need_copy(text_word(rest))};
    if (take_time(&st->time, text_word(rest), err) < 0) {
        bg_statement_free(st);
        return -EINVAL;
    }
    take_key(m, st->by, rest, key);
    return 0;
}

static int take_approved(struct making *m, char *rest, struct bg_sentence *err)
{
    struct bg_statement st, head;
    char key[80];

    if (begin(m, BG_APPROVE, &head, key, &rest, err) < 0)
        return -EINVAL;
    st = (struct bg_statement){0};
    if (bg_statement_approve(&st, &m->g->grant.request->st) < 0)
        abort();
    st.kind = BG_APPROVE;
    st.by = head.by;
    st.time = head.time;
    return say(m, &st, key, err);
}

static int take_closed(struct making *m, char *rest, struct bg_sentence *err)
{
    struct bg_statement st;
    char key[80];

    if (begin(m, BG_CLOSE, &st, key, &rest, err) < 0)
        return -EINVAL;
    st.reason = need_copy(*rest ? rest : "urgent");
    return say(m, &st, key, err);
}

static int take_reviewed(struct making *m, char *rest, struct bg_sentence *err)
{
    struct bg_statement st;
    char key[80];

    if (begin(m, BG_REVIEW, &st, key, &rest, err) < 0)
        return -EINVAL;
    st.flagged = strcmp(text_word(&rest), "flag") == 0;
    st.note = *rest ? need_copy(rest) : NULL;
    return say(m, &st, key, err);
}

/* --- what else the host knows of it --- */

static int take_session(struct making *m, char *rest, struct bg_sentence *err)
{
    struct fields *session = fields_row(&m->g->sessions, "in");
    bg_free_ char *account = text_plain(text_word(&rest)), *from = text_plain(text_word(&rest));
    int64_t opened = 0, ends = 0;
    int r = take_time(&opened, text_word(&rest), err);

    if (r == 0 && *rest)
        r = take_time(&ends, rest, err);
    fields_text(session, BG_NAME(session, account), account);
    fields_text(session, BG_NAME(session, rhost), from);
    fields_number(session, BG_NAME(session, opened), 'x', opened);
    fields_number(session, BG_NAME(session, ends), 'x', ends);
    m->g->used = true;
    return r;
}

static int take_used(struct making *m, char *rest, struct bg_sentence *err)
{
    (void)err;
    m->g->used = text_yes(rest);
    return 0;
}

static int take_archived(struct making *m, char *rest, struct bg_sentence *err)
{
    (void)err;
    m->g->grant.archived = text_yes(rest);
    return 0;
}

static int take_shows(struct making *m, char *rest, struct bg_sentence *err)
{
    (void)err;
    return take_text(&m->g->shows, rest);
}

static int take_set(struct making *m, char *rest, struct bg_sentence *err)
{
    (void)err;
    need_word(&m->g->changes, rest);
    return 0;
}

static int take_lie(struct making *m, char *rest, struct bg_sentence *err)
{
    (void)err;
    need_word(&m->g->lies, rest);
    return 0;
}

static const struct line {
    const char *name;
    taking *take;
    bool request; /* part of what is asked */
} words[] = {
    {"asked", take_asked, true},
    {"hosts", take_hosts, true},
    {"accounts", take_accounts, true},
    {"credentials", take_credentials, true},
    {"for", take_for, true},
    {"reason", take_reason, true},
    {"ticket", take_ticket, true},
    {"via", take_via, true},
    {"drill", take_drill, true},
    {"signed-with", take_signed_with, true},
    {"approved", take_approved, false},
    {"closed", take_closed, false},
    {"reviewed", take_reviewed, false},
    {"session", take_session, false},
    {"used", take_used, false},
    {"archived", take_archived, false},
    {"shows", take_shows, false},
    {"set", take_set, false},
    {"lie", take_lie, false},
};

/* --- the block --- */

static const struct line *find_word(const char *name)
{
    for (size_t i = 0; i < BG_COUNT(words); i++)
        if (strcmp(words[i].name, name) == 0)
            return &words[i];
    return NULL;
}

/* Those of the request, or the others. */
static int take_lines(struct making *m, const struct bg_list *lines, bool request, struct bg_sentence *err)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < lines->n; i++) {
        bg_free_ char *copy = need_copy(lines->v[i]);
        char *rest = copy;
        const char *name = text_word(&rest);
        const struct line *word = find_word(name);

        if (!word)
            return bg_fail(err, -EINVAL, "a grant has no '%s'", name);
        if (word->request && !request && !m->made)
            return bg_fail(err, -EINVAL, "'%s' is in the request, which is signed", name);
        if (word->request == request)
            r = word->take(m, rest, err);
    }
    return r;
}

static void fill_accounts(struct making *m, const struct bg_role *role)
{
    const struct bg_person *person = bg_policy_person(&m->p->b.site.policy, m->st.by);

    for (size_t i = 0; i < role->accounts.n; i++)
        if (strcmp(role->accounts.v[i], "personal") != 0)
            need_word(&m->st.terms.accounts, role->accounts.v[i]);
        else if (person && person->user)
            need_word(&m->st.terms.accounts, person->user);
    sort(&m->st.terms.accounts);
}

static void fill_credentials(struct making *m, const struct bg_role *role)
{
    for (size_t i = 0; i < role->credentials.n; i++)
        need_word(&m->st.terms.credentials, role->credentials.v[i]);
    sort(&m->st.terms.credentials);
}

/* What no line said, as the role has it. */
static void fill_in(struct making *m)
{
    struct bg_terms *terms = &m->st.terms;
    const struct bg_role *role = bg_policy_role(&m->p->b.site.policy, terms->role);

    if (terms->hosts.n == 0)
        need_word(&terms->hosts, m->p->b.site.host.name);
    if (!terms->reason)
        terms->reason = need_copy("test");
    if (role && terms->duration == 0)
        terms->duration = role->max_duration;
    if (role && terms->accounts.n == 0)
        fill_accounts(m, role);
    if (role && terms->credentials.n == 0)
        fill_credentials(m, role);
    if (terms->accounts.n == 0 && terms->credentials.n == 0)
        need_word(&terms->accounts, "root");
    if (terms->duration == 0)
        terms->duration = 1800;
}

/* The same on every host and in every run. */
static void make_nonce(struct bg_statement *st, const char *name)
{
    unsigned char digest[BG_DIGEST_BYTES];
    char hex[BG_DIGEST_HEX];

    crypto_hash_sha256(digest, (const unsigned char *)name, strlen(name));
    bg_hex(hex, digest);
    hex[32] = '\0';
    st->nonce = need_copy(hex);
}

static int make_request(struct making *m, const char *name, const struct bg_list *lines,
                        struct bg_sentence *err)
{
    struct bg_signed *request;
    int r = take_lines(m, lines, true, err);

    if (r < 0)
        return r;
    fill_in(m);
    make_nonce(&m->st, name);
    if (m->st.via && !*m->key)
        (void)snprintf(m->key, sizeof m->key, "host:%.70s", m->p->b.site.host.name);
    else if (!*m->key)
        pen_of(m->p, m->st.by, m->key);
    request = pen_sign(&m->st, m->key, err);
    if (!request)
        return -EINVAL;
    m->g = grant_add(m->p, name, request);
    m->made = true;
    return 0;
}

int scenario_grant(struct play *p, struct block *block, struct bg_sentence *err)
{
    const char *name = text_word(&block->rest);
    struct making m = {.p = p, .g = grant_named(p, name), .st = {.kind = BG_REQUEST, .time = play_now(p)}};
    int r = 0;

    if (!*name)
        return bg_fail(err, -EINVAL, "grant NAME PERSON ROLE, or grant NAME for one that is there");
    if (!m.g && !*block->rest)
        return bg_fail(err, -ENOENT, "there is no grant %s", name);
    if (!m.g) {
        m.st.by = need_copy(text_word(&block->rest));
        m.st.terms.role = need_copy(block->rest);
        r = make_request(&m, name, &block->lines, err);
    }
    if (r >= 0)
        r = take_lines(&m, &block->lines, false, err);
    bg_statement_free(&m.st);
    if (m.g) {
        row_judge(p, m.g);
        conns_changed(p, m.g);
    }
    return r;
}
