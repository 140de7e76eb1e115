/* SPDX-License-Identifier: ISC */
/* The object with its methods, and those that need few lines: Who, Roles, Why, Watch. */
#include "broker/api/api.h"
#include "policy/admission/choose.h"
#include "policy/rules/eligibility.h"
#include "policy/rules/quorum.h"
#include "policy/base/cleanup.h"
#include "broker/api/row.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* --- Who, Roles, Why, Watch --- */

/* The fingerprints of the caller's keys that sign statements today: which of an agent's keys to take. */
static int list_keys(struct bg_list *keys, const struct conn *c)
{
    int64_t now = bg_now();
    int r = 0;

    for (size_t i = 0; r >= 0 && i < c->b->site.signers.n; i++) {
        const struct bg_signer *s = &c->b->site.signers.v[i];
        char fingerprint[BG_FINGERPRINT_SIZE];

        if (s->is_host || strcmp(s->name, c->peer.person) != 0 ||
            bg_signers_find(&c->b->site.signers, &s->key, BG_NS_SIGN, now, NULL) != s)
            continue;
        bg_key_fingerprint(fingerprint, s->key.blob, s->key.blob_len);
        r = bg_list_add(keys, fingerprint, strlen(fingerprint));
    }
    return r;
}

int api_who(sd_bus_message *m, void *arg, sd_bus_error *error)
{
    struct conn *c = arg;
    const struct broker *b = c->b;
    const char *host = b->site.has_host ? b->site.host.name : "";
    struct bg_list keys bg_cleanup_(bg_list_free) = {0};
    char policy[BG_DIGEST_HEX], signers[BG_DIGEST_HEX];
    int r = c->peer.person[0] != '\0' ? list_keys(&keys, c) : 0;

    (void)error;
    bg_hex(policy, b->site.policy.digest);
    bg_hex(signers, b->site.signers.digest);
    if (r < 0)
        return r;
    return api_reply_row(
        m, &bg_who_type,
        &(struct bg_who_row){
            .host = host,
            .person = c->peer.person,
            .how = peer_how_name(c->peer.how),
            .key = c->peer.key,
            .version = PACKAGE_VERSION,
            .policy = policy,
            .policy_time = b->site.policy.changed,
            .signers = signers,
            .signers_time = b->site.signers.changed,
            .now = bg_now(),
            .locked = b->site.locked,
            .signing = b->site.policy.signing_host,
            .sees_all = api_sees_all(c),
            .approver = b->site.has_host && bg_may_approve(&b->site.policy, host, c->peer.person),
            .keys = row_strings(&keys),
        });
}

/* The role's accounts for this person: "personal" is their own. */
static int list_accounts(struct bg_list *accounts, const struct broker *b, const struct bg_role *role,
                         const char *name)
{
    const struct bg_person *person = bg_policy_person(&b->site.policy, name);
    int r = 0;

    for (size_t i = 0; r >= 0 && i < role->accounts.n; i++) {
        const char *account = role->accounts.v[i];

        if (strcmp(account, "personal") == 0)
            account = person ? person->user : NULL;
        if (account)
            r = bg_list_add(accounts, account, strlen(account));
    }
    return r;
}

/* Appends one role if there is room for it. */
static int append_role(sd_bus_message *m, const struct broker *b, const struct bg_role *role,
                       const char *person, size_t *room)
{
    struct bg_list who bg_cleanup_(bg_list_free) = {0}, accounts bg_cleanup_(bg_list_free) = {0};
    const char *approve[BG_PLACES_MAX];
    struct bg_role_row row = {
        .name = role->name,
        .description = role->description,
        .hosts = row_strings(&role->hosts),
        .credentials = row_strings(&role->credentials),
        .max_duration = role->max_duration,
        .solo = role->solo,
        .critical = role->critical,
    };
    int r = bg_request_approvals(&who, &b->site.policy, role, person);

    if (r >= 0)
        r = list_accounts(&accounts, b, role, person);
    if (r < 0)
        return r;
    for (; row.approve.n < role->n_approve && row.approve.n < BG_PLACES_MAX; row.approve.n++)
        approve[row.approve.n] = role->approve[row.approve.n].text;
    row.approve.v = approve;
    row.who = row_strings(&who);
    row.accounts = row_strings(&accounts);
    size_t size = bus_row_size(&bg_role_type, &row);

    if (size > *room)
        return 0;
    *room -= size;
    return bus_append_row(m, &bg_role_type, &row);
}

