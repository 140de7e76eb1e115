/* SPDX-License-Identifier: ISC */
/* Draft, Put, Ask and Close: what is said. */
#include "broker/api/api.h"
#include "policy/statement/token.h"
#include "policy/base/cleanup.h"
#include "broker/api/draft.h"
#include "policy/intake/intake.h"
#include "broker/api/row.h"
#include "broker/grants/intake_log.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char fast[] = "too many in too short a time; wait a minute and try again";

/* Counts one more call, or refuses it. */
static int count_call(struct conn *c, sd_bus_error *error)
{
    if (!server_allows(c, RATE_CALLS))
        return api_fail(error, -EBUSY, fast);
    server_counts(c, RATE_CALLS);
    return 0;
}

static int take_in(struct broker *b, const char *text, size_t len, const unsigned char *sig, size_t sig_len,
                   struct bg_outcome *outcome)
{
    struct bg_intake in = broker_intake(b);

    intake_log_begin(b, text, len);
    int r = bg_intake_one(&in, text, len, sig, sig_len, outcome);

    intake_log_end(b);

    if (r == 0 && outcome->taken != BG_TAKEN_KNOWN && outcome->person[0] != '\0' && bg_is_id(outcome->id))
        broker_statement(b, outcome->person, outcome->id);
    return r;
}

/* --- Draft --- */

/* `by` of a draft: the person named there, else the caller. */
static int name_by(struct conn *c, struct draft *draft, sd_bus_error *error)
{
    if (!draft->row.by || draft->row.by[0] == '\0')
        draft->row.by = c->peer.person;
    if (draft->row.by[0] == '\0')
        return api_fail(error, -ENXIO, "this host does not know who you are: name the person who signs (by)");
    return bg_is_person(draft->row.by) ? 0 : api_fail(error, -EINVAL, "that is no person's name");
}

static int make_text(struct conn *c, enum bg_kind kind, const struct draft *draft, const char *via,
                     struct bg_statement *st, sd_bus_error *error)
{
    struct row row bg_cleanup_(row_free) = {0};
    struct bg_sentence err = {0};
    char person[BG_PERSON_SIZE], id[BG_ID_SIZE];
    int r;

    if (!c->b->site.has_host)
        return api_fail(error, -EPERM, c->b->site.host_error.text);
    if (kind == BG_REQUEST) {
        r = draft_request(st, c->b, draft, via, &err);
        return r < 0 ? api_fail(error, r, err.text) : 0;
    }
    if (!draft->row.id)
        return api_fail(error, -EINVAL, "no grant was named");
    r = api_find(c, draft->row.id, person, id, error);
    if (r < 0)
        return r;
    r = row_load(&row, c, person, id);
    if (r < 0)
        return api_fail(error, r, "this host has not seen that request");
    r = draft_about(st, kind, &row.grant.request->st, row.answer.state == BG_STATE_PENDING, draft, via, &err);
    return r < 0 ? api_fail(error, r, err.text) : 0;
}

int api_draft(sd_bus_message *m, void *arg, sd_bus_error *error)
{
    struct conn *c = arg;
    struct draft draft bg_cleanup_(draft_free) = {0};
    struct bg_statement st bg_cleanup_(bg_statement_free) = {0};
    struct bg_sentence err = {0};
    const char *name = NULL;
    int r = sd_bus_message_read(m, "s", &name);

    if (r < 0)
        return r;
    int kind = bg_kind_parse(name);

    if (kind < 0)
        return api_fail(error, -EINVAL, "drafts are of kind request, approve, close or review");
    r = draft_read(&draft, m, &err);
    if (r < 0)
        return api_fail(error, r, err.text);
    r = name_by(c, &draft, error);
    if (r >= 0)
        r = make_text(c, (enum bg_kind)kind, &draft, NULL, &st, error);
    return r < 0 ? r : sd_bus_reply_method_return(m, "s", st.text);
}

/* --- Put --- */

