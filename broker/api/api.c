/* SPDX-License-Identifier: ISC */
#include "broker/api/api.h"
#include "policy/rules/eligibility.h"
#include "policy/base/cleanup.h"
#include "broker/api/row.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int api_fail(sd_bus_error *error, int r, const char *sentence)
{
    const char *name = API_ERROR "Refused";

    if (r == -EINVAL || r == -E2BIG || r == -EMSGSIZE || r == -EBADMSG)
        name = API_ERROR "Invalid";
    else if (r == -ENOENT)
        name = API_ERROR "NotFound";
    else if (r == -ENOTUNIQ)
        name = API_ERROR "Ambiguous";
    else if (r == -EBUSY)
        name = API_ERROR "Busy";
    else if (r == -ENXIO)
        name = API_ERROR "NobodyKnown";
    if (sentence == NULL || sentence[0] == '\0')
        sentence = r == -ENOMEM ? "the host is out of memory; try again" : "it failed";
    return sd_bus_error_set(error, name, sentence);
}

int api_find(struct conn *c, const char *typed, char person[65], char id[BG_ID_SIZE], sd_bus_error *error)
{
    char prefix[BG_ID_SIZE];
    struct bg_sentence err;

    if (bg_id_parse(prefix, typed) < 0) {
        (void)bg_fail(&err, -EINVAL, "\"%.40s\" is no grant ID; they look like K7Q4-M2XP-9D3F", typed);
        return api_fail(error, -EINVAL, err.text);
    }
    int r = bg_store_find(&c->b->store, prefix, person, id);

    if (r == 0)
        return 0;
    if (r == -ENOTUNIQ)
        (void)bg_fail(&err, r, "several grants begin with %s: give more of the ID", prefix);
    else
        (void)bg_fail(&err, r, "this host knows no grant %s", prefix);
    return api_fail(error, r == -ENOTUNIQ ? r : -ENOENT, err.text);
}

/* --- Who, Roles, Why, Watch --- */

/* The fingerprints of the caller's keys that sign statements today: which of an agent's keys to take. */
static int append_keys(sd_bus_message *m, const struct conn *c)
{
    int64_t now = bg_now();
    int r = row_open_value(m, "keys", 'a', "s", "as");

    for (size_t i = 0; r >= 0 && i < c->b->signers.n; i++) {
        const struct bg_signer *s = &c->b->signers.v[i];
        char fingerprint[BG_FINGERPRINT_SIZE];

        if (s->is_host || strcmp(s->name, c->peer.person) != 0 ||
            bg_signers_find(&c->b->signers, &s->key, BG_NS_SIGN, now, NULL) != s)
            continue;
        bg_key_fingerprint(fingerprint, s->key.blob, s->key.blob_len);
        r = sd_bus_message_append(m, "s", fingerprint);
    }
    return r < 0 ? r : row_close_value(m);
}

int api_who(sd_bus_message *m, void *arg, sd_bus_error *error)
{
    struct conn *c = arg;
    sd_bus_message *reply bg_cleanup_(sd_bus_message_unrefp) = NULL;
    char policy[BG_DIGEST_HEX], signers[BG_DIGEST_HEX];
    int r = sd_bus_message_new_method_return(m, &reply);

    (void)error;
    bg_hex(policy, c->b->policy.digest);
    bg_hex(signers, c->b->signers.digest);
    if (r >= 0)
        r = sd_bus_message_open_container(reply, 'a', "{sv}");
    if (r >= 0)
        r = row_string(reply, "host", c->b->has_host ? c->b->host.name : "");
    if (r >= 0)
        r = row_string(reply, "person", c->peer.person);
    if (r >= 0)
        r = row_string(reply, "how", peer_how_name(c->peer.how));
    if (r >= 0)
        r = row_string(reply, "key", c->peer.key);
    if (r >= 0)
        r = row_string(reply, "version", PACKAGE_VERSION);
    if (r >= 0)
        r = row_string(reply, "policy", policy);
    if (r >= 0)
        r = row_time(reply, "policy_time", c->b->policy.changed);
    if (r >= 0)
        r = row_string(reply, "signers", signers);
    if (r >= 0)
        r = row_time(reply, "signers_time", c->b->signers.changed);
    if (r >= 0)
        r = row_time(reply, "now", bg_now());
    if (r >= 0)
        r = row_bool(reply, "locked", c->b->locked);
    if (r >= 0)
        r = row_bool(reply, "signing", c->b->policy.signing_host);
    if (r >= 0)
        r = row_bool(reply, "sees_all", api_sees_all(c));
    if (r >= 0)
        r = row_bool(reply, "approver",
                     c->b->has_host && bg_may_approve(&c->b->policy, c->b->host.name, c->peer.person));
    if (r >= 0 && c->peer.person[0] != '\0')
        r = append_keys(reply, c);
    if (r >= 0)
        r = sd_bus_message_close_container(reply);
    return r < 0 ? r : sd_bus_message_send(reply);
}

