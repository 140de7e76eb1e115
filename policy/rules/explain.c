/* SPDX-License-Identifier: ISC */
/* The policy as sentences: each role with its requesters, approvers, hosts, accounts and limits. */
#include "policy/rules/explain.h"

#include "policy/base/clean.h"
#include "policy/base/cleanup.h"
#include "policy/rules/phrase.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAME_SIZE 700   /* a person with their contact */
#define NAMES_MAX 750   /* bytes of a line after which no more names come: the sentence has an end too */
#define WRITTEN_MAX 100 /* bytes of an Approve= line that are worth repeating */

static int keep(struct bg_list *lines, const char *text)
{
    char clean[BG_EXPLAIN_MAX + 1];
    size_t len = bg_clean(clean, sizeof clean, text);

    return bg_list_add(lines, clean, len);
}

static int add(struct bg_list *lines, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int add(struct bg_list *lines, const char *format, ...)
{
    char text[BG_EXPLAIN_MAX + 1] = "";
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return keep(lines, text);
}

/* "a, b or c"; those that have no room are counted: "a, b or 7 others". */
static void say_names(struct bg_phrase *phrase, const struct bg_list *names, const char *last)
{
    for (size_t i = 0; i < names->n; i++) {
        size_t left = names->n - i;

        if (i > 0 && phrase->len + strlen(names->v[i]) > NAMES_MAX) {
            bg_phrase_add(phrase, " %s %zu other%s", last, left, left == 1 ? "" : "s");
            return;
        }
        if (i > 0 && left == 1)
            bg_phrase_add(phrase, " %s ", last);
        else if (i > 0)
            bg_phrase_add(phrase, ", ");
        bg_phrase_add(phrase, "%s", names->v[i]);
    }
}

/* The people; reachable: each with how to reach them. */
static int add_people(struct bg_list *names, const struct bg_policy *policy, const struct bg_list *people,
                      bool reachable)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < people->n; i++) {
        char text[NAME_SIZE] = "";
        struct bg_phrase phrase = {.out = text, .size = sizeof text};

        bg_phrase_person(&phrase, reachable ? policy : NULL, people->v[i]);
        r = bg_list_add(names, text, phrase.len);
    }
    return r;
}

/* --- who reads it --- */

/* Whether the person can be a party of a request for the role. NULL is for everybody. */
static bool concerns(const struct bg_role *role, const char *person)
{
    if (!person || bg_list_has(&role->requesters, person))
        return true;
    for (size_t i = 0; i < role->n_approve; i++)
        if (bg_list_has(&role->approve[i].people, person))
            return true;
    return false;
}

static bool any_concerns(const struct bg_policy *policy, const char *person)
{
    for (size_t i = 0; i < policy->n_roles; i++)
        if (!policy->roles[i].broken && concerns(&policy->roles[i], person))
            return true;
    return !person;
}

/* --- for every role --- */

static int explain_times(struct bg_list *lines, const struct bg_policy *policy)
{
    char longest[BG_DURATION_SIZE], gather[BG_DURATION_SIZE], skew[BG_DURATION_SIZE];
    int r;

    bg_duration_format(longest, policy->max_duration);
    bg_duration_format(gather, policy->gather);
    bg_duration_format(skew, policy->clock_skew);
    r = add(lines,
            "Where a role does not say otherwise, access lasts at most %s. The time counts from the moment "
            "when the last needed person approved; where several must approve, they do so within %s.",
            longest, gather);
    if (r < 0 || policy->clock_skew == 0)
        return r;
    return add(lines, "Access opens up to %s early, for hosts whose clock is behind.", skew);
}

static int explain_administrators(struct bg_list *lines, const struct bg_policy *policy, const char *person)
{
    struct bg_list names bg_cleanup_(bg_list_free) = {0};
    char text[BG_EXPLAIN_MAX + 1] = "";
    struct bg_phrase phrase = {.out = text, .size = sizeof text};

    if (policy->administrators.n == 0)
        return add(lines, "There are no administrators: only the requester and the approvers can end access "
                          "before its time.");
    if (add_people(&names, policy, &policy->administrators, any_concerns(policy, person)) < 0)
        return -ENOMEM;
    bg_phrase_add(&phrase, "Administrators may end any access at once, and open none: ");
    say_names(&phrase, &names, "and");
    bg_phrase_add(&phrase, ".");
    return keep(lines, text);
}

static int explain_reviewers(struct bg_list *lines, const struct bg_policy *policy)
{
    const struct bg_list *who = policy->reviewers.n > 0 ? &policy->reviewers : &policy->administrators;
    char text[BG_EXPLAIN_MAX + 1] = "";
    struct bg_phrase phrase = {.out = text, .size = sizeof text};

    if (who->n == 0)
        return add(lines, "Nobody can review what was used: there are no reviewers and no administrators.");
    bg_phrase_add(&phrase, "What was used is reviewed by ");
    say_names(&phrase, who, "or");
    bg_phrase_add(&phrase, ", but never by a person who requested or approved it.");
    return keep(lines, text);
}

