/* SPDX-License-Identifier: ISC */
/* Warnings about a sound policy: quorums that nobody can meet, one person who can block all, root by another
 * name. */
#include "policy/rules/check.h"

#include "policy/base/cleanup.h"
#include "policy/rules/quorum.h"
#include "policy/base/suggest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool has(const struct bg_list *sorted, const char *word)
{
    return bg_list_has(sorted, word);
}

/* --- who is needed --- */

/* Everybody in an Approve= line of the role, but for `without` and `without_too` (either may be NULL). */
struct crowd {
    const char **v;
    size_t n;
};

static bool in_crowd(const struct crowd *crowd, const char *person)
{
    for (size_t i = 0; i < crowd->n; i++)
        if (strcmp(crowd->v[i], person) == 0)
            return true;
    return false;
}

static int gather_crowd(struct crowd *crowd, const struct bg_role *role)
{
    size_t most = 0;

    for (size_t i = 0; i < role->n_approve; i++)
        most += role->approve[i].people.n;
    crowd->n = 0;
    crowd->v = calloc(most + 1, sizeof *crowd->v);
    if (!crowd->v)
        return -ENOMEM;
    for (size_t i = 0; i < role->n_approve; i++)
        for (size_t j = 0; j < role->approve[i].people.n; j++)
            if (!in_crowd(crowd, role->approve[i].people.v[j]))
                crowd->v[crowd->n++] = role->approve[i].people.v[j];
    return 0;
}

/* Whether the crowd could approve without those two. */
static bool could_approve(const struct bg_role *role, const struct crowd *crowd, const char *without,
                          const char *without_too)
{
    const char **left = calloc(crowd->n + 1, sizeof *left);
    size_t n = 0;
    bool met;

    if (!left)
        return true; /* no warning is better than a wrong one */
    for (size_t i = 0; i < crowd->n; i++)
        if ((!without || strcmp(crowd->v[i], without) != 0) &&
            (!without_too || strcmp(crowd->v[i], without_too) != 0))
            left[n++] = crowd->v[i];
    met = bg_quorum_met(role, left, n, NULL);
    free(left);
    return met;
}

/* The first requester for whom the crowd, less `without`, could approve; NULL for none. */
static const char *lucky_requester(const struct bg_role *role, const struct crowd *crowd, const char *without)
{
    for (size_t i = 0; i < role->requesters.n; i++) {
        const char *requester = role->requesters.v[i];
        if ((!without || strcmp(requester, without) != 0) && could_approve(role, crowd, requester, without))
            return requester;
    }
    return NULL;
}

#define WARN(policy, role, line, ...)                                                                        \
    bg_problem_add(&(policy)->problems, (role)->file, (line), true, __VA_ARGS__)

/* One line alone: it needs more people than there are. */
static bool check_lines(struct bg_policy *policy, const struct bg_role *role)
{
    bool fine = true;

    for (size_t i = 0; i < role->n_approve; i++)
        if (role->approve[i].people.n < role->approve[i].need) {
            WARN(policy, role, role->approve[i].line,
                 "nobody can meet this Approve=%s: it names fewer people (role %s)", role->approve[i].text,
                 role->name);
            fine = false;
        }
    return fine;
}

static void check_requesters(struct bg_policy *policy, const struct bg_role *role, const struct crowd *crowd)
{
    for (size_t i = 0; i < role->requesters.n; i++) {
        const char *requester = role->requesters.v[i];
        if (in_crowd(crowd, requester) && !could_approve(role, crowd, requester, NULL))
            WARN(policy, role, role->line,
                 "when %s requests %s, nobody can meet its Approve= lines: the requester never counts",
                 requester, role->name);
    }
}

/* --- roads --- */

static bool covers(const struct bg_list *road, const struct bg_list *other, bool globs)
{
    for (size_t i = 0; i < road->n; i++)
        if (!has(other, road->v[i]) && !(globs && has(other, "*")))
            return false;
    return true;
}

/* Whether another role leads to the same hosts and accounts, and works without that person. */
static bool another_road(const struct bg_policy *policy, const struct bg_role *role, const char *person)
{
    for (size_t i = 0; i < policy->n_roles; i++) {
        const struct bg_role *other = &policy->roles[i];
        struct crowd crowd = {0};
        bool works;
        if (other == role || other->broken || !covers(&role->hosts, &other->hosts, true) ||
            !covers(&role->accounts, &other->accounts, false))
            continue;
        if (other->solo)
            works = other->requesters.n > (has(&other->requesters, person) ? 1u : 0u);
        else
            works = gather_crowd(&crowd, other) < 0 || lucky_requester(other, &crowd, person);
        free(crowd.v);
        if (works)
            return true;
    }
    return false;
}

