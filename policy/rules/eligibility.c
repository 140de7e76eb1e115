/* SPDX-License-Identifier: ISC */
/* What a person may request, and the terms that such a request states in full. */
#include "policy/rules/eligibility.h"

#include "policy/base/cleanup.h"
#include "policy/base/name.h"
#include "policy/rules/phrase.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void bg_terms_clear(struct bg_terms *terms)
{
    free(terms->role);
    bg_list_free(&terms->hosts);
    bg_list_free(&terms->accounts);
    bg_list_free(&terms->credentials);
    free(terms->reason);
    *terms = (struct bg_terms){0};
}

static int compare_strings(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Adds in order, once. */
static int add_sorted(struct bg_list *list, const char *word)
{
    int r = bg_list_has(list, word) ? 0 : bg_list_add(list, word, strlen(word));

    if (list->n > 1)
        qsort(list->v, list->n, sizeof *list->v, compare_strings);
    return r;
}

static int check_role(const struct bg_policy *policy, const char *person, const char *name,
                      const struct bg_role **role, struct bg_sentence *err)
{
    if (policy->broken)
        return bg_fail(err, -EPERM,
                       "the policy has errors, so nobody gets anything; breakglass policy check names them");
    *role = bg_policy_role(policy, name);
    if (!*role)
        return bg_fail(err, -EINVAL, "there is no role %s", name);
    if ((*role)->broken)
        return bg_fail(err, -EPERM, "role %s has an error in %s (the section at line %u), so nobody gets it",
                       name, (*role)->file, (*role)->line);
    if (!bg_list_has(&(*role)->requesters, person))
        return bg_fail(err, -EPERM, "%s may not request %s: not among its Requesters=", person, name);
    return 0;
}

static int take_hosts(struct bg_terms *terms, const struct bg_role *role, const struct bg_list *hosts,
                      struct bg_sentence *err)
{
    if (hosts->n == 0)
        return bg_fail(err, -EINVAL, "on which host? a request names each host");
    if (hosts->n > BG_LIST_MAX)
        return bg_fail(err, -EINVAL, "%zu hosts are too many for one request; at most %d", hosts->n,
                       BG_LIST_MAX);
    for (size_t i = 0; i < hosts->n; i++) {
        if (!bg_is_host(hosts->v[i]))
            return bg_fail(err, -EINVAL, "'%s' is not a host's name", hosts->v[i]);
        if (!bg_role_host(role, hosts->v[i]))
            return bg_fail(err, -EPERM, "role %s does not lead to %s: no Hosts= of it matches", role->name,
                           hosts->v[i]);
        int r = add_sorted(&terms->hosts, hosts->v[i]);
        if (r < 0)
            return r;
    }
    return 0;
}

/* All of the role's accounts for that person. Who has no account of their own is not offered one. */
static int take_all_accounts(struct bg_terms *terms, const struct bg_policy *policy,
                             const struct bg_role *role, const char *person, struct bg_sentence *err)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < role->accounts.n; i++) {
        const struct bg_person *p = bg_policy_person(policy, person);
        const char *account = role->accounts.v[i];
        if (strcmp(account, "personal") == 0)
            account = p && p->user && bg_role_account(policy, role, person, p->user) ? p->user : NULL;
        if (account)
            r = add_sorted(&terms->accounts, account);
    }
    if (r >= 0 && terms->accounts.n == 0 && role->credentials.n == 0)
        return bg_fail(
            err, -EPERM,
            "role %s opens a personal account, and %s has none: [Person %s] has no User= of its own",
            role->name, person, person);
    return r;
}