static int explain_hosts_duties(struct bg_list *lines, const struct bg_policy *policy)
{
    int r = add(lines, "A login that cannot be recorded anywhere is %s.",
                policy->audit_required ? "refused" : "let in all the same");

    if (r >= 0 && policy->signing_host)
        r = add(lines, "People may sign on these hosts even when they came there by ssh.");
    if (r >= 0 && policy->n_roles == 0)
        r = add(lines, "There are no roles, so there is nothing to request.");
    return r;
}

static int explain_all(struct bg_list *lines, const struct bg_policy *policy, const char *person)
{
    int r = add(lines, "# For every role");

    if (r >= 0)
        r = explain_times(lines, policy);
    if (r >= 0)
        r = explain_administrators(lines, policy, person);
    if (r >= 0)
        r = explain_reviewers(lines, policy);
    return r < 0 ? r : explain_hosts_duties(lines, policy);
}

/* --- where to, for roles and automations --- */

/* "It opens the accounts postgres and root." Nothing where there are none. */
static int explain_names(struct bg_list *lines, const char *does, const char *what,
                         const struct bg_list *names)
{
    bool one = names->n == 1 && !strpbrk(names->v[0], "*?");
    char text[BG_EXPLAIN_MAX + 1] = "";
    struct bg_phrase phrase = {.out = text, .size = sizeof text};

    if (names->n == 0)
        return 0;
    bg_phrase_add(&phrase, "It %s the %s%s ", does, what, one ? "" : "s");
    say_names(&phrase, names, "and");
    bg_phrase_add(&phrase, ".");
    return keep(lines, text);
}

static int explain_hosts(struct bg_list *lines, const struct bg_list *hosts)
{
    if (bg_list_has(hosts, "*"))
        return add(lines, "It leads to every host that has this policy.");
    return explain_names(lines, "leads to", "host", hosts);
}

static int explain_accounts(struct bg_list *lines, const struct bg_list *accounts)
{
    struct bg_list shared bg_cleanup_(bg_list_free) = {0};
    int r = 0;

    for (size_t i = 0; r >= 0 && i < accounts->n; i++)
        if (strcmp(accounts->v[i], "personal") != 0)
            r = bg_list_add(&shared, accounts->v[i], strlen(accounts->v[i]));
    if (r >= 0)
        r = explain_names(lines, "opens", "account", &shared);
    if (r >= 0 && shared.n < accounts->n)
        r = add(lines, "It opens the requester's own account.");
    return r;
}

/* --- a role --- */

static int explain_requesters(struct bg_list *lines, const struct bg_role *role)
{
    char text[BG_EXPLAIN_MAX + 1] = "";
    struct bg_phrase phrase = {.out = text, .size = sizeof text};

    if (role->requesters.n == 0)
        return add(lines, "Nobody may request it: it has no Requesters=.");
    say_names(&phrase, &role->requesters, "or");
    bg_phrase_add(&phrase, " may request it.");
    return keep(lines, text);
}

static void say_number(struct bg_phrase *phrase, unsigned n)
{
    static const char *const words[] = {"None", "One", "Two", "Three", "Four", "Five", "Six"};

    if (n < BG_COUNT(words))
        bg_phrase_add(phrase, "%s of ", words[n]);
    else
        bg_phrase_add(phrase, "%u of ", n);
}

static int explain_approve(struct bg_list *lines, const struct bg_policy *policy,
                           const struct bg_approve *approve, bool reachable)
{
    bool all = approve->need == approve->people.n;
    struct bg_list names bg_cleanup_(bg_list_free) = {0};
    char text[BG_EXPLAIN_MAX + 1] = "";
    struct bg_phrase phrase = {.out = text, .size = sizeof text};

    if (approve->people.n == 0)
        return add(lines, "Nobody gets it: Approve=%.*s names nobody.", WRITTEN_MAX, approve->text);
    if (add_people(&names, policy, &approve->people, reachable) < 0)
        return -ENOMEM;
    if (!all)
        say_number(&phrase, approve->need);
    say_names(&phrase, &names, all ? "and" : "or");
    bg_phrase_add(&phrase, all && names.n > 1 ? " must all approve" : " must approve");
    /* As it is written, where that says more than the names do. */
    if (strchr(approve->text, '@') && strlen(approve->text) <= WRITTEN_MAX)
        bg_phrase_add(&phrase, " (%s)", approve->text);
    bg_phrase_add(&phrase,
                  approve->need > names.n ? ", but there are too few of them, so nobody gets it." : ".");
    return keep(lines, text);
}