static const char *taken_name(enum bg_taken taken)
{
    static const char *const names[] = {
        [BG_TAKEN_REFUSED] = "refused",
        [BG_TAKEN_NEW] = "new",
        [BG_TAKEN_KNOWN] = "known",
        [BG_TAKEN_WAITING] = "waiting",
    };

    return names[taken];
}

static int append_outcome(sd_bus_message *m, const struct bg_outcome *outcome)
{
    return bus_append_row(m, &bg_outcome_type,
                          &(struct bg_outcome_row){
                              .taken = taken_name(outcome->taken),
                              .kind = bg_kind_name(outcome->kind),
                              .id = outcome->id,
                              .person = outcome->person,
                              .state = bg_state_name(outcome->state),
                              .sentence = outcome->sentence.text,
                          });
}

static int append_damaged(sd_bus_message *m, const char *sentence)
{
    return bus_append_row(m, &bg_outcome_type,
                          &(struct bg_outcome_row){.taken = "damaged", .sentence = sentence});
}

static void tell_rejected(struct conn *c, const char *why)
{
    struct bg_event e = {.id = BG_EVENT_STATEMENT_REJECTED};

    if (!server_allows(c, RATE_STATEMENTS))
        return; /* the journal has enough of them */
    server_counts(c, RATE_STATEMENTS);
    e.field[BG_FIELD_ACTOR] = c->peer.person[0] != '\0' ? c->peer.person : NULL;
    e.field[BG_FIELD_WHY] = why;
    broker_event(c->b, &e);
}

static bool is_close(const struct bg_bundle_item *item)
{
    static const char begin[] = "breakglass-statement 1\nkind: close\n";

    return item->len > sizeof begin - 1 && memcmp(item->text, begin, sizeof begin - 1) == 0;
}

/* Takes one in, unless its bringer brought too many. What ends a grant is not counted against them: whoever
 * has to revoke a hundred in one minute does not have to wait. `wrong`: one of this call was refused. */
static void take_item(struct conn *c, const struct bg_bundle_item *item, struct bg_outcome *outcome,
                      bool *wrong)
{
    bool closes = is_close(item);

    *outcome = (struct bg_outcome){0};
    if (!server_allows(c, RATE_STATEMENTS) && (!closes || *wrong)) {
        (void)bg_fail(&outcome->sentence, -EBUSY, "%s", fast);
        return;
    }
    int r = take_in(c->b, item->text, item->len, item->sig, item->sig_len, outcome);

    *wrong = *wrong || r < 0;
    if (r < 0 || (!closes && outcome->taken != BG_TAKEN_KNOWN))
        server_counts(c, RATE_STATEMENTS);
}

