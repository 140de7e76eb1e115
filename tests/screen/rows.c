/* SPDX-License-Identifier: ISC */
/* A played grant judged by today's policy and clock, and written as the broker writes a row. */
#include "tests/screen/rows.h"

#include "tests/screen/text.h"

#include <stdlib.h>
#include <string.h>

struct bg_question row_question(const struct play *p)
{
    return bg_site_question(&p->b.site, play_now(p));
}

/* --- the row --- */

static void put_request(struct fields *row, const struct play_grant *g)
{
    const struct bg_statement *st = &g->grant.request->st;

    fields_text(row, BG_NAME(grant, id), g->grant.id);
    fields_text(row, BG_NAME(grant, person), st->by);
    fields_text(row, BG_NAME(grant, role), st->terms.role);
    fields_list(row, BG_NAME(grant, hosts), &st->terms.hosts);
    fields_list(row, BG_NAME(grant, accounts), &st->terms.accounts);
    fields_list(row, BG_NAME(grant, credentials), &st->terms.credentials);
    fields_number(row, BG_NAME(grant, duration), 'x', st->terms.duration);
    fields_text(row, BG_NAME(grant, reason), st->terms.reason);
    fields_text(row, BG_NAME(grant, ticket), st->ticket);
    fields_number(row, BG_NAME(grant, requested), 'x', st->time);
    fields_number(row, BG_NAME(grant, drill), 'b', st->drill);
}

static void put_got(struct fields *row, const struct bg_answer *answer)
{
    struct bg_list got = {0};

    for (size_t i = 0; i < answer->n_got; i++)
        need_word(&got, answer->got[i]->st.by);
    fields_list(row, BG_NAME(grant, got), &got);
    bg_list_free(&got);
}

static void put_lines(struct fields *row, const struct play *p, const struct play_grant *g,
                      const struct bg_answer *answer)
{
    fields_rows(row, BG_NAME(grant, lines));
    for (size_t i = 0; i < answer->n_lines; i++) {
        const struct bg_line *line = &answer->lines[i];
        struct fields *f = fields_row(row, BG_NAME(grant, lines));
        struct bg_list who = {0};

        if (bg_who_can(&who, answer, &g->grant, line, &p->b.site.signers, play_now(p)) < 0)
            abort();
        fields_text(f, BG_NAME(line, text), line->approve->text);
        fields_number(f, BG_NAME(line, need), 'u', line->approve->need);
        fields_number(f, BG_NAME(line, filled), 'u', line->filled);
        fields_list(f, BG_NAME(line, who), &who);
        bg_list_free(&who);
    }
}

/* Time runs out, or it was shut before. */
static int64_t ended(const struct bg_answer *answer)
{
    switch (answer->state) {
    case BG_STATE_EXPIRED:
        return answer->ends;
    case BG_STATE_CLOSED:
        return answer->close ? answer->close->st.time : answer->requested;
    default:
        return 0;
    }
}

static const char *reviewed(const struct play *p, const struct play_grant *g)
{
    const char *found = "";

    for (size_t i = 0; i < g->grant.n_responses; i++)
        if (g->grant.responses[i]->st.kind == BG_REVIEW &&
            bg_may_review(&p->b.site.policy, &g->grant, g->grant.responses[i]->st.by))
            found = g->grant.responses[i]->st.flagged ? "flag" : *found ? found : "ok";
    return found;
}

static int64_t review_due(const struct play *p, const struct play_grant *g, const struct bg_answer *answer)
{
    int64_t within = answer->role ? answer->role->review_within : p->b.site.policy.review_within;

    if (!ended(answer) || !within || !g->used || *reviewed(p, g))
        return 0;
    return ended(answer) + within;
}

static int64_t turns(const struct bg_answer *answer)
{
    switch (answer->state) {
    case BG_STATE_OPEN:
    case BG_STATE_DRILL:
        return answer->ends;
    case BG_STATE_EARLY:
        return answer->opens;
    case BG_STATE_PENDING:
        return answer->requested + BG_APPROVAL_DEADLINE + 1;
    default:
        return INT64_MAX;
    }
}

static void put_answer(struct fields *row, const struct bg_answer *answer)
{
    fields_text(row, BG_NAME(grant, state), bg_state_name(answer->state));
    fields_text(row, BG_NAME(grant, closed_as), bg_closed_as_name(answer->closed_as));
    fields_text(row, BG_NAME(grant, why), bg_why_name(answer->why));
    fields_text(row, BG_NAME(grant, sentence), answer->sentence.text);
    fields_number(row, BG_NAME(grant, opens), 'x', answer->opens);
    fields_number(row, BG_NAME(grant, ends), 'x', answer->ends);
    fields_number(row, BG_NAME(grant, solo), 'b', answer->solo);
}

static size_t sessions_in(const struct play_grant *g)
{
    const struct field *in = fields_get(&g->sessions, "in");

    return in ? in->n_rows : 0;
}