int api_roles(sd_bus_message *m, void *arg, sd_bus_error *error)
{
    struct conn *c = arg;
    const struct bg_policy *policy = &c->b->site.policy;
    sd_bus_message *reply bg_cleanup_(sd_bus_message_unrefp) = NULL;
    size_t room = BG_PAGE_MAX; /* a role that is not shown can be requested by name all the same */

    if (c->peer.person[0] == '\0')
        return api_nobody(c, error);
    int r = sd_bus_message_new_method_return(m, &reply);

    if (r >= 0)
        r = sd_bus_message_open_container(reply, 'a', "a{sv}");
    for (size_t i = 0; r >= 0 && !policy->broken && i < policy->n_roles; i++) {
        const struct bg_role *role = &policy->roles[i];

        if (!role->broken && bg_list_has(&role->requesters, c->peer.person) &&
            bg_role_host(role, c->b->site.host.name))
            r = append_role(reply, c->b, role, c->peer.person, &room);
    }
    if (r >= 0)
        r = sd_bus_message_close_container(reply);
    return r < 0 ? r : sd_bus_message_send(reply);
}

/* The mark of when a grant opened was lost: its minutes count from now. */
static void tell_clock(struct broker *b, const char *person, const char *id)
{
    struct bg_event event = {.id = BG_EVENT_HOST_CLOCK};

    event.field[BG_FIELD_PERSON] = person;
    event.field[BG_FIELD_GRANT] = id;
    event.field[BG_FIELD_WHY] = BG_NOTED_AGAIN_WHY;
    broker_event(b, &event);
}

/* How to reach people is for those whom the grant concerns, and which grant it is is known once it is chosen.
 */
static int choose(struct bg_choice *choice, const struct conn *c, const struct bg_site *site,
                  const char *person, const char *account)
{
    struct bg_question question = bg_site_question(site, bg_now());

    question.person = person;
    question.account = account;
    question.names_only = true;
    int r = bg_choose(choice, site, &question);
    if (r >= 0 && choice->noted_again)
        tell_clock(c->b, person, choice->noted_again->id);
    if (r < 0 || !choice->grant || !row_concerns(c, &choice->grant->request->st))
        return r;
    bg_choice_free(choice);
    question.names_only = false;
    return bg_choose(choice, site, &question);
}

/* What the gate would do now: so it is asked of the files as they are, as the gate does, and not of what was
 * last heard of a change. */
int api_why(sd_bus_message *m, void *arg, sd_bus_error *error)
{
    struct conn *c = arg;
    const char *person = NULL, *account = NULL;
    struct bg_site site bg_cleanup_(bg_site_free) = {0};
    struct bg_choice choice bg_cleanup_(bg_choice_free) = {0};
    const struct bg_answer *answer = &choice.answer;
    int r = sd_bus_message_read(m, "ss", &person, &account);

    if (r < 0)
        return r;
    if (person[0] == '\0')
        person = c->peer.person;
    if (person[0] == '\0')
        return api_nobody(c, error);
    if (!bg_is_person(person) || !bg_is_account(account))
        return api_fail(error, -EINVAL, "that is no person, or no account");
    r = bg_site_load(&site, &c->b->site.root, true);
    if (r >= 0)
        r = choose(&choice, c, &site, person, account);
    if (r < 0)
        return api_fail(error, r, answer->sentence.text);
    return api_reply_row(m, &bg_why_type,
                         &(struct bg_why_row){
                             .open = answer->state == BG_STATE_OPEN,
                             .state = bg_state_name(answer->state),
                             .why = bg_why_name(answer->why),
                             .sentence = answer->sentence.text,
                             .id = choice.grant ? choice.grant->id : "",
                             .ends = answer->until,
                         });
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

#define HANDLER_WHO api_who
#define HANDLER_ROLES api_roles
#define HANDLER_EXPLAIN api_explain
#define HANDLER_LIST api_list
#define HANDLER_SHOW api_show
#define HANDLER_GET api_get
#define HANDLER_DRAFT api_draft
#define HANDLER_PUT api_put
#define HANDLER_ASK api_ask
#define HANDLER_CLOSE api_close
#define HANDLER_WATCH api_watch
#define HANDLER_LOG api_log
#define HANDLER_WHY api_why

/* clang-format off */
#define M(id, name, in, in_names, out, out_names, rows)                                                      \
    SD_BUS_METHOD_WITH_NAMES(name, in, in_names, out, out_names, HANDLER_##id, SD_BUS_VTABLE_UNPRIVILEGED),
#define S(id, name, in, in_names) SD_BUS_SIGNAL_WITH_NAMES(name, in, in_names, 0),
static const sd_bus_vtable vtable[] = {
    SD_BUS_VTABLE_START(0),
    BG_METHODS(M)
    BG_SIGNALS(S)
    SD_BUS_VTABLE_END,
};
/* clang-format on */

int api_attach(struct conn *c)
{
    return sd_bus_add_object_vtable(c->bus, NULL, BG_BUS_PATH, BG_BUS_INTERFACE, vtable, c);
}