static int take_items(struct conn *c, sd_bus_message *reply, const struct bg_bundle *items)
{
    int r = sd_bus_message_open_container(reply, 'a', "a{sv}");
    bool wrong = false;

    for (size_t i = 0; r >= 0 && i < items->n; i++) {
        struct bg_outcome outcome;

        take_item(c, &items->v[i], &outcome, &wrong);
        r = append_outcome(reply, &outcome);
    }
    for (size_t i = 0; r >= 0 && i < items->n_damaged; i++) {
        tell_rejected(c, items->damaged[i].text);
        r = append_damaged(reply, items->damaged[i].text);
    }
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

int api_put(sd_bus_message *m, void *arg, sd_bus_error *error)
{
    struct conn *c = arg;
    sd_bus_message *reply bg_cleanup_(sd_bus_message_unrefp) = NULL;
    struct bg_bundle items bg_cleanup_(bg_bundle_free) = {0};
    struct bg_sentence err = {0};
    const char *input = NULL;
    int r = sd_bus_message_read(m, "s", &input);

    if (r < 0)
        return r;
    r = count_call(c, error);
    if (r < 0)
        return r;
    if (!c->b->site.has_host)
        return api_fail(error, -EPERM, c->b->site.host_error.text);
    size_t len = strlen(input);

    r = len > BG_PUT_MAX ? bg_fail(&err, -E2BIG, "that is more than 48 KiB; put it in parts")
                         : bg_bundle_parse(&items, input, len, &err);
    if (r < 0) {
        tell_rejected(c, err.text);
        return api_fail(error, r == -ENOENT ? -EINVAL : r, err.text);
    }
    r = sd_bus_message_new_method_return(m, &reply);
    if (r >= 0)
        r = take_items(c, reply, &items);
    return r < 0 ? r : sd_bus_message_send(reply);
}

/* --- Ask and Close: the host signs for a person it knows --- */

static int reply_row(sd_bus_message *m, const struct conn *c, const struct bg_outcome *outcome)
{
    struct row row bg_cleanup_(row_free) = {0};
    int r = row_load(&row, c, outcome->person, outcome->id);

    if (r >= 0)
        r = row_fill(&row, c->b);
    return r < 0 ? r : api_reply_row(m, &bg_grant_type, &row.shown);
}

static int may_speak(struct conn *c, sd_bus_error *error)
{
    if (c->peer.person[0] == '\0')
        return api_fail(error, -ENXIO,
                        "this host does not know who you are, so it cannot sign for you: sign with your own "
                        "key, or come through ssh breakglass@HOST");
    return count_call(c, error);
}

static int sign_and_take(struct conn *c, sd_bus_message *m, const struct bg_statement *st,
                         sd_bus_error *error)
{
    unsigned char blob[BG_SSHSIG_BLOB_MAX];
    size_t len = sizeof blob;
    struct bg_outcome outcome = {0};
    struct bg_sentence err = {0};
    int r = bg_host_sign(&c->b->site.root, st->text, st->text_len, blob, &len, &err);

    if (r < 0)
        return api_fail(error, -EPERM, err.text);
    r = take_in(c->b, st->text, st->text_len, blob, len, &outcome);
    if (r < 0)
        return api_fail(error, r == -ENOMEM ? r : -EPERM, outcome.sentence.text);
    r = reply_row(m, c, &outcome);
    return r < 0 ? api_fail(error, r, "it was taken in, but cannot be read back") : r;
}

int api_ask(sd_bus_message *m, void *arg, sd_bus_error *error)
{
    struct conn *c = arg;
    struct draft draft bg_cleanup_(draft_free) = {0};
    struct bg_statement st bg_cleanup_(bg_statement_free) = {0};
    struct bg_sentence err = {0};
    int r = draft_read(&draft, m, &err);

    if (r < 0)
        return api_fail(error, r, err.text);
    r = may_speak(c, error);
    if (r < 0)
        return r;
    if (draft.row.hosts.n > 1 ||
        (draft.row.hosts.n == 1 && strcmp(draft.row.hosts.v[0], c->b->site.host.name) != 0))
        return api_fail(error, -EINVAL,
                        "a host signs only for itself: to request other hosts, sign with your own key");
    if (draft.row.by && strcmp(draft.row.by, c->peer.person) != 0)
        return api_fail(error, -EPERM, "you can request only for yourself");
    if (!server_allows(c, RATE_STATEMENTS))
        return api_fail(error, -EBUSY, fast);
    server_counts(c, RATE_STATEMENTS);
    draft.row.by = c->peer.person;
    r = make_text(c, BG_REQUEST, &draft, c->peer.via, &st, error);
    return r < 0 ? r : sign_and_take(c, m, &st, error);
}

int api_close(sd_bus_message *m, void *arg, sd_bus_error *error)
{
    struct conn *c = arg;
    struct draft draft bg_cleanup_(draft_free) = {0};
    struct bg_statement st bg_cleanup_(bg_statement_free) = {0};
    int r = sd_bus_message_read(m, "ss", &draft.row.id, &draft.row.reason);

    if (r < 0)
        return r;
    r = may_speak(c, error);
    if (r < 0)
        return r;
    draft.row.by = c->peer.person;
    r = make_text(c, BG_CLOSE, &draft, c->peer.via, &st, error);
    return r < 0 ? r : sign_and_take(c, m, &st, error);
}
