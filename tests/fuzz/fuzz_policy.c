/* SPDX-License-Identifier: ISC */
/* Any text as a policy: it never crashes, and what it lets through is whole. */
#include "policy/rules/check.h"
#include "policy/base/clean.h"
#include "policy/rules/explain.h"
#include "policy/base/name.h"
#include "policy/rules/load.h"
#include "policy/rules/quorum.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
    if (!condition)
        abort();
}

static void check_people(const struct bg_list *people)
{
    must(people->n <= BG_PEOPLE_MAX);
    for (size_t i = 0; i < people->n; i++)
        must(bg_is_person(people->v[i]) && (i == 0 || strcmp(people->v[i - 1], people->v[i]) < 0));
}

/* A role that is not broken. */
static void check_role(const struct bg_role *role)
{
    unsigned places = 0;

    must(role->solo == (role->n_approve == 0));
    must(role->hosts.n > 0 && role->accounts.n + role->credentials.n > 0 && role->max_duration > 0);
    must(!role->solo || role->review_within > 0);
    must(!bg_list_has(&role->accounts, "breakglass"));
    check_people(&role->requesters);
    for (size_t i = 0; i < role->n_approve; i++) {
        must(role->approve[i].need > 0);
        places += role->approve[i].need;
        check_people(&role->approve[i].people);
    }
    must(places <= BG_PLACES_MAX);
    must(role->solo || !bg_quorum_met(role, NULL, 0, NULL));
}

static void check_whole(const struct bg_policy *policy)
{
    for (size_t i = 0; i < policy->n_roles; i++)
        if (!policy->roles[i].broken)
            check_role(&policy->roles[i]);
    if (policy->broken)
        return;
    must(policy->gather > 0 && policy->clock_skew >= 0 && policy->clock_skew <= BG_CLOCK_SKEW_MAX);
    check_people(&policy->administrators);
    check_people(&policy->reviewers);
    for (size_t i = 0; i < policy->n_automations; i++)
        must(policy->automations[i].accounts.n > 0 && policy->automations[i].hosts.n > 0);
}

/* In sentences it is a heading for all, one for each role and automation, and lines that anything can show.
 */
static void check_explained(const struct bg_policy *policy)
{
    struct bg_list lines = {0};
    size_t headings = 0;

    must(bg_explain(&lines, policy) == 0);
    for (size_t i = 0; i < lines.n; i++) {
        size_t len = strlen(lines.v[i]);

        must(len > 0 && len <= BG_EXPLAIN_MAX && bg_is_clean(lines.v[i], len));
        headings += strncmp(lines.v[i], "# ", 2) == 0;
    }
    must(headings == (policy->broken ? 1 : 1 + policy->n_roles + policy->n_automations));
    bg_list_free(&lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bg_policy policy;
    const uint8_t *second = memchr(data, 0, size); /* a NUL: two files */
    size_t first = second ? (size_t)(second - data) : size;
    bool role_broken = false;

    bg_policy_begin(&policy);
    must(bg_policy_add(&policy, "policy.conf", (const char *)data, first) == 0);
    if (second)
        must(bg_policy_add(&policy, "policy.d/x.conf", (const char *)second + 1, size - first - 1) == 0);
    must(bg_policy_settle(&policy) == 0 && bg_policy_check(&policy) == 0);
    for (size_t i = 0; i < policy.n_roles; i++)
        role_broken = role_broken || policy.roles[i].broken;
    /* Whatever is broken says why, and whatever is wrong breaks something. */
    must((policy.problems.errors > 0) == (policy.broken || role_broken));
    check_whole(&policy);
    check_explained(&policy);
    bg_policy_free(&policy);
    return 0;
}
