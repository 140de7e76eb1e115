/* SPDX-License-Identifier: ISC */
/* Draft, Put, Ask and Close. What comes in is judged by bg_intake_one in a scratch store, into which the
 * grant that it is about is put first. */
#include "tests/screen/answers.h"

#include "broker/api/api.h"
#include "policy/statement/token.h"
#include "policy/base/cleanup.h"
#include "broker/api/draft.h"
#include "tests/screen/events.h"
#include "tests/screen/grants.h"
#include "policy/intake/intake.h"
#include "tests/screen/pens.h"
#include "tests/screen/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- into the store and back --- */

static void open_store(struct play *p)
{
    const char *tmp = getenv("TMPDIR");

    if (*p->scratch.path)
        return;
    if (scratch_make_in(&p->scratch, tmp ? tmp : "/tmp") < 0)
        abort();
    if (scratch_folder(&p->scratch, "var/lib/breakglass") < 0)
        abort();
    p->b.site.root = p->b.site.store.root = p->scratch.root;
}

static void store(struct play *p, struct play_grant *g)
{
    if (g->stored)
        return;
    grant_complete(p, g);
    g->generated = false;
    grant_store(&p->b.site.store, g);
    g->stored = true;
}

/* As the store has it now; a request that is new here makes a grant. */
static struct play_grant *load(struct play *p, const struct bg_outcome *outcome, struct play_grant *g)
{
    struct bg_grant grant = {0};

    if (!*outcome->person || bg_store_load(&p->b.site.store, outcome->person, outcome->id, &grant) < 0 ||
        !grant.request) {
        bg_grant_free(&grant);
        return g;
    }
    if (!g) {
        g = grant_add(p, "", grant.request);
        g->stored = true;
        grant.request = NULL; /* taken over; the rest comes with the next load */
        bg_grant_free(&grant);
        return load(p, outcome, g);
    }
    bg_grant_free(&g->grant);
    g->grant = grant;
    grant_turned(p, g);
    return g;
}

static struct play_grant *take(struct play *p, const struct bg_bundle_item *item, struct bg_outcome *outcome)
{
    struct bg_statement st bg_cleanup_(bg_statement_free) = {0};
    struct bg_intake in = {
        .site = &p->b.site, .clock = {.wall = play_now(p)}, .event = event_taken, .arg = p};
    struct play_grant *g = NULL;
    struct bg_sentence err;

    open_store(p);
    if (bg_statement_parse(&st, item->text, item->len, &err) >= 0)
        g = grant_of(p, st.kind == BG_REQUEST ? st.digest : st.request);
    if (g)
        store(p, g);
    (void)bg_intake_one(&in, item->text, item->len, item->sig, item->sig_len, outcome);
    g = load(p, outcome, g);
    events_settle(p);
    return g;
}

/* --- Put --- */

static void put_outcome(struct fields *row, const struct bg_outcome *outcome)
{
    static const char *const names[] = {
        [BG_TAKEN_REFUSED] = "refused",
        [BG_TAKEN_NEW] = "new",
        [BG_TAKEN_KNOWN] = "known",
        [BG_TAKEN_WAITING] = "waiting",
    };

    fields_text(row, BG_NAME(outcome, taken), names[outcome->taken]);
    fields_text(row, BG_NAME(outcome, kind), bg_kind_name(outcome->kind));
    fields_text(row, BG_NAME(outcome, id), outcome->id);
    fields_text(row, BG_NAME(outcome, person), outcome->person);
    fields_text(row, BG_NAME(outcome, state), bg_state_name(outcome->state));
    fields_text(row, BG_NAME(outcome, sentence), outcome->sentence.text);
}

static void put_items(struct play *p, const struct bg_bundle *items, struct fields *f)
{
    fields_rows(f, "taken");
    for (size_t i = 0; i < items->n; i++) {
        struct bg_outcome outcome = {0};

        (void)take(p, &items->v[i], &outcome);
        put_outcome(fields_row(f, "taken"), &outcome);
    }
    for (size_t i = 0; i < items->n_damaged; i++) {
        struct fields *row = fields_row(f, "taken");

        fields_text(row, BG_NAME(outcome, taken), "damaged");
        fields_text(row, BG_NAME(outcome, sentence), items->damaged[i].text);
    }
}

