/* SPDX-License-Identifier: ISC */
/* List, Show and Get: grants and their statements, as far as the caller may see them. */
#include "broker/api/api.h"
#include "policy/base/cleanup.h"
#include "broker/api/row.h"
#include "broker/sessions/sessions.h"
#include "broker/grants/lifecycle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of Show, beside the row and the statements; the whole must be under the bridge's 64 KiB. */
#define PLACE_SIZE 128 /* a time, a person and an ID */
#define CONTACTS_ROOM 6000
#define CONTACTS_MAX 32
#define STATEMENT_ROOM 400 /* beside its text */

/* --- List --- */

/* A place in the list, newest first: "ASKED PERSON.ID" of the last row shown. */
static void print_place(char out[PLACE_SIZE], const struct entry *e)
{
    (void)snprintf(out, PLACE_SIZE, "%lld %s.%s", (long long)e->requested, e->person, e->id);
}

static size_t find_place(const struct entry *entries, size_t n, const char *after)
{
    char place[PLACE_SIZE];

    for (size_t i = 0; i < n; i++) {
        print_place(place, &entries[i]);
        if (strcmp(place, after) == 0)
            return i + 1;
    }
    /* Gone meanwhile: everything that is older than it was. */
    long long requested = strtoll(after, NULL, 10);

    for (size_t i = 0; i < n; i++)
        if (entries[i].requested < requested)
            return i;
    return n;
}

static int append_rows(sd_bus_message *m, const struct conn *c, const struct entry *entries, size_t n,
                       bool archived, const char *after, char next[PLACE_SIZE])
{
    size_t size = 0;
    const struct entry *last = NULL;
    int r = 0;

    next[0] = '\0';
    for (size_t i = after[0] != '\0' ? find_place(entries, n, after) : 0; r >= 0 && i < n; i++) {
        struct row row bg_cleanup_(row_free) = {0};

        if ((entries[i].archived && !archived) || row_load(&row, c, entries[i].person, entries[i].id) < 0)
            continue;
        r = row_fill(&row, c->b);
        if (r < 0)
            return r;
        size += bus_row_size(&bg_grant_type, &row.shown);
        if (last && size > BG_PAGE_MAX) {
            print_place(next, last);
            return 0;
        }
        r = bus_append_row(m, &bg_grant_type, &row.shown);
        last = &entries[i];
    }
    return r;
}

int api_list(sd_bus_message *m, void *arg, sd_bus_error *error)
{
    struct conn *c = arg;
    sd_bus_message *reply bg_cleanup_(sd_bus_message_unrefp) = NULL;
    const char *which = NULL, *after = NULL;
    const struct entry *entries = NULL;
    char next[PLACE_SIZE];
    size_t n = 0;
    int r = sd_bus_message_read(m, "ss", &which, &after);

    if (r < 0)
        return r;
    bool archived = strcmp(which, "all") == 0;

    if (!archived && strcmp(which, "live") != 0)
        return api_fail(error, -EINVAL, "lists are \"live\" or \"all\"");
    r = lifecycle_list(c->b->lifecycle, archived, &entries, &n);
    if (r < 0)
        return api_fail(error, r, NULL);
    r = sd_bus_message_new_method_return(m, &reply);
    if (r >= 0)
        r = sd_bus_message_open_container(reply, 'a', "a{sv}");
    if (r >= 0)
        r = append_rows(reply, c, entries, n, archived, after, next);
    if (r >= 0)
        r = sd_bus_message_close_container(reply);
    if (r >= 0)
        r = sd_bus_message_append(reply, "s", next);
    return r < 0 ? r : sd_bus_message_send(reply);
}

/* --- Show --- */

/* Whether a statement counts today, and if not why not. */
static bool counts(const struct broker *b, const struct row *row, const struct bg_signed *s,
                   struct bg_sentence *why)
{
    const struct bg_key *own = b->site.host.has_key ? &b->site.host.key : NULL;