void row_judge(struct play *p, struct play_grant *g)
{
    struct bg_answer answer = {0};
    struct bg_question question = row_question(p);
    struct fields *row = &g->row;

    if (g->generated)
        return;
    if (bg_decide(&answer, &p->b.site.policy, &p->b.site.signers, &g->grant, &question) < 0)
        abort();
    put_request(row, g);
    put_answer(row, &answer);
    put_got(row, &answer);
    put_lines(row, p, g, &answer);
    fields_number(row, BG_NAME(grant, sessions), 'u', (int64_t)sessions_in(g));
    fields_number(row, BG_NAME(grant, review_due), 'x', review_due(p, g, &answer));
    fields_text(row, BG_NAME(grant, reviewed), g->used && ended(&answer) ? reviewed(p, g) : "");
    if (!p->older)
        fields_number(row, BG_NAME(grant, may_review), 'b',
                      bg_may_review(&p->b.site.policy, &g->grant, p->person));
    fields_number(row, BG_NAME(grant, critical), 'b', answer.role && answer.role->critical);
    fields_number(row, BG_NAME(grant, archived), 'b', g->grant.archived);
    fields_change_all(row, &g->changes);
    g->state = answer.state;
    g->turns = turns(&answer);
    if (g->turns < p->turns)
        p->turns = g->turns;
    bg_answer_free(&answer);
}

/* --- Show --- */

/* Whether it counts today, and if not why not. */
static bool counts(const struct play *p, const struct bg_answer *answer, const struct bg_signed *s,
                   struct bg_sentence *why)
{
    why->text[0] = '\0';
    for (size_t i = 0; i < answer->n_ignored; i++)
        if (answer->ignored[i].statement == s) {
            *why = answer->ignored[i].why;
            return false;
        }
    return bg_signed_verify(s, &p->b.site.signers, p->b.site.host.name, &p->b.site.host.key, false,
                            play_now(p), NULL, why) == 0;
}

/* Lies about statements of that kind: "KIND KEY VALUE". */
static void lie(struct fields *f, const struct bg_list *lies, const char *kind)
{
    for (size_t i = 0; i < lies->n; i++) {
        char *copy = need_copy(lies->v[i]), *rest = copy;

        if (strcmp(text_word(&rest), kind) == 0) {
            const char *key = text_word(&rest);

            (void)fields_change(f, key, rest);
        }
        free(copy);
    }
}

static void put_statement(struct fields *f, const struct play *p, const struct play_grant *g,
                          const struct bg_answer *answer, const struct bg_signed *s)
{
    char digest[BG_DIGEST_HEX], key[BG_FINGERPRINT_SIZE];
    struct bg_sentence why;
    bool valid = counts(p, answer, s, &why);

    bg_hex(digest, s->st.digest);
    bg_key_fingerprint(key, s->sig.key.blob, s->sig.key.blob_len);
    fields_text(f, BG_NAME(statement, kind), bg_kind_name(s->st.kind));
    fields_text(f, BG_NAME(statement, by), s->st.by);
    fields_text(f, BG_NAME(statement, via), s->st.via);
    fields_number(f, BG_NAME(statement, time), 'x', s->st.time);
    fields_text(f, BG_NAME(statement, digest), digest);
    fields_text(f, BG_NAME(statement, key), key);
    fields_number(f, BG_NAME(statement, valid), 'b', valid);
    fields_text(f, BG_NAME(statement, why), why.text);
    fields_text(f, BG_NAME(statement, text), s->st.text);
    lie(f, &g->lies, bg_kind_name(s->st.kind));
}

void row_statements(struct play *p, struct play_grant *g, struct fields *f)
{
    struct bg_answer answer = {0};
    struct bg_question question = row_question(p);

    if (bg_decide(&answer, &p->b.site.policy, &p->b.site.signers, &g->grant, &question) < 0)
        abort();
    put_statement(fields_row(f, BG_NAME(grant, statements)), p, g, &answer, g->grant.request);
    for (size_t i = 0; i < g->grant.n_responses; i++)
        put_statement(fields_row(f, BG_NAME(grant, statements)), p, g, &answer, g->grant.responses[i]);
    bg_answer_free(&answer);
}

static void put_contact(const struct play *p, const char *name, struct fields *f)
{
    const struct bg_person *person = bg_policy_person(&p->b.site.policy, name);

    if (person && person->contact)
        fields_pair(f, BG_NAME(grant, contacts), name, person->contact);
}

static void put_contacts(const struct play *p, const struct play_grant *g, struct fields *f)
{
    const struct bg_role *role = bg_policy_role(&p->b.site.policy, g->grant.request->st.terms.role);
    struct bg_list done = {0};

    put_contact(p, g->grant.request->st.by, f);
    need_word(&done, g->grant.request->st.by);
    for (size_t i = 0; role && i < role->n_approve; i++)
        for (size_t k = 0; k < role->approve[i].people.n; k++) {
            const char *name = role->approve[i].people.v[k];

            if (bg_list_has(&done, name))
                continue;
            need_word(&done, name);
            put_contact(p, name, f);
        }
    bg_list_free(&done);
}

void row_contacts(const struct play *p, const struct play_grant *g, struct fields *f)
{
    fields_pair(f, BG_NAME(grant, contacts), NULL, NULL);
    if (p->no_contacts)
        return;
    put_contacts(p, g, f);
    for (size_t i = 0; i + 1 < p->contacts.n; i += 2)
        fields_pair(f, BG_NAME(grant, contacts), p->contacts.v[i], p->contacts.v[i + 1]);
}
