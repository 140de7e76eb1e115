/* SPDX-License-Identifier: ISC */
/* The policy as a value: its defaults, its end, and what it knows of a role, a person or a group. */
#include "policy/rules/policy.h"

#include "policy/base/name.h"
#include "policy/rules/draft.h"

#include <stdlib.h>
#include <string.h>

void bg_policy_begin(struct bg_policy *policy)
{
    *policy = (struct bg_policy){
        .max_duration = 3600,
        .gather = 3600,
        .clock_skew = 900,
        .review_within = 72 * 3600,
    };
}
static void role_free(struct bg_role *role)
{
    free(role->name);
    free(role->description);
    bg_list_free(&role->requesters);
    for (size_t i = 0; i < role->n_approve; i++) {
        bg_list_free(&role->approve[i].people);
        free(role->approve[i].text);
    }
    free(role->approve);
    bg_list_free(&role->hosts);
    bg_list_free(&role->accounts);
    bg_list_free(&role->credentials);
    free(role->file);
}

static void people_free(struct bg_policy *policy)
{
    for (size_t i = 0; i < policy->n_people; i++) {
        free(policy->people[i].name);
        free(policy->people[i].user);
        free(policy->people[i].contact);
        free(policy->people[i].file);
    }
    free(policy->people);
    for (size_t i = 0; i < policy->n_groups; i++) {
        free(policy->groups[i].name);
        bg_list_free(&policy->groups[i].members);
        free(policy->groups[i].file);
    }
    free(policy->groups);
}

void bg_policy_free(struct bg_policy *policy)
{
    people_free(policy);
    for (size_t i = 0; i < policy->n_roles; i++)
        role_free(&policy->roles[i]);
    free(policy->roles);
    for (size_t i = 0; i < policy->n_automations; i++) {
        free(policy->automations[i].name);
        bg_list_free(&policy->automations[i].accounts);
        bg_list_free(&policy->automations[i].hosts);
        free(policy->automations[i].file);
    }
    free(policy->automations);
    bg_list_free(&policy->administrators);
    bg_list_free(&policy->reviewers);
    bg_problems_free(&policy->problems);
    bg_policy_draft_free(policy->draft);
    *policy = (struct bg_policy){.broken = true};
}

/* --- what it knows --- */

const struct bg_role *bg_policy_role(const struct bg_policy *policy, const char *name)
{
    for (size_t i = 0; i < policy->n_roles; i++)
        if (strcmp(policy->roles[i].name, name) == 0)
            return &policy->roles[i];
    return NULL;
}

const struct bg_person *bg_policy_person(const struct bg_policy *policy, const char *name)
{
    for (size_t i = 0; i < policy->n_people; i++)
        if (strcmp(policy->people[i].name, name) == 0)
            return &policy->people[i];
    return NULL;
}

const struct bg_person *bg_policy_person_by_user(const struct bg_policy *policy, const char *user)
{
    const struct bg_person *found = NULL;

    for (size_t i = 0; i < policy->n_people; i++) {
        if (!policy->people[i].user || strcmp(policy->people[i].user, user) != 0)
            continue;
        if (found)
            return NULL;
        found = &policy->people[i];
    }
    return found;
}

const struct bg_group *bg_policy_group(const struct bg_policy *policy, const char *name)
{
    for (size_t i = 0; i < policy->n_groups; i++)
        if (strcmp(policy->groups[i].name, name) == 0)
            return &policy->groups[i];
    return NULL;
}

bool bg_role_approver(const struct bg_role *role, const char *person)
{
    for (size_t i = 0; i < role->n_approve; i++)
        if (bg_list_has(&role->approve[i].people, person))
            return true;
    return false;
}

static bool any_glob(const struct bg_list *globs, const char *host)
{
    for (size_t i = 0; i < globs->n; i++)
        if (bg_glob(globs->v[i], host))
            return true;
    return false;
}

bool bg_role_host(const struct bg_role *role, const char *host)
{
    return any_glob(&role->hosts, host);
}

bool bg_role_account(const struct bg_policy *policy, const struct bg_role *role, const char *person,
                     const char *account)
{
    const struct bg_person *p;

    for (size_t i = 0; i < role->accounts.n; i++)
        if (strcmp(role->accounts.v[i], "personal") != 0 && strcmp(role->accounts.v[i], account) == 0)
            return true;
    /* By user, so that an account which two persons claim is nobody's. */
    p = role->personal ? bg_policy_person_by_user(policy, account) : NULL;
    return p && strcmp(p->name, person) == 0;
}

static bool covers(const struct bg_automation *automation, const char *host, const char *account)
{
    return !automation->broken && bg_list_has(&automation->accounts, account) &&
           any_glob(&automation->hosts, host);
}

const struct bg_automation *bg_policy_automation(const struct bg_policy *policy, const char *name,
                                                 const char *host, const char *account)
{
    for (size_t i = 0; !policy->broken && i < policy->n_automations; i++)
        if (strcmp(policy->automations[i].name, name) == 0 && covers(&policy->automations[i], host, account))
            return &policy->automations[i];
    return NULL;
}
