/* SPDX-License-Identifier: ISC */
/* What requests and responses share on their way in: the signature, the marks, the store, what is told. */
#include "policy/intake/intake_op.h"

#include "policy/base/clean.h"
#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- telling --- */

static const struct bg_statement *request_of(const struct intake_op *t)
{
    if (t->grant.request)
        return &t->grant.request->st;
    return t->s && t->s->st.kind == BG_REQUEST && t->s->st.text ? &t->s->st : NULL;
}

/* Fills in what is known of the request and the signer. `accounts` is the caller's to free after the event.
 */
static void fill_event(const struct intake_op *t, struct bg_event *e, char **accounts,
                       char key[BG_FINGERPRINT_SIZE])
{
    const struct bg_statement *request = request_of(t);

    e->time = t->in->clock.wall;
    e->field[BG_FIELD_HOST] = t->in->site->host.name;
    e->field[BG_FIELD_GRANT] = t->out->id;
    e->field[BG_FIELD_PERSON] = t->out->person;
    e->field[BG_FIELD_ACTOR] = t->actor;
    if (t->s && t->s->sig.key.type != BG_KEY_NONE) {
        bg_key_fingerprint(key, t->s->sig.key.blob, t->s->sig.key.blob_len);
        e->field[BG_FIELD_KEY] = key;
    }
    if (!request)
        return;
    bg_event_of_grant(e, t->out->id, request, 0, NULL);
    *accounts = bg_list_join(&request->terms.accounts);
    e->field[BG_FIELD_ACCOUNT] = *accounts;
}

static void emit(struct intake_op *t, struct bg_event *e)
{
    if (t->in->event)
        t->in->event(e, t->in->arg);
}

void intake_event(struct intake_op *t, enum bg_event_id id, const char *why)
{
    struct bg_event e = {.id = id};
    bg_free_ char *accounts = NULL;
    char key[BG_FINGERPRINT_SIZE];

    fill_event(t, &e, &accounts, key);
    e.field[BG_FIELD_WHY] = why;
    /* What is said about a request has its own reason: a close always, and nobody else's is written in its
     * place. */
    if (t->s && t->s->st.kind == BG_CLOSE)
        e.field[BG_FIELD_REASON] = t->s->st.reason;
    emit(t, &e);
}

void intake_event_open(struct intake_op *t, const struct bg_answer *answer)
{
    struct bg_event e = {.id = answer->state == BG_STATE_DRILL ? BG_EVENT_DRILL_DONE : BG_EVENT_GRANT_OPEN};
    bg_free_ char *accounts = NULL;
    char key[BG_FINGERPRINT_SIZE], expires[BG_TIME_SIZE];

    fill_event(t, &e, &accounts, key);
    bg_time_format(expires, answer->until);
    e.field[BG_FIELD_EXPIRES] = expires;
    e.alert = answer->solo && answer->state == BG_STATE_OPEN;
    emit(t, &e);
}

int intake_refuse(struct intake_op *t, int r, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    bg_vsay(&t->out->sentence, format, args);
    va_end(args);
    t->out->taken = BG_TAKEN_REFUSED;
    intake_event(t, BG_EVENT_STATEMENT_REJECTED, t->out->sentence.text);
    return r < 0 ? r : -EINVAL;
}

void intake_done(struct intake_op *t, enum bg_taken taken, const char *format, ...)
{
    struct bg_sentence done;
    va_list args;

    va_start(args, format);
    bg_vsay(&done, format, args);
    va_end(args);
    t->out->taken = taken;
    bg_say(&t->out->sentence, "%s%s", done.text,
           t->fallback ? " (kept in /run: /var takes nothing now, see to it before this host restarts)" : "");
}

const char *intake_id(struct intake_op *t, char shown[BG_ID_SHOWN_SIZE])
{
    shown[0] = '\0';
    if (bg_is_id(t->out->id))
        bg_id_show(shown, t->out->id);
    return shown;
}

const char *intake_noun(const struct intake_op *t)
{
    return t->s->st.kind == BG_APPROVE ? "approval" : bg_kind_name(t->s->st.kind);
}

/* --- deciding and storing --- */

int intake_decide(struct intake_op *t, struct bg_answer *answer)
{
    struct bg_question question = bg_site_question(t->in->site, t->in->clock.wall);

    return bg_store_decide(answer, &t->in->site->policy, &t->in->site->signers, &t->grant, &question,
                           &t->in->clock);
}