/* A line with more people than all places together never hangs on one of them. */
static bool is_scarce(const struct bg_role *role, const char *person)
{
    for (size_t i = 0; i < role->n_approve; i++)
        if (role->approve[i].people.n <= BG_PLACES_MAX && has(&role->approve[i].people, person))
            return true;
    return false;
}

static void check_roads(struct bg_policy *policy, const struct bg_role *role, const struct crowd *crowd)
{
    for (size_t i = 0; i < crowd->n; i++)
        if (is_scarce(role, crowd->v[i]) && !lucky_requester(role, crowd, crowd->v[i]) &&
            !another_road(policy, role, crowd->v[i]))
            WARN(policy, role, role->line,
                 "one person can block every road: without %s nobody gets what %s opens", crowd->v[i],
                 role->name);
}

/* --- reviews --- */

/* Whether somebody may review what this requester did: a reviewer who neither requested it nor had to approve
 * it. */
static bool has_reviewer(const struct bg_list *reviewers, const struct bg_role *role,
                         const struct crowd *crowd, const char *requester)
{
    for (size_t i = 0; i < reviewers->n; i++)
        if (strcmp(reviewers->v[i], requester) != 0 &&
            (role->solo || could_approve(role, crowd, requester, reviewers->v[i])))
            return true;
    return false;
}

static void check_reviews(struct bg_policy *policy, const struct bg_role *role, const struct crowd *crowd)
{
    const struct bg_list *reviewers = policy->reviewers.n > 0 ? &policy->reviewers : &policy->administrators;

    for (size_t i = 0; i < role->requesters.n; i++)
        if (!has_reviewer(reviewers, role, crowd, role->requesters.v[i])) {
            WARN(policy, role, role->line,
                 "nobody could review what %s does with %s, and it would stay due: %s", role->requesters.v[i],
                 role->name,
                 reviewers->n > 0
                     ? "every reviewer is a requester or must approve"
                     : "there is neither Reviewers= nor Administrators= (or say ReviewWithin=none)");
            return;
        }
}

/* --- a role --- */

static int check_role(struct bg_policy *policy, const struct bg_role *role)
{
    struct crowd crowd = {0};

    if (role->broken || (!role->solo && !check_lines(policy, role)))
        return 0;
    if (gather_crowd(&crowd, role) < 0)
        return -ENOMEM;
    if (role->solo)
        ;
    else if (role->requesters.n > 0 && !lucky_requester(role, &crowd, NULL)) {
        WARN(policy, role, role->line, "nobody can meet the Approve= lines of %s by different people%s",
             role->name, could_approve(role, &crowd, NULL, NULL) ? ", once the requester is taken away" : "");
    } else {
        check_requesters(policy, role, &crowd);
        check_roads(policy, role, &crowd);
    }
    if (role->review_within > 0)
        check_reviews(policy, role, &crowd);
    free(crowd.v);
    return 0;
}

/* --- accounts and people --- */

/* Accounts whose owner can become root without a grant: by a daemon's socket, a device or a second uid 0. */
static const char *const root_by_another_name[] = {"toor",    "docker",       "podman", "lxd",    "incus",
                                                   "libvirt", "libvirt-qemu", "disk",   "shadow", "sudo",
                                                   "wheel",   "admin",        "backup"};

static void check_accounts(struct bg_policy *policy, const struct bg_role *role)
{
    for (size_t i = 0; i < BG_COUNT(root_by_another_name); i++)
        if (has(&role->accounts, root_by_another_name[i]) && !has(&role->accounts, "root"))
            WARN(policy, role, role->line,
                 "account %s is root by another name on most hosts; approvers of %s should know",
                 root_by_another_name[i], role->name);
}

static void check_users(struct bg_policy *policy)
{
    for (size_t i = 0; i < policy->n_people; i++)
        for (size_t j = 0; j < policy->n_people; j++) {
            const struct bg_person *a = &policy->people[i], *b = &policy->people[j];
            if (i == j || !a->user)
                continue;
            if (b->user && i > j && strcmp(a->user, b->user) == 0)
                bg_problem_add(&policy->problems, a->file, a->line, true,
                               "[Person %s]: User=%s is %s's too; the account now stands for neither",
                               a->name, a->user, b->name);
            else if ((!b->user || strcmp(b->user, b->name) != 0) && strcmp(a->user, b->name) == 0)
                bg_problem_add(&policy->problems, a->file, a->line, true,
                               "[Person %s]: User=%s is another person's name", a->name, a->user);
        }
}