/* The role's accounts for this person: "personal" is their own. */
static int append_accounts(sd_bus_message *m, const struct broker *b, const struct bg_role *role,
                           const char *name)
{
    const struct bg_person *person = bg_policy_person(&b->policy, name);
    int r = row_open_value(m, "accounts", 'a', "s", "as");

    for (size_t i = 0; r >= 0 && i < role->accounts.n; i++) {
        const char *account = role->accounts.v[i];

        if (strcmp(account, "personal") == 0)
            account = person != NULL ? person->user : NULL;
        if (account != NULL)
            r = sd_bus_message_append(m, "s", account);
    }
    return r < 0 ? r : row_close_value(m);
}

static int append_approve(sd_bus_message *m, const struct bg_role *role)
{
    int r = row_open_value(m, "approve", 'a', "s", "as");

    for (size_t i = 0; r >= 0 && i < role->n_approve; i++)
        r = sd_bus_message_append(m, "s", role->approve[i].text);
    return r < 0 ? r : row_close_value(m);
}

static size_t list_size(const struct bg_list *list)
{
    size_t size = 16;

    for (size_t i = 0; i < list->n; i++)
        size += strlen(list->v[i]) + 8;
    return size;
}

/* Appends one role if there is room for it. */
static int append_role(sd_bus_message *m, const struct broker *b, const struct bg_role *role,
                       const char *person, size_t *room)
{
    struct bg_list who bg_cleanup_(bg_list_free) = {0};
    int r = bg_request_approvals(&who, &b->policy, role, person);
    size_t size = 400 + strlen(role->name) + (role->description != NULL ? strlen(role->description) : 0) +
                  list_size(&role->hosts) + list_size(&role->accounts) + list_size(&role->credentials) +
                  list_size(&who);

    for (size_t i = 0; i < role->n_approve; i++)
        size += strlen(role->approve[i].text) + 8;
    if (r >= 0 && size > *room)
        return 0;
    *room -= size < *room ? size : *room;
    if (r >= 0)
        r = sd_bus_message_open_container(m, 'a', "{sv}");
    if (r >= 0)
        r = row_string(m, "name", role->name);
    if (r >= 0)
        r = row_string(m, "description", role->description);
    if (r >= 0)
        r = row_list(m, "hosts", &role->hosts);
    if (r >= 0)
        r = append_accounts(m, b, role, person);
    if (r >= 0)
        r = row_list(m, "credentials", &role->credentials);
    if (r >= 0)
        r = row_time(m, "max_duration", role->max_duration);
    if (r >= 0)
        r = append_approve(m, role);
    if (r >= 0)
        r = row_list(m, "who", &who);
    if (r >= 0)
        r = row_bool(m, "solo", role->solo);
    if (r >= 0)
        r = row_bool(m, "critical", role->critical);
    return r < 0 ? r : sd_bus_message_close_container(m);
}

int api_nobody(const struct conn *c, sd_bus_error *error)
{
    struct bg_sentence err;

    (void)bg_fail(&err, -ENXIO,
                  "this host does not know who you are (uid %u): come through ssh breakglass@%s with a key "
                  "that names you",
                  (unsigned)c->peer.uid, c->b->has_host ? c->b->host.name : "HOST");
    return api_fail(error, -ENXIO, err.text);
}

int api_roles(sd_bus_message *m, void *arg, sd_bus_error *error)
{
    struct conn *c = arg;
    const struct bg_policy *policy = &c->b->policy;
    sd_bus_message *reply bg_cleanup_(sd_bus_message_unrefp) = NULL;
    size_t room = API_PAGE_MAX; /* a role that is not shown can be asked for by name all the same */

    if (c->peer.person[0] == '\0')
        return api_nobody(c, error);
    int r = sd_bus_message_new_method_return(m, &reply);

    if (r >= 0)
        r = sd_bus_message_open_container(reply, 'a', "a{sv}");
    for (size_t i = 0; r >= 0 && !policy->broken && i < policy->n_roles; i++) {
        const struct bg_role *role = &policy->roles[i];

        if (!role->broken && bg_list_has(&role->requesters, c->peer.person) &&
            bg_role_host(role, c->b->host.name))
            r = append_role(reply, c->b, role, c->peer.person, &room);
    }
    if (r >= 0)
        r = sd_bus_message_close_container(reply);
    return r < 0 ? r : sd_bus_message_send(reply);
}

/* The grant that lets the person into the account, or the one whose "no" tells most: the newest that names
 * the account. */
static int choose(struct row *best, const struct conn *c, const char *person, const char *account)
{
    const struct broker *b = c->b;
    struct bg_grants grants bg_cleanup_(bg_grants_free) = {0};
    struct bg_question question = broker_question(b, bg_now());
    int r = bg_store_load_person(&b->store, person, false, &grants);

    question.person = person;
    question.account = account;
    for (size_t i = 0; r >= 0 && i < grants.n; i++) {
        struct bg_answer answer = {0};

        if (grants.v[i].request == NULL)
            continue;
        question.names_only = !row_concerns(c, &grants.v[i].request->st);
        r = bg_decide(&answer, &b->policy, &b->signers, &grants.v[i], &question);
        bool first =
            best->grant.request == NULL && bg_list_has(&grants.v[i].request->st.terms.accounts, account);

        if (r < 0 || (!first && answer.state != BG_STATE_OPEN)) {
            bg_answer_free(&answer);
            continue;
        }
        row_free(best);
        best->answer = answer;
        best->grant = grants.v[i]; /* taken over: the answer points into it */
        grants.v[i] = (struct bg_grant){0};
        if (answer.state == BG_STATE_OPEN)
            break;
    }
    return r < 0 && r != -ENOENT ? r : 0;
}