    why->text[0] = '\0';
    for (size_t i = 0; i < row->answer.n_ignored; i++)
        if (row->answer.ignored[i].statement == s) {
            *why = row->answer.ignored[i].why;
            return false;
        }
    return bg_signed_verify(s, &b->site.signers, b->site.host.name, own, false, row->now, NULL, why) == 0;
}

/* What Show adds to a row, and the memory of it. */
struct detail {
    struct bg_statement_row statement[1 + BG_RESPONSES_MAX];
    struct statement_memory {
        char digest[BG_DIGEST_HEX], key[BG_FINGERPRINT_SIZE];
        struct bg_sentence why;
    } memory[1 + BG_RESPONSES_MAX];
    struct bg_pair contact[CONTACTS_MAX];
    struct bg_session_row session[BG_SESSIONS_SHOWN];
    struct bg_list words; /* of sessions */
};

static void detail_free(struct detail **detail)
{
    if (*detail)
        bg_list_free(&(*detail)->words);
    free(*detail);
}

static void add_statement(struct detail *d, struct bg_grant_row *shown, const struct broker *b,
                          const struct row *row, const struct bg_signed *s, size_t *room)
{
    struct statement_memory *memory = &d->memory[shown->statements.n];
    bool fits = s->st.text_len + STATEMENT_ROOM <= *room;

    bg_hex(memory->digest, s->st.digest);
    if (!s->malformed_sig)
        bg_key_fingerprint(memory->key, s->sig.key.blob, s->sig.key.blob_len);
    d->statement[shown->statements.n++] = (struct bg_statement_row){
        .kind = bg_kind_name(s->st.kind),
        .by = s->st.by,
        .via = s->st.via,
        .time = s->st.time,
        .digest = memory->digest,
        .key = memory->key,
        .valid = counts(b, row, s, &memory->why),
        .why = memory->why.text,
        .text = fits ? s->st.text : "",
    };
    *room -= fits ? s->st.text_len + STATEMENT_ROOM : *room > STATEMENT_ROOM ? STATEMENT_ROOM : *room;
}

static void add_statements(struct detail *d, struct bg_grant_row *shown, const struct broker *b,
                           const struct row *row)
{
    size_t taken = bus_row_size(&bg_grant_type, shown), room = taken < BG_PAGE_MAX ? BG_PAGE_MAX - taken : 0;

    shown->statements.v = d->statement;
    add_statement(d, shown, b, row, row->grant.request, &room);
    /* Past the room for texts the rest is only named, and past all room not even that. */
    for (size_t i = 0; room >= STATEMENT_ROOM && i < row->grant.n_responses && i < BG_RESPONSES_MAX; i++)
        add_statement(d, shown, b, row, row->grant.responses[i], &room);
}

static bool has_contact(const struct bg_pairs *contacts, const char *name)
{
    for (size_t i = 0; i < contacts->n; i++)
        if (strcmp(contacts->v[i].first, name) == 0)
            return true;
    return false;
}

static void add_contact(struct detail *d, struct bg_grant_row *shown, const struct bg_policy *policy,
                        const char *name, size_t *room)
{
    const struct bg_person *person = bg_policy_person(policy, name);
    size_t size = person && person->contact ? strlen(name) + strlen(person->contact) + 32 : 0;

    if (size == 0 || size > *room || shown->contacts.n >= CONTACTS_MAX || has_contact(&shown->contacts, name))
        return;
    *room -= size;
    d->contact[shown->contacts.n++] = (struct bg_pair){person->name, person->contact};
}

static void add_contacts(struct detail *d, struct bg_grant_row *shown, const struct bg_policy *policy,
                         const struct row *row)
{
    size_t room = CONTACTS_ROOM;

    shown->contacts.v = d->contact;
    if (!row->contacts)
        return;
    add_contact(d, shown, policy, row->grant.request->st.by, &room);
    for (size_t i = 0; i < row->answer.n_lines; i++)
        for (size_t k = 0; k < row->answer.lines[i].approve->people.n; k++)
            add_contact(d, shown, policy, row->answer.lines[i].approve->people.v[k], &room);
}

struct showing {
    struct detail *d;
    struct bg_grant_row *shown;
};