static void check_groups(struct bg_policy *policy)
{
    for (size_t i = 0; i < policy->n_groups; i++)
        if (policy->groups[i].members.n == 0)
            bg_problem_add(&policy->problems, policy->groups[i].file, policy->groups[i].line, true,
                           "[Group %s]: it has no members", policy->groups[i].name);
}

static void check_lengths(struct bg_policy *policy, const struct bg_role *role)
{
    if (role->max_duration > 86400)
        WARN(policy, role, role->line, "MaxDuration= of %s is longer than a day%s", role->name,
             ": that is standing access");
}

int bg_policy_check(struct bg_policy *policy)
{
    int r = 0;

    check_users(policy);
    check_groups(policy);
    for (size_t i = 0; r >= 0 && i < policy->n_roles; i++) {
        check_accounts(policy, &policy->roles[i]);
        check_lengths(policy, &policy->roles[i]);
        r = check_role(policy, &policy->roles[i]);
    }
    return r;
}

/* --- with the signers --- */

static bool has_fido_key(const struct bg_signers *signers, const char *person, int64_t now)
{
    for (size_t i = 0; i < signers->n; i++) {
        const struct bg_signer *s = &signers->v[i];
        if (!s->is_host && !s->conflicted && (s->namespaces & BG_NS_SIGN) &&
            s->key.type == BG_KEY_SK_ED25519 && s->valid_after <= now && now <= s->valid_before &&
            strcmp(s->name, person) == 0)
            return true;
    }
    return false;
}

static bool can_sign(const struct bg_signers *signers, const char *person, bool fido, int64_t now)
{
    return bg_signers_has(signers, person, BG_NS_SIGN, now) && (!fido || has_fido_key(signers, person, now));
}

static const char *suggest_signer(const struct bg_signers *signers, const char *person)
{
    const char **names = calloc(signers->n + 1, sizeof *names), *near;
    size_t n = 0;

    for (size_t i = 0; names && i < signers->n; i++) {
        if (!signers->v[i].is_host && strcmp(signers->v[i].name, person) == 0) {
            n = 0; /* enrolled: only its key does not count */
            break;
        }
        if (!signers->v[i].is_host)
            names[n++] = signers->v[i].name;
    }
    near = names ? bg_suggest(person, names, n) : NULL;
    free(names);
    return near;
}

static void check_list(const struct bg_role *role, unsigned line, const char *key,
                       const struct bg_list *people, bool fido, const struct bg_signers *signers, int64_t now,
                       struct bg_problems *problems)
{
    for (size_t i = 0; i < people->n; i++) {
        const char *near;
        if (can_sign(signers, people->v[i], fido, now))
            continue;
        near = suggest_signer(signers, people->v[i]);
        bg_problem_add(problems, role->file, line, true, "%s= of %s: %s has no %skey that signs today%s%s%s",
                       key, role->name, people->v[i], fido ? "FIDO " : "", near ? "; did you mean " : "",
                       near ? near : "", near ? "?" : "");
    }
}

/* The lines, met by those who have a key only. */
static int check_quorum(const struct bg_role *role, const struct bg_signers *signers, int64_t now,
                        struct bg_problems *problems)
{
    struct crowd crowd = {0};
    size_t kept = 0;

    if (role->solo || role->requesters.n == 0)
        return 0;
    if (gather_crowd(&crowd, role) < 0)
        return -ENOMEM;
    if (lucky_requester(role, &crowd, NULL)) {
        for (size_t i = 0; i < crowd.n; i++)
            if (can_sign(signers, crowd.v[i], role->require_verified, now))
                crowd.v[kept++] = crowd.v[i];
        crowd.n = kept;
        if (!lucky_requester(role, &crowd, NULL))
            bg_problem_add(
                problems, role->file, role->line, true,
                "nobody can meet the Approve= lines of %s: too few of its approvers have a key that signs",
                role->name);
    }
    free(crowd.v);
    return 0;
}

int bg_policy_check_signers(const struct bg_policy *policy, const struct bg_signers *signers, int64_t now,
                            struct bg_problems *problems)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < policy->n_roles; i++) {
        const struct bg_role *role = &policy->roles[i];
        if (role->broken)
            continue;
        for (size_t j = 0; j < role->n_approve; j++)
            check_list(role, role->approve[j].line, "Approve", &role->approve[j].people,
                       role->require_verified, signers, now, problems);
        if (role->solo)
            check_list(role, role->line, "Requesters", &role->requesters, role->require_verified, signers,
                       now, problems);
        r = check_quorum(role, signers, now, problems);
    }
    return r;
}