void intake_note(struct intake_op *t, const struct bg_answer *answer)
{
    const struct bg_site *site = t->in->site;
    enum bg_noted noted = bg_store_note(&site->store, &t->grant, answer, &site->policy, &site->signers,
                                        site->locked, &t->in->clock);

    if (noted == BG_NOTED_AGAIN)
        intake_event(t, BG_EVENT_HOST_CLOCK, BG_NOTED_AGAIN_WHY);
}

int intake_check_future(struct intake_op *t)
{
    char dated[BG_TIME_SIZE], here[BG_TIME_SIZE];

    if (t->s->st.time - t->in->site->policy.clock_skew <= t->in->clock.wall)
        return 0;
    bg_time_format(dated, t->s->st.time);
    bg_time_format(here, t->in->clock.wall);
    return intake_refuse(
        t, -EINVAL,
        "this %s is dated %s, and the clock of %s says %s: one of the two clocks is wrong; set it right, or "
        "sign again by this host's clock",
        intake_noun(t), dated, t->in->site->host.name, here);
}

int intake_store(struct intake_op *t)
{
    int r = bg_store_put(&t->in->site->store, t->out->person, t->out->id, t->s, &t->fallback);

    if (r >= 0 || r == -EEXIST)
        return 0;
    if (r == -EDQUOT)
        return intake_refuse(
            t, r,
            "%d statements about this request are kept here already, which is the most; make a new request",
            BG_RESPONSES_MAX);
    return intake_refuse(
        t, r, "it is in order, but %s cannot keep it: %s, in /var and in /run; mend that and put it again",
        t->in->site->host.name, strerrordesc_np(-r));
}

/* --- one statement --- */

static int parse(struct intake_op *t, const char *text, size_t len, const unsigned char *sig, size_t sig_len)
{
    struct bg_sentence err = {""};
    int r = bg_statement_parse(&t->s->st, text, len, &err);

    if (r < 0)
        return intake_refuse(
            t, r,
            "the statement is malformed and was not taken: %s; make it again, nothing in it may be "
            "changed by hand",
            err.text);
    t->out->kind = t->s->st.kind;
    bg_id_from_digest(t->out->id, t->s->st.kind == BG_REQUEST ? t->s->st.digest : t->s->st.request);
    if (t->s->st.kind == BG_REQUEST)
        (void)snprintf(t->out->person, sizeof t->out->person, "%s", t->s->st.by);
    if (sig_len > sizeof t->s->blob)
        return intake_refuse(t, -E2BIG,
                             "the signature of this %s has %zu bytes, more than any that is known (%zu)",
                             intake_noun(t), sig_len, sizeof t->s->blob);
    memcpy(t->s->blob, sig, sig_len);
    t->s->blob_len = sig_len;
    r = bg_sshsig_parse(&t->s->sig, sig, sig_len, &err);
    if (r < 0)
        return intake_refuse(t, r, "the signature of this %s cannot be used: %s; sign the text again",
                             intake_noun(t), err.text);
    return 0;
}

static int verify(struct intake_op *t)
{
    const struct bg_host *host = &t->in->site->host;
    struct bg_sentence err = {""};
    int r = bg_signed_verify(t->s, &t->in->site->signers, host->name, host->has_key ? &host->key : NULL,
                             false, t->in->clock.wall, NULL, &err);

    if (r < 0)
        return intake_refuse(t, r, "this %s says it is by %s, and does not count on %s: %s; %s",
                             intake_noun(t), t->s->st.by, host->name, err.text,
                             t->s->st.via
                                 ? "make it at the front door of the host that it is for"
                                 : "sign the unchanged text again, with a key that is enrolled there");
    t->actor = t->s->st.by;
    return 0;
}

int intake_begin(struct intake_op *t, const struct bg_intake *in, struct bg_outcome *outcome,
                 const char *text, size_t len, const unsigned char *sig, size_t sig_len)
{
    int r;

    *outcome = (struct bg_outcome){0};
    *t = (struct intake_op){.in = in, .out = outcome, .s = calloc(1, sizeof *t->s)};
    if (!t->s)
        return intake_refuse(t, -ENOMEM, "this host is out of memory and took nothing; try again");
    r = parse(t, text, len, sig, sig_len);
    return r < 0 ? r : verify(t);
}

void intake_end(struct intake_op *t)
{
    bool kept = t->grant.request == t->s;

    for (size_t i = 0; i < t->grant.n_responses; i++)
        kept = kept || t->grant.responses[i] == t->s;
    if (!kept)
        bg_signed_free(t->s);
    bg_grant_free(&t->grant);
}