static int take_accounts(struct bg_terms *terms, const struct bg_policy *policy, const struct bg_role *role,
                         const char *person, const struct bg_list *accounts, struct bg_sentence *err)
{
    if (!accounts || accounts->n == 0)
        return take_all_accounts(terms, policy, role, person, err);
    for (size_t i = 0; i < accounts->n; i++) {
        if (!bg_is_account(accounts->v[i]))
            return bg_fail(err, -EINVAL, "'%s' is not an account's name", accounts->v[i]);
        if (!bg_role_account(policy, role, person, accounts->v[i]))
            return bg_fail(err, -EPERM, "role %s does not open account %s for %s", role->name, accounts->v[i],
                           person);
        int r = add_sorted(&terms->accounts, accounts->v[i]);
        if (r < 0)
            return r;
    }
    return 0;
}

static int take_rest(struct bg_terms *terms, const struct bg_role *role, int64_t duration,
                     struct bg_sentence *err)
{
    char most[BG_DURATION_SIZE];
    int r = 0;

    bg_duration_format(most, role->max_duration);
    if (duration <= 0)
        return bg_fail(err, -EINVAL, "for how long? role %s gives at most %s", role->name, most);
    if (duration > role->max_duration)
        return bg_fail(err, -EPERM, "role %s gives at most %s", role->name, most);
    terms->duration = duration;
    terms->role = strdup(role->name);
    if (!terms->role)
        return -ENOMEM;
    for (size_t i = 0; r >= 0 && i < role->credentials.n; i++)
        r = add_sorted(&terms->credentials, role->credentials.v[i]);
    return r;
}

int bg_may_request(struct bg_terms *terms, const struct bg_policy *policy, const char *person,
                   const char *role, const struct bg_list *hosts, const struct bg_list *accounts,
                   int64_t duration, struct bg_sentence *err)
{
    const struct bg_role *found = NULL;
    int r;

    *terms = (struct bg_terms){0};
    r = check_role(policy, person, role, &found, err);
    if (r >= 0)
        r = take_hosts(terms, found, hosts, err);
    if (r >= 0)
        r = take_accounts(terms, policy, found, person, accounts, err);
    if (r >= 0)
        r = take_rest(terms, found, duration, err);
    if (r == -ENOMEM)
        (void)bg_fail(err, r, "out of memory");
    if (r < 0)
        bg_terms_clear(terms);
    return r;
}

const struct bg_role *bg_next_role(const struct bg_policy *policy, const struct bg_role *after,
                                   const char *person, const char *host, const char *account)
{
    const struct bg_role *end = policy->roles + policy->n_roles;

    for (const struct bg_role *role = after ? after + 1 : policy->roles; !policy->broken && role < end;
         role++)
        if (!role->broken && bg_list_has(&role->requesters, person) && bg_role_host(role, host) &&
            bg_role_account(policy, role, person, account))
            return role;
    return NULL;
}

static int add_line(struct bg_list *lines, const struct bg_policy *policy, const struct bg_approve *approve,
                    const char *person)
{
    bg_cleanup_(bg_list_free) struct bg_list others = {0};
    char text[BG_SENTENCE_SIZE] = "";
    struct bg_phrase phrase = {.out = text, .size = sizeof text};

    for (size_t i = 0; i < approve->people.n; i++)
        if (strcmp(approve->people.v[i], person) != 0 &&
            bg_list_add(&others, approve->people.v[i], strlen(approve->people.v[i])) < 0)
            return -ENOMEM;
    bg_phrase_add(&phrase, "%s: ", approve->text);
    bg_phrase_people(&phrase, policy, &others);
    if (others.n == 0)
        bg_phrase_add(&phrase, "nobody");
    return bg_list_add(lines, text, strlen(text));
}

int bg_request_approvals(struct bg_list *lines, const struct bg_policy *policy, const struct bg_role *role,
                         const char *person)
{
    static const char solo[] =
        "nobody: it is a solo role; everyone is alerted, and it is reviewed afterwards";
    int r = 0;

    if (role->solo)
        return bg_list_add(lines, solo, sizeof solo - 1);
    for (size_t i = 0; r >= 0 && i < role->n_approve; i++)
        r = add_line(lines, policy, &role->approve[i], person);
    return r;
}