static int explain_quorum(struct bg_list *lines, const struct bg_policy *policy, const struct bg_role *role,
                          bool reachable)
{
    unsigned needed = 0;
    int r = 0;

    for (size_t i = 0; r >= 0 && i < role->n_approve; i++) {
        r = explain_approve(lines, policy, &role->approve[i], reachable);
        needed += role->approve[i].need;
    }
    if (r < 0)
        return r;
    return add(lines, needed > 1 ? "They are all different people, and the requester does not count."
                                 : "The requester does not count.");
}

static int explain_solo(struct bg_list *lines)
{
    return add(lines, "Nobody has to approve: it opens as soon as it is requested, with a request signed by "
                      "the person's own key. Everybody is alerted, and its use is always reviewed.");
}

static int explain_care(struct bg_list *lines, const struct bg_role *role)
{
    int r = 0;

    if (role->require_verified)
        r = add(lines,
                "The request%s only when signed with a FIDO key that asked for a PIN or a fingerprint.",
                role->solo ? " counts" : " and every approval count");
    if (r >= 0 && role->critical)
        r = add(lines, "It is critical: approvers have to type the role's name.");
    return r;
}

static int explain_lasting(struct bg_list *lines, const struct bg_role *role)
{
    char longest[BG_DURATION_SIZE], within[BG_DURATION_SIZE];

    bg_duration_format(longest, role->max_duration);
    bg_duration_format(within, role->review_within);
    if (role->review_within == 0)
        return add(lines, "It lasts at most %s. No review is due afterwards.", longest);
    return add(lines, "It lasts at most %s. Once used, it is reviewed within %s after its end.", longest,
               within);
}

static int explain_sound_role(struct bg_list *lines, const struct bg_policy *policy,
                              const struct bg_role *role, const char *person)
{
    int r = role->description ? add(lines, "What it is for: %s", role->description) : 0;

    if (r >= 0)
        r = explain_requesters(lines, role);
    if (r >= 0)
        r = role->solo ? explain_solo(lines) : explain_quorum(lines, policy, role, concerns(role, person));
    if (r >= 0)
        r = explain_care(lines, role);
    if (r >= 0)
        r = explain_hosts(lines, &role->hosts);
    if (r >= 0)
        r = explain_accounts(lines, &role->accounts);
    if (r >= 0)
        r = explain_names(lines, "delivers", "credential", &role->credentials);
    return r < 0 ? r : explain_lasting(lines, role);
}

static int explain_role(struct bg_list *lines, const struct bg_policy *policy, const struct bg_role *role,
                        const char *person)
{
    int r = add(lines, "# Role %s", role->name);

    if (r < 0 || !role->broken)
        return r < 0 ? r : explain_sound_role(lines, policy, role, person);
    return add(lines,
               "Nobody gets this role: there is an error in it. Its section begins in %.300s at line %u; "
               "breakglass policy check names the error.",
               role->file, role->line);
}

/* --- the rest --- */

static int explain_automation(struct bg_list *lines, const struct bg_automation *automation)
{
    int r = add(lines, "# Automation %s", automation->name);

    if (r >= 0)
        r = add(lines, "This is standing access: a machine with a key enrolled under this name comes in at "
                       "any time, without a grant, and nobody has to approve it.");
    if (r >= 0)
        r = explain_hosts(lines, &automation->hosts);
    return r < 0 ? r : explain_accounts(lines, &automation->accounts);
}

static int explain_error(struct bg_list *lines, const struct bg_problem *p)
{
    if (p->line > 0)
        return add(lines, "In %.200s, line %u: %.700s", p->file, p->line, p->text);
    return add(lines, "In %.200s: %.700s", p->file, p->text);
}

static int explain_errors(struct bg_list *lines, const struct bg_problems *problems)
{
    size_t left = problems->errors;
    int r = add(lines, BG_EXPLAIN_ERRORS);

    if (r >= 0)
        r = add(lines, "Nothing opens with this policy: it has errors, and until they are mended none of its "
                       "rules counts.");
    for (size_t i = 0; r >= 0 && i < problems->n; i++)
        if (!problems->v[i].warning) {
            r = explain_error(lines, &problems->v[i]);
            left--;
        }
    if (r >= 0 && left > 0)
        r = add(lines, "And so on: the next %zu are not shown.", left);
    return r;
}

int bg_explain_to(struct bg_list *lines, const struct bg_policy *policy, const char *person)
{
    int r;

    if (policy->broken)
        return explain_errors(lines, &policy->problems);
    r = explain_all(lines, policy, person);
    for (size_t i = 0; r >= 0 && i < policy->n_roles; i++)
        r = explain_role(lines, policy, &policy->roles[i], person);
    for (size_t i = 0; r >= 0 && i < policy->n_automations; i++)
        r = explain_automation(lines, &policy->automations[i]);
    return r;
}

int bg_explain(struct bg_list *lines, const struct bg_policy *policy)
{
    return bg_explain_to(lines, policy, NULL);
}
