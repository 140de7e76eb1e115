/* SPDX-License-Identifier: ISC */
/* List, Show and Get: what is there. */
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
#define CONTACTS_ROOM 6000
#define SESSIONS_SHOWN 16

/* --- List --- */

/* A place in the list, newest first: "ASKED PERSON.ID" of the last row shown. */
static void print_place(char out[128], const struct entry *e)
{
    (void)snprintf(out, 128, "%lld %s.%s", (long long)e->asked, e->person, e->id);
}

static size_t find_place(const struct entry *entries, size_t n, const char *after)
{
    char place[128];

    for (size_t i = 0; i < n; i++) {
        print_place(place, &entries[i]);
        if (strcmp(place, after) == 0)
            return i + 1;
    }
    /* Gone meanwhile: everything that is older than it was. */
    long long asked = strtoll(after, NULL, 10);

    for (size_t i = 0; i < n; i++)
        if (entries[i].asked < asked)
            return i;
    return n;
}

static int append_rows(sd_bus_message *m, const struct conn *c, const struct entry *entries, size_t n,
                       bool archived, const char *after, char next[128])
{
    size_t size = 0;
    const struct entry *last = NULL;
    int r = 0;

    next[0] = '\0';
    for (size_t i = after[0] != '\0' ? find_place(entries, n, after) : 0; r >= 0 && i < n; i++) {
        struct row row bg_cleanup_(row_free) = {0};

        if ((entries[i].archived && !archived) || row_load(&row, c, entries[i].person, entries[i].id) < 0)
            continue;
        if (last != NULL && size + row_size(&row) > API_PAGE_MAX) {
            print_place(next, last);
            return 0;
        }
        r = sd_bus_message_open_container(m, 'a', "{sv}");
        if (r >= 0)
            r = row_append(m, c->b, &row);
        if (r >= 0)
            r = sd_bus_message_close_container(m);
        size += row_size(&row);
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
    char next[128];
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
    const struct bg_key *own = b->host.has_key ? &b->host.key : NULL;

    why->text[0] = '\0';
    for (size_t i = 0; i < row->answer.n_ignored; i++)
        if (row->answer.ignored[i].statement == s) {
            *why = row->answer.ignored[i].why;
            return false;
        }
    return bg_signed_verify(s, &b->signers, b->host.name, own, false, row->now, NULL, why) == 0;
}

static int append_statement(sd_bus_message *m, const struct broker *b, const struct row *row,
                            const struct bg_signed *s, size_t *room)
{
    char digest[BG_DIGEST_HEX], key[BG_FINGERPRINT_SIZE] = "";
    struct bg_sentence why;
    bool valid = counts(b, row, s, &why), fits = s->st.text_len + 400 <= *room;

    bg_hex(digest, s->st.digest);
    if (!s->malformed_sig)
        bg_key_fingerprint(key, s->sig.key.blob, s->sig.key.blob_len);
    int r = sd_bus_message_open_container(m, 'a', "{sv}");

    if (r >= 0)
        r = row_string(m, "kind", bg_kind_name(s->st.kind));
    if (r >= 0)
        r = row_string(m, "by", s->st.by);
    if (r >= 0)
        r = row_string(m, "via", s->st.via);
    if (r >= 0)
        r = row_time(m, "time", s->st.time);
    if (r >= 0)
        r = row_string(m, "digest", digest);
    if (r >= 0)
        r = row_string(m, "key", key);
    if (r >= 0)
        r = row_bool(m, "valid", valid);
    if (r >= 0)
        r = row_string(m, "why", why.text);
    if (r >= 0)
        r = row_string(m, "text", fits ? s->st.text : "");
    *room -= fits ? s->st.text_len + 400 : *room > 400 ? 400 : *room;
    return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_statements(sd_bus_message *m, const struct broker *b, const struct row *row)
{
    size_t taken = row_size(row), room = taken < API_PAGE_MAX ? API_PAGE_MAX - taken : 0;
    int r = row_open_value(m, "statements", 'a', "a{sv}", "aa{sv}");

    if (r >= 0)
        r = append_statement(m, b, row, row->grant.request, &room);
    /* Past the room for texts the rest is only named, and past all room not even that. */
    for (size_t i = 0; r >= 0 && room >= 400 && i < row->grant.n_responses; i++)
        r = append_statement(m, b, row, row->grant.responses[i], &room);
    return r < 0 ? r : row_close_value(m);
}

static int append_contact(sd_bus_message *m, const struct bg_policy *policy, const char *name, size_t *room)
{
    const struct bg_person *person = bg_policy_person(policy, name);
    size_t size = person != NULL && person->contact != NULL ? strlen(name) + strlen(person->contact) + 32 : 0;

    if (size == 0 || size > *room)
        return 0;
    *room -= size;
    return sd_bus_message_append(m, "{ss}", name, person->contact);
}

static int append_contacts(sd_bus_message *m, const struct bg_policy *policy, const struct row *row)
{
    struct bg_list people bg_cleanup_(bg_list_free) = {0};
    size_t room = CONTACTS_ROOM;
    const char *by = row->grant.request->st.by;
    int r = bg_list_add(&people, by, strlen(by));

    for (size_t i = 0; r >= 0 && i < row->answer.n_lines; i++)
        for (size_t k = 0; r >= 0 && k < row->answer.lines[i].approve->people.n; k++) {
            const char *name = row->answer.lines[i].approve->people.v[k];

            if (!bg_list_has(&people, name))
                r = bg_list_add(&people, name, strlen(name));
        }
    if (r >= 0)
        r = row_open_value(m, "contacts", 'a', "{ss}", "a{ss}");
    for (size_t i = 0; r >= 0 && row->contacts && i < people.n && i < 32; i++)
        r = append_contact(m, policy, people.v[i], &room);
    return r < 0 ? r : row_close_value(m);
}

struct showing {
    sd_bus_message *m;
    unsigned n;
};

/* The newest few: whoever holds a hundred sessions open must not make the answer too long for the bridge, and
 * so keep others from looking before they revoke. */
static int append_session(const struct bg_session *session, void *arg)
{
    struct showing *showing = arg;
    sd_bus_message *m = showing->m;

    if (showing->n++ >= SESSIONS_SHOWN)
        return 0;
    int r = sd_bus_message_open_container(m, 'a', "{sv}");

    if (r >= 0)
        r = row_string(m, "account", session->account);
    if (r >= 0)
        r = row_string(m, "rhost", session->rhost);
    if (r >= 0)
        r = row_time(m, "opened", session->opened);
    if (r >= 0)
        r = row_time(m, "ends", session->ends);
    return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_sessions(sd_bus_message *m, const struct broker *b, const struct row *row)
{
    struct showing showing = {.m = m};
    int r = row_open_value(m, "sessions_in", 'a', "a{sv}", "aa{sv}");

    if (r >= 0)
        r = sessions_each(b->sessions, row->grant.id, append_session, &showing);
    return r < 0 ? r : row_close_value(m);
}

static int load(struct conn *c, sd_bus_message *m, struct row *row, sd_bus_error *error)
{
    const char *typed = NULL;
    char person[65], id[BG_ID_SIZE];
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
    sd_bus_message *reply bg_cleanup_(sd_bus_message_unrefp) = NULL;
    struct row row bg_cleanup_(row_free) = {0};
    int r = load(c, m, &row, error);

    if (r < 0)
        return r;
    r = sd_bus_message_new_method_return(m, &reply);
    if (r >= 0)
        r = sd_bus_message_open_container(reply, 'a', "{sv}");
    if (r >= 0)
        r = row_append(reply, c->b, &row);
    if (r >= 0)
        r = row_bool(reply, "first",
                     bg_store_is_first_use(&c->b->store, row.grant.request, row.grant.id) == 1);
    if (r >= 0)
        r = append_statements(reply, c->b, &row);
    if (r >= 0)
        r = append_contacts(reply, &c->b->policy, &row);
    if (r >= 0)
        r = append_sessions(reply, c->b, &row);
    if (r >= 0)
        r = sd_bus_message_close_container(reply);
    return r < 0 ? r : sd_bus_message_send(reply);
}

/* --- Get --- */

static int append_pair(sd_bus_message *m, const struct bg_signed *s, size_t *room)
{
    bg_free_ char *armour = bg_sshsig_armour(s->blob, s->blob_len);

    if (armour == NULL)
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
    size_t room = API_PAGE_MAX;
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