int api_why(sd_bus_message *m, void *arg, sd_bus_error *error)
{
    struct conn *c = arg;
    sd_bus_message *reply bg_cleanup_(sd_bus_message_unrefp) = NULL;
    const char *person = NULL, *account = NULL;
    struct row row bg_cleanup_(row_free) = {0};
    struct bg_sentence none;
    int r = sd_bus_message_read(m, "ss", &person, &account);

    if (r < 0)
        return r;
    if (person[0] == '\0')
        person = c->peer.person;
    if (person[0] == '\0')
        return api_nobody(c, error);
    if (!bg_is_person(person) || !bg_is_account(account))
        return api_fail(error, -EINVAL, "that is no person, or no account");
    if (!c->b->has_host)
        return api_fail(error, -EPERM, c->b->host_error.text);
    r = choose(&row, c, person, account);
    if (r < 0)
        return api_fail(error, r, NULL);
    bool known = row.grant.request != NULL;

    (void)bg_fail(&none, -ENOENT, "%s has not asked for %s on this host: breakglass request ROLE --host %s",
                  person, account, c->b->host.name);
    r = sd_bus_message_new_method_return(m, &reply);
    if (r >= 0)
        r = sd_bus_message_open_container(reply, 'a', "{sv}");
    if (r >= 0)
        r = row_bool(reply, "open", row.answer.state == BG_STATE_OPEN);
    if (r >= 0)
        r = row_string(reply, "state", bg_state_name(row.answer.state));
    if (r >= 0)
        r = row_string(reply, "why", bg_why_name(known ? row.answer.why : BG_WHY_NO_REQUEST));
    if (r >= 0)
        r = row_string(reply, "sentence", known ? row.answer.sentence.text : none.text);
    if (r >= 0)
        r = row_string(reply, "id", row.grant.id);
    if (r >= 0)
        r = sd_bus_message_close_container(reply);
    return r < 0 ? r : sd_bus_message_send(reply);
}

static int api_watch(sd_bus_message *m, void *arg, sd_bus_error *error)
{
    struct conn *c = arg;
    int on = 0;
    int r = sd_bus_message_read(m, "b", &on);

    (void)error;
    if (r < 0)
        return r;
    server_watch(c, on != 0);
    return sd_bus_reply_method_return(m, "");
}

/* clang-format off */
static const sd_bus_vtable vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("Who", SD_BUS_NO_ARGS, SD_BUS_RESULT("a{sv}", who), api_who,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Roles", SD_BUS_NO_ARGS, SD_BUS_RESULT("aa{sv}", roles), api_roles,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Explain", SD_BUS_ARGS("u", from), SD_BUS_RESULT("as", lines, "u", next),
                            api_explain, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("List", SD_BUS_ARGS("s", which, "s", after),
                            SD_BUS_RESULT("aa{sv}", rows, "s", next), api_list, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Show", SD_BUS_ARGS("s", id), SD_BUS_RESULT("a{sv}", grant), api_show,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Get", SD_BUS_ARGS("s", id), SD_BUS_RESULT("a(ss)", statements), api_get,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Draft", SD_BUS_ARGS("s", kind, "a{sv}", parameters), SD_BUS_RESULT("s", text),
                            api_draft, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Put", SD_BUS_ARGS("s", input), SD_BUS_RESULT("aa{sv}", outcomes), api_put,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Ask", SD_BUS_ARGS("a{sv}", parameters), SD_BUS_RESULT("a{sv}", grant), api_ask,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Close", SD_BUS_ARGS("s", id, "s", reason), SD_BUS_RESULT("a{sv}", grant),
                            api_close, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Watch", SD_BUS_ARGS("b", on), SD_BUS_NO_RESULT, api_watch,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Log", SD_BUS_ARGS("a{sv}", filter), SD_BUS_RESULT("aa{sv}", rows, "s", next),
                            api_log, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Why", SD_BUS_ARGS("s", person, "s", account), SD_BUS_RESULT("a{sv}", answer),
                            api_why, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_SIGNAL_WITH_ARGS("Changed", SD_BUS_ARGS("s", person, "s", id, "s", state), 0),
    SD_BUS_SIGNAL_WITH_ARGS("Logged", SD_BUS_ARGS("s", grant), 0),
    SD_BUS_VTABLE_END,
};
/* clang-format on */

int api_attach(struct conn *c)
{
    return sd_bus_add_object_vtable(c->bus, NULL, API_PATH, API_INTERFACE, vtable, c);
}