int answer_put(struct play *p, struct client *c, sd_bus_message *m, sd_bus_error *error)
{
    sd_bus_message *reply bg_cleanup_(sd_bus_message_unrefp) = NULL;
    struct fields f bg_cleanup_(fields_free) = {0};
    struct bg_bundle items bg_cleanup_(bg_bundle_free) = {0};
    struct bg_sentence err;
    const char *input;
    int r = sd_bus_message_read(m, "s", &input);

    (void)c;
    if (r < 0)
        return r;
    r = bg_bundle_parse(&items, input, strlen(input), &err);
    if (r < 0)
        return answer_fail(error, r == -ENOENT ? -EINVAL : r, err.text);
    put_items(p, &items, &f);
    r = sd_bus_message_new_method_return(m, &reply);
    if (r >= 0)
        r = fields_append_rows(reply, fields_get(&f, "taken")->rows, fields_get(&f, "taken")->n_rows);
    return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

/* --- texts --- */

/* At this host's time, which may be another than this machine's; a request has the same ID in every run. */
static int settle(struct play *p, struct bg_statement *st, struct bg_sentence *err)
{
    st->time = play_now(p);
    if (st->nonce)
        (void)snprintf(st->nonce, 33, "%032u", ++p->drafts);
    return bg_statement_print(st, err);
}

static int make(struct play *p, enum bg_kind kind, const struct draft *draft, const char *via,
                struct bg_statement *st, sd_bus_error *error)
{
    struct play_grant *g = NULL;
    struct bg_sentence err = {0};
    int r = 0;

    if (kind == BG_REQUEST)
        r = draft_request(st, &p->b, draft, via, &err);
    else if (!draft->row.id)
        r = bg_fail(&err, -EINVAL, "no grant was named");
    else
        r = grant_find(p, draft->row.id, &g, &err);
    if (r == 0 && g)
        r = draft_about(st, kind, &g->grant.request->st, g->state == BG_STATE_PENDING, draft, via, &err);
    if (r == 0)
        r = settle(p, st, &err);
    return r < 0 ? answer_fail(error, r, err.text) : 0;
}

int answer_draft(struct play *p, struct client *c, sd_bus_message *m, sd_bus_error *error)
{
    struct draft draft bg_cleanup_(draft_free) = {0};
    struct bg_statement st bg_cleanup_(bg_statement_free) = {0};
    struct bg_sentence err;
    const char *name;
    int kind, r = sd_bus_message_read(m, "s", &name);

    (void)c;
    if (r < 0)
        return r;
    kind = bg_kind_parse(name);
    r = draft_read(&draft, m, &err);
    if (r < 0 || kind < 0)
        return answer_fail(error, -EINVAL, r < 0 ? err.text : "no such kind");
    if (!draft.row.by || !*draft.row.by)
        draft.row.by = p->person;
    if (!*draft.row.by)
        return answer_fail(error, -ENXIO,
                           "this host does not know who you are: name the person who signs (by)");
    r = make(p, (enum bg_kind)kind, &draft, NULL, &st, error);
    return r < 0 ? r : sd_bus_reply_method_return(m, "s", st.text);
}

/* --- Ask and Close: signed by the host --- */

static void make_via(const struct play *p, char via[160])
{
    char fingerprint[BG_FINGERPRINT_SIZE], own[80];

    pen_of(p, p->person, own);
    pen_fingerprint(fingerprint, own);
    if (strcmp(p->how, "session") == 0)
        (void)snprintf(via, 160, "sshd publickey %s", fingerprint);
    else
        (void)snprintf(via, 160, "uid 1001");
}

static int sign_and_take(struct play *p, sd_bus_message *m, struct bg_statement *st, sd_bus_error *error)
{
    struct bg_bundle_item item = {0};
    struct bg_outcome outcome = {0};
    struct bg_signed *s;
    struct bg_sentence err;
    struct play_grant *g;
    char key[300];

    pen_of_host(p, key);
    s = pen_sign(st, key, &err);
    if (!s)
        return answer_fail(error, -EPERM, err.text);
    item.text = s->st.text;
    item.len = s->st.text_len;
    memcpy(item.sig, s->blob, s->blob_len);
    item.sig_len = s->blob_len;
    g = take(p, &item, &outcome);
    bg_signed_free(s);
    if (!g || outcome.taken == BG_TAKEN_REFUSED)
        return answer_fail(error, -EPERM, outcome.sentence.text);
    return answer_row(p, m, g);
}

static int speak(struct play *p, sd_bus_message *m, enum bg_kind kind, struct draft *draft,
                 sd_bus_error *error)
{
    struct bg_statement st bg_cleanup_(bg_statement_free) = {0};
    char via[160];
    int r;

    if (!*p->person)
        return answer_fail(
            error, -ENXIO,
            "this host does not know who you are, so it cannot sign for you: sign with your own "
            "key, or come through ssh breakglass@HOST");
    make_via(p, via);
    draft->row.by = p->person;
    r = make(p, kind, draft, via, &st, error);
    return r < 0 ? r : sign_and_take(p, m, &st, error);
}

int answer_ask(struct play *p, struct client *c, sd_bus_message *m, sd_bus_error *error)
{
    struct draft draft bg_cleanup_(draft_free) = {0};
    struct bg_sentence err;

    (void)c;
    if (draft_read(&draft, m, &err) < 0)
        return answer_fail(error, -EINVAL, err.text);
    return speak(p, m, BG_REQUEST, &draft, error);
}

int compose_close(struct play *p, struct client *c, sd_bus_message *m, sd_bus_error *error)
{
    struct draft draft bg_cleanup_(draft_free) = {0};
    int r = sd_bus_message_read(m, "ss", &draft.row.id, &draft.row.reason);

    (void)c;
    return r < 0 ? r : speak(p, m, BG_CLOSE, &draft, error);
}
