/* SPDX-License-Identifier: ISC */
/* Each method of the broker as a played host answers it, from the scenario and by the real decision. */
#include "tests/screen/answers.h"

#include "broker/bus/append.h"
#include "policy/admission/choose.h"
#include "policy/rules/eligibility.h"
#include "policy/base/cleanup.h"
#include "policy/rules/explain.h"
#include "tests/screen/grants.h"
#include "tests/screen/pens.h"
#include "tests/screen/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int answer_fields(sd_bus_message *m, const struct fields *f)
{
    sd_bus_message *reply bg_cleanup_(sd_bus_message_unrefp) = NULL;
    int r = sd_bus_message_new_method_return(m, &reply);

    if (r >= 0)
        r = fields_append(reply, f);
    return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

int answer_fail(sd_bus_error *error, int r, const char *sentence)
{
    const char *name = r == -EINVAL     ? "Invalid"
                       : r == -ENOENT   ? "NotFound"
                       : r == -ENOTUNIQ ? "Ambiguous"
                       : r == -ENXIO    ? "NobodyKnown"
                                        : "Refused";
    char full[64];

    (void)snprintf(full, sizeof full, BG_BUS_ERROR "%s", name);
    return sd_bus_error_set(error, full, sentence);
}

int answer_nobody(sd_bus_error *error)
{
    return answer_fail(error, -ENXIO,
                       "this host does not know who you are: come through ssh breakglass@HOST");
}

/* --- Who --- */

static void put_key(const char *name, struct bg_list *keys)
{
    char fingerprint[BG_FINGERPRINT_SIZE];

    pen_fingerprint(fingerprint, name);
    need_word(keys, fingerprint);
}

static void put_keys(const struct play *p, struct fields *f)
{
    struct bg_list keys = {0};
    char own[80];

    pen_of(p, p->person, own);
    for (size_t i = 0; i < p->keys.n; i++)
        put_key(p->keys.v[i], &keys);
    if (!p->has_keys)
        put_key(own, &keys);
    if (*p->person || p->has_keys)
        fields_list(f, BG_NAME(who, keys), &keys);
    bg_list_free(&keys);
}

int answer_who(struct play *p, struct client *c, sd_bus_message *m, sd_bus_error *error)
{
    struct fields f bg_cleanup_(fields_free) = {0};
    char policy[BG_DIGEST_HEX], signers[BG_DIGEST_HEX], key[BG_FINGERPRINT_SIZE] = "", own[80];

    (void)c, (void)error;
    bg_hex(policy, p->b.site.policy.digest);
    bg_hex(signers, p->b.site.signers.digest);
    pen_of(p, p->person, own);
    if (strcmp(p->how, "session") == 0)
        pen_fingerprint(key, own);
    fields_text(&f, BG_NAME(who, host), p->b.site.host.name);
    fields_text(&f, BG_NAME(who, person), p->person);
    fields_text(&f, BG_NAME(who, how), p->how);
    fields_text(&f, BG_NAME(who, key), key);
    fields_text(&f, BG_NAME(who, version), PACKAGE_VERSION);
    fields_text(&f, BG_NAME(who, policy), p->policy_digest ? p->policy_digest : policy);
    fields_number(&f, BG_NAME(who, policy_time), 'x', p->policy_time);
    fields_text(&f, BG_NAME(who, signers), p->signers_digest ? p->signers_digest : signers);
    fields_number(&f, BG_NAME(who, signers_time), 'x', p->signers_time);
    fields_number(&f, BG_NAME(who, now), 'x', play_now(p));
    fields_number(&f, BG_NAME(who, locked), 'b', p->b.site.locked);
    fields_number(&f, BG_NAME(who, signing), 'b', p->b.site.policy.signing_host);
    fields_number(&f, BG_NAME(who, sees_all), 'b', p->sees_all);
    if (!p->older)
        fields_number(&f, BG_NAME(who, approver), 'b',
                      bg_may_approve(&p->b.site.policy, p->b.site.host.name, p->person));
    put_keys(p, &f);
    fields_change_all(&f, &p->changes);
    return answer_fields(m, &f);
}

/* --- Roles --- */

static void put_accounts(const struct play *p, const struct bg_role *role, struct fields *f)
{
    const struct bg_person *person = bg_policy_person(&p->b.site.policy, p->person);
    struct bg_list accounts = {0};

    for (size_t i = 0; i < role->accounts.n; i++)
        if (strcmp(role->accounts.v[i], "personal") != 0)
            need_word(&accounts, role->accounts.v[i]);
        else if (person && person->user)
            need_word(&accounts, person->user);
    fields_list(f, BG_NAME(role, accounts), &accounts);
    bg_list_free(&accounts);
}

static void put_role(const struct play *p, const struct bg_role *role, struct fields *f)
{
    struct bg_list approve = {0}, who = {0};

    for (size_t i = 0; i < role->n_approve; i++)
        need_word(&approve, role->approve[i].text);
    if (bg_request_approvals(&who, &p->b.site.policy, role, p->person) < 0)
        abort();
    fields_text(f, BG_NAME(role, name), role->name);
    fields_text(f, BG_NAME(role, description), role->description);
    fields_list(f, BG_NAME(role, hosts), &role->hosts);
    put_accounts(p, role, f);
    fields_list(f, BG_NAME(role, credentials), &role->credentials);
    fields_number(f, BG_NAME(role, max_duration), 'x', role->max_duration);
    fields_list(f, BG_NAME(role, approve), &approve);
    fields_list(f, BG_NAME(role, who), &who);
    fields_number(f, BG_NAME(role, solo), 'b', role->solo);
    fields_number(f, BG_NAME(role, critical), 'b', role->critical);
    bg_list_free(&approve);
    bg_list_free(&who);
}

static int reply_rows(sd_bus_message *m, const struct field *all, const struct field *more)
{
    sd_bus_message *reply bg_cleanup_(sd_bus_message_unrefp) = NULL;
    int r = sd_bus_message_new_method_return(m, &reply);

    if (r >= 0)
        r = sd_bus_message_open_container(reply, 'a', "a{sv}");
    for (size_t i = 0; r >= 0 && i < all->n_rows; i++)
        r = fields_append(reply, &all->rows[i]);
    for (size_t i = 0; r >= 0 && more && i < more->n_rows; i++)
        r = fields_append(reply, &more->rows[i]);
    if (r >= 0)
        r = sd_bus_message_close_container(reply);
    return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

int answer_roles(struct play *p, struct client *c, sd_bus_message *m, sd_bus_error *error)
{
    struct fields f bg_cleanup_(fields_free) = {0};
    const struct bg_policy *policy = &p->b.site.policy;

    (void)c;
    if (!*p->person)
        return answer_nobody(error);
    fields_rows(&f, "roles");
    for (size_t i = 0; !policy->broken && i < policy->n_roles; i++) {
        const struct bg_role *role = &policy->roles[i];

        if (!role->broken && bg_list_has(&role->requesters, p->person) &&
            bg_role_host(role, p->b.site.host.name))
            put_role(p, role, fields_row(&f, "roles"));
    }
    return reply_rows(m, fields_get(&f, "roles"), fields_get(&p->roles, "roles"));
}

/* --- List --- */

static void print_place(char out[128], const struct play_grant *g)
{
    (void)snprintf(out, 128, "%lld %.64s.%s", (long long)g->grant.request->st.time, g->grant.request->st.by,
                   g->grant.id);
}

/* The first that was asked at that time or before. */
static size_t find_time(const struct play *p, int64_t asked)
{
    size_t low = 0, high = p->n_grants;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (p->grants[middle]->grant.request->st.time > asked)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t find_place(const struct play *p, const char *after)
{
    const char *id = strrchr(after, '.');

    for (size_t i = id ? find_time(p, strtoll(after, NULL, 10)) : 0; id && i < p->n_grants; i++)
        if (strcmp(p->grants[i]->grant.id, id + 1) == 0)
            return i + 1;
    return id ? p->n_grants : 0;
}

static int append_page(sd_bus_message *reply, struct play *p, bool archived, const char *after,
                       char next[128])
{
    const struct play_grant *last = NULL;
    size_t size = 0;
    int r = 0;

    next[0] = '\0';
    for (size_t i = find_place(p, after); r >= 0 && i < p->n_grants; i++) {
        struct play_grant *g = p->grants[i];

        if (g->grant.archived && !archived)
            continue;
        if (g->state == BG_STATE_OPEN)
            row_judge(p, g); /* its sentence says how much is left */
        size += fields_size(&g->row);
        if (last && size > BG_PAGE_MAX) {
            print_place(next, last);
            return 0;
        }
        r = fields_append(reply, &g->row);
        last = g;
    }
    return r;
}

int answer_list(struct play *p, struct client *c, sd_bus_message *m, sd_bus_error *error)
{
    sd_bus_message *reply bg_cleanup_(sd_bus_message_unrefp) = NULL;
    const char *which, *after;
    char next[128];
    int r = sd_bus_message_read(m, "ss", &which, &after);

    (void)c;
    if (r < 0)
        return r;
    if (strcmp(which, "all") != 0 && strcmp(which, "live") != 0)
        return answer_fail(error, -EINVAL, "lists are \"live\" or \"all\"");
    r = sd_bus_message_new_method_return(m, &reply);
    if (r >= 0)
        r = sd_bus_message_open_container(reply, 'a', "a{sv}");
    if (r >= 0)
        r = append_page(reply, p, strcmp(which, "all") == 0, after, next);
    if (r >= 0)
        r = sd_bus_message_close_container(reply);
    if (r >= 0)
        r = sd_bus_message_append(reply, "s", next);
    return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

/* --- Show and Get --- */

static int find(struct play *p, sd_bus_message *m, struct play_grant **g, sd_bus_error *error)
{
    const char *typed;
    struct bg_sentence err;
    int r = sd_bus_message_read(m, "s", &typed);

    if (r < 0)
        return r;
    r = grant_find(p, typed, g, &err);
    if (r < 0)
        return answer_fail(error, r, err.text);
    grant_complete(p, *g);
    row_judge(p, *g);
    return 0;
}

/* The one whose statements are shown: itself, where it does not lie. */
static struct play_grant *shown(struct play *p, struct play_grant *g)
{
    struct play_grant *other = g->shows ? grant_named(p, g->shows) : NULL;

    return other ? other : g;
}

static void put_sessions(const struct play_grant *g, struct fields *f)
{
    static const char *const texts[] = {BG_NAME(session, account), BG_NAME(session, rhost)},
                             *const times[] = {BG_NAME(session, opened), BG_NAME(session, ends)};
    const struct field *in = fields_get(&g->sessions, "in");

    fields_rows(f, BG_NAME(grant, sessions_in));
    for (size_t i = 0; in && i < in->n_rows && i < 16; i++) {
        struct fields *row = fields_row(f, BG_NAME(grant, sessions_in));

        for (size_t k = 0; k < 2; k++)
            fields_text(row, texts[k], fields_get(&in->rows[i], texts[k])->text);
        for (size_t k = 0; k < 2; k++)
            fields_number(row, times[k], 'x', fields_get(&in->rows[i], times[k])->number);
    }
}

/* The person's only request for the role, unless the scenario says otherwise. */
static bool is_first(const struct play *p, const struct play_grant *g)
{
    const struct bg_statement *st = &g->grant.request->st;

    for (size_t i = 0; i < p->n_grants; i++) {
        const struct bg_statement *other = &p->grants[i]->grant.request->st;

        if (p->grants[i] != g && strcmp(other->by, st->by) == 0 &&
            strcmp(other->terms.role, st->terms.role) == 0)
            return false;
    }
    return true;
}

int answer_show(struct play *p, struct client *c, sd_bus_message *m, sd_bus_error *error)
{
    sd_bus_message *reply bg_cleanup_(sd_bus_message_unrefp) = NULL;
    struct fields more bg_cleanup_(fields_free) = {0};
    struct fields both bg_cleanup_(bg_freep) = {0};
    struct play_grant *g;
    int r = find(p, m, &g, error);

    (void)c;
    if (r < 0)
        return r;
    fields_number(&more, BG_NAME(grant, first), 'b', is_first(p, g));
    row_statements(p, shown(p, g), &more);
    row_contacts(p, g, &more);
    put_sessions(g, &more);
    fields_change_all(&more, &g->changes);
    /* One dictionary of both, which stay where they are. */
    both.v = need(calloc(g->row.n + more.n, sizeof *both.v));
    memcpy(both.v, g->row.v, g->row.n * sizeof *both.v);
    memcpy(both.v + g->row.n, more.v, more.n * sizeof *both.v);
    both.n = g->row.n + more.n;
    r = sd_bus_message_new_method_return(m, &reply);
    if (r >= 0)
        r = fields_append(reply, &both);
    return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int append_pair(sd_bus_message *reply, const struct bg_signed *s)
{
    bg_free_ char *armour = need(bg_sshsig_armour(s->blob, s->blob_len));

    return sd_bus_message_append(reply, "(ss)", s->st.text, armour);
}

int answer_get(struct play *p, struct client *c, sd_bus_message *m, sd_bus_error *error)
{
    static const enum bg_kind order[] = {BG_CLOSE, BG_APPROVE, BG_REVIEW};
    sd_bus_message *reply bg_cleanup_(sd_bus_message_unrefp) = NULL;
    struct play_grant *g;
    int r = find(p, m, &g, error);

    (void)c;
    if (r < 0)
        return r;
    g = shown(p, g);
    r = sd_bus_message_new_method_return(m, &reply);
    if (r >= 0)
        r = sd_bus_message_open_container(reply, 'a', "(ss)");
    if (r >= 0)
        r = append_pair(reply, g->grant.request);
    for (size_t k = 0; k < BG_COUNT(order); k++)
        for (size_t i = 0; r >= 0 && i < g->grant.n_responses; i++)
            if (g->grant.responses[i]->st.kind == order[k])
                r = append_pair(reply, g->grant.responses[i]);
    if (r >= 0)
        r = sd_bus_message_close_container(reply);
    return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

int answer_row(struct play *p, sd_bus_message *m, struct play_grant *g)
{
    row_judge(p, g);
    return answer_fields(m, &g->row);
}

/* --- Why, Explain, Watch --- */

/* As the real broker chooses: from a store, which is there for this question alone, so that no mark of it
 * outlives the clock that is played. */
static void choose(struct bg_choice *choice, struct play *p, const struct bg_question *question)
{
    struct bg_site site = p->b.site;
    struct scratch scratch;

    if (scratch_make(&scratch) < 0 || scratch_folder(&scratch, BG_VAR) < 0)
        abort();
    site.root = site.store.root = scratch.root;
    for (size_t i = 0; i < p->n_grants; i++)
        if (!p->grants[i]->generated && strcmp(p->grants[i]->grant.request->st.by, question->person) == 0)
            grant_store(&site.store, p->grants[i]);
    if (bg_choose(choice, &site, question) < 0)
        abort();
    scratch_drop(&scratch);
}

int answer_why(struct play *p, struct client *c, sd_bus_message *m, sd_bus_error *error)
{
    sd_bus_message *reply bg_cleanup_(sd_bus_message_unrefp) = NULL;
    struct bg_choice choice bg_cleanup_(bg_choice_free) = {0};
    struct bg_question question = row_question(p);
    int r = sd_bus_message_read(m, "ss", &question.person, &question.account);

    (void)c;
    if (r < 0)
        return r;
    if (!*question.person)
        question.person = p->person;
    if (!*question.person)
        return answer_nobody(error);
    choose(&choice, p, &question);
    r = sd_bus_message_new_method_return(m, &reply);
    if (r >= 0)
        r = bus_append_row(reply, &bg_why_type,
                           &(struct bg_why_row){
                               .open = choice.answer.state == BG_STATE_OPEN,
                               .state = bg_state_name(choice.answer.state),
                               .why = bg_why_name(choice.answer.why),
                               .sentence = choice.answer.sentence.text,
                               .id = choice.grant ? choice.grant->id : "",
                               .ends = choice.answer.until,
                           });
    return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

/* The scenario's lines, or else the policy as it is. */
int answer_explain(struct play *p, struct client *c, sd_bus_message *m, sd_bus_error *error)
{
    sd_bus_message *reply bg_cleanup_(sd_bus_message_unrefp) = NULL;
    struct bg_list own bg_cleanup_(bg_list_free) = {0};
    const struct bg_list *lines = p->explain.n > 0 ? &p->explain : &own;
    uint32_t from = 0;
    size_t size = 0, i;
    int r = sd_bus_message_read(m, "u", &from);

    (void)c;
    if (!*p->person && strcmp(p->how, "root") != 0)
        return answer_nobody(error);
    if (bg_explain_to(&own, &p->b.site.policy, p->sees_all ? NULL : p->person) < 0)
        abort();
    if (r >= 0)
        r = sd_bus_message_new_method_return(m, &reply);
    if (r >= 0)
        r = sd_bus_message_open_container(reply, 'a', "s");
    for (i = from; r >= 0 && i < lines->n; i++) {
        size += strlen(lines->v[i]) + 8;
        if (i > from && size > BG_PAGE_MAX)
            break;
        r = sd_bus_message_append(reply, "s", lines->v[i]);
    }
    if (r >= 0)
        r = sd_bus_message_close_container(reply);
    if (r >= 0)
        r = sd_bus_message_append(reply, "u", i < lines->n ? (uint32_t)i : 0);
    return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

int answer_watch(struct play *p, struct client *c, sd_bus_message *m, sd_bus_error *error)
{
    int on = 0, r = sd_bus_message_read(m, "b", &on);

    (void)p, (void)error;
    if (r < 0)
        return r;
    conn_watch(c, on != 0);
    return sd_bus_reply_method_return(m, "");
}