/* The newest few: whoever holds a hundred sessions open must not make the answer too long for the bridge, and
 * so keep others from looking before they revoke. */
static int add_session(const struct bg_session *session, void *arg)
{
    struct showing *showing = arg;
    struct detail *d = showing->d;
    size_t n = showing->shown->sessions_in.n;
    int r;

    if (n >= BG_SESSIONS_SHOWN)
        return 0;
    r = bg_list_add(&d->words, session->account, strlen(session->account));
    if (r >= 0)
        r = bg_list_add(&d->words, session->rhost, strlen(session->rhost));
    if (r < 0)
        return r;
    d->session[n] = (struct bg_session_row){.account = d->words.v[2 * n],
                                            .rhost = d->words.v[2 * n + 1],
                                            .opened = session->opened,
                                            .ends = session->ends};
    showing->shown->sessions_in = (struct bg_sessions){d->session, n + 1};
    return 0;
}

static int load(struct conn *c, sd_bus_message *m, struct row *row, sd_bus_error *error)
{
    const char *typed = NULL;
    char person[BG_PERSON_SIZE], id[BG_ID_SIZE];
    int r = sd_bus_message_read(m, "s", &typed);

    if (r < 0)
        return r;
    r = api_find(c, typed, person, id, error);
    if (r < 0)
        return r;
    r = row_load(row, c, person, id);
    return r < 0 ? api_fail(error, r, r == -ENOENT ? "this host has not seen that request" : NULL) : 0;
}

int api_show(sd_bus_message *m, void *arg, sd_bus_error *error)
{
    struct conn *c = arg;
    struct row row bg_cleanup_(row_free) = {0};
    struct detail *d bg_cleanup_(detail_free) = NULL;
    int r = load(c, m, &row, error);

    if (r < 0)
        return r;
    r = row_fill(&row, c->b);
    if (r < 0)
        return r;
    d = calloc(1, sizeof *d);
    if (!d)
        return -ENOMEM;
    row.shown.first = bg_store_is_first_use(&c->b->site.store, row.grant.request, row.grant.id) == 1;
    add_statements(d, &row.shown, c->b, &row);
    add_contacts(d, &row.shown, &c->b->site.policy, &row);
    r = sessions_each(c->b->sessions, row.grant.id, add_session,
                      &(struct showing){.d = d, .shown = &row.shown});
    return r < 0 ? r : api_reply_row(m, &bg_shown_type, &row.shown);
}

/* --- Get --- */

static int append_pair(sd_bus_message *m, const struct bg_signed *s, size_t *room)
{
    bg_free_ char *armour = bg_sshsig_armour(s->blob, s->blob_len);

    if (!armour)
        return -ENOMEM;
    size_t size = s->st.text_len + strlen(armour) + 16;

    if (size > *room)
        return 0;
    *room -= size;
    return sd_bus_message_append(m, "(ss)", s->st.text, armour);
}

int api_get(sd_bus_message *m, void *arg, sd_bus_error *error)
{
    static const enum bg_kind order[] = {BG_CLOSE, BG_APPROVE, BG_REVIEW};
    struct conn *c = arg;
    sd_bus_message *reply bg_cleanup_(sd_bus_message_unrefp) = NULL;
    struct row row bg_cleanup_(row_free) = {0};
    size_t room = BG_PAGE_MAX;
    int r = load(c, m, &row, error);

    if (r < 0)
        return r;
    r = sd_bus_message_new_method_return(m, &reply);
    if (r >= 0)
        r = sd_bus_message_open_container(reply, 'a', "(ss)");
    if (r >= 0)
        r = append_pair(reply, row.grant.request, &room);
    /* Where not all fit, those that end something come first. */
    for (size_t k = 0; r >= 0 && k < BG_COUNT(order); k++)
        for (size_t i = 0; r >= 0 && i < row.grant.n_responses; i++)
            if (row.grant.responses[i]->st.kind == order[k])
                r = append_pair(reply, row.grant.responses[i], &room);
    if (r >= 0)
        r = sd_bus_message_close_container(reply);
    return r < 0 ? r : sd_bus_message_send(reply);
}
