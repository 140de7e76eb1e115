/* SPDX-License-Identifier: ISC */
/* The policy in sentences: what is said of each kind of rule, and that nothing in a policy can make a line
 * that is too long, unclean or a heading. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/base/clean.h"
#include "policy/base/cleanup.h"
#include "policy/rules/explain.h"
#include "policy/rules/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROLE "[Role r]\nRequesters=bob\nApprove=1 of alice\nHosts=*\nAccounts=root\n"

/* The lines of a policy that stands in one file of that name. */
static void explain_file(struct bg_list *lines, const char *file, const char *text)
{
    struct bg_policy policy;

    bg_policy_begin(&policy);
    assert_int_equal(bg_policy_add(&policy, file, text, strlen(text)), 0);
    assert_int_equal(bg_policy_settle(&policy), 0);
    assert_int_equal(bg_explain(lines, &policy), 0);
    bg_policy_free(&policy);
    for (size_t i = 0; i < lines->n; i++) {
        size_t len = strlen(lines->v[i]);

        assert_true(len > 0 && len <= BG_EXPLAIN_MAX);
        assert_true(bg_is_clean(lines->v[i], len));
    }
}

static void explain(struct bg_list *lines, const char *text)
{
    explain_file(lines, "policy.conf", text);
}

static void assert_said(const struct bg_list *lines, const char *line)
{
    if (bg_list_has(lines, line))
        return;
    for (size_t i = 0; i < lines->n; i++)
        print_message("%s\n", lines->v[i]);
    fail_msg("not said: %s", line);
}

static size_t headings(const struct bg_list *lines)
{
    size_t n = 0;

    for (size_t i = 0; i < lines->n; i++)
        n += strncmp(lines->v[i], "# ", 2) == 0;
    return n;
}

/* Whether any line has that in it. */
static bool mentions(const struct bg_list *lines, const char *text)
{
    for (size_t i = 0; i < lines->n; i++)
        if (strstr(lines->v[i], text) != NULL)
            return true;
    return false;
}

/* A whole runbook, word for word and in order. */
static void a_runbook(void **state)
{
    static const char policy[] = "[Defaults]\nMaxDuration=2h\nGather=30m\nClockSkew=15m\n"
                                 "Administrators=frank\nReviewers=grace heidi\nAudit=required\n"
                                 "[Person alice]\nContact=+49 151 0000000\n"
                                 "[Group oncall]\nMembers=erin bob\n[Group dba]\nMembers=carol alice\n"
                                 "[Role db]\nDescription=Superuser on the databases\n"
                                 "Requesters=@oncall dave\nApprove=1 of @dba\nApprove=1 of frank\n"
                                 "Hosts=db*.prod db1.test\nAccounts=root postgres\nCredentials=db/root\n"
                                 "MaxDuration=30m\nReviewWithin=1d\nClass=critical\nRequireVerified=yes\n";
    static const char *const lines[] = {
        "# For every role",
        "Where a role does not say otherwise, access lasts at most 2h. The time counts from the moment when "
        "the last needed person approved; where several must approve, they do so within 30m.",
        "Access opens up to 15m early, for hosts whose clock is behind.",
        "Administrators may end any access at once, and open none: frank.",
        "What was used is reviewed by grace or heidi, but never by a person who requested or approved it.",
        "A login that cannot be recorded anywhere is refused.",
        "# Role db",
        "What it is for: Superuser on the databases",
        "bob, dave or erin may request it.",
        "One of alice (+49 151 0000000) or carol must approve (1 of @dba).",
        "frank must approve.",
        "They are all different people, and the requester does not count.",
        "The request and every approval count only when signed with a FIDO key that asked for a PIN or a "
        "fingerprint.",
        "It is critical: approvers have to type the role's name.",
        "It leads to the hosts db*.prod and db1.test.",
        "It opens the accounts postgres and root.",
        "It delivers the credential db/root.",
        "It lasts at most 30m. Once used, it is reviewed within 24h after its end.",
    };
    struct bg_list said bg_cleanup_(bg_list_free) = {0};

    (void)state;
    explain(&said, policy);
    for (size_t i = 0; i < BG_COUNT(lines) && i < said.n; i++)
        assert_string_equal(said.v[i], lines[i]);
    assert_int_equal(said.n, BG_COUNT(lines));
}

static void says_what_is_not_there(void **state)
{
    struct bg_list said bg_cleanup_(bg_list_free) = {0};

    (void)state;
    explain(&said, "[Defaults]\nClockSkew=none\nSigningHost=yes\n");
    assert_said(&said,
                "There are no administrators: only the requester and the approvers can end access before "
                "its time.");
    assert_said(&said, "Nobody can review what was used: there are no reviewers and no administrators.");
    assert_said(&said, "A login that cannot be recorded anywhere is let in all the same.");
    assert_said(&said, "People may sign on these hosts even when they came there by ssh.");
    assert_said(&said, "There are no roles, so there is nothing to request.");
    assert_false(mentions(&said, "clock"));
}

static void says_who_reviews_without_reviewers(void **state)
{
    struct bg_list said bg_cleanup_(bg_list_free) = {0};

    (void)state;
    explain(&said, "[Defaults]\nAdministrators=frank grace\n" ROLE "ReviewWithin=none\n");
    assert_said(&said, "What was used is reviewed by frank or grace, but never by a person who requested or "
                       "approved it.");
    assert_said(&said, "It lasts at most 1h. No review is due afterwards.");
}

static void a_solo_role(void **state)
{
    struct bg_list said bg_cleanup_(bg_list_free) = {0};

    (void)state;
    explain(&said, "[Role s]\nRequesters=bob\nSolo=yes\nHosts=db1\nAccounts=personal\nRequireVerified=yes\n");
    assert_said(&said, "Nobody has to approve: it opens as soon as it is requested, with a request signed by "
                       "the person's own key. Everybody is alerted, and its use is always reviewed.");
    assert_said(&said, "The request counts only when signed with a FIDO key that asked for a PIN or a "
                       "fingerprint.");
    assert_said(&said, "It leads to the host db1.");
    assert_said(&said, "It opens the requester's own account.");
    assert_false(mentions(&said, "who asks does not count"));
}

static void who_must_approve(void **state)
{
    static const struct {
        const char *approve, *said;
    } cases[] = {
        {"1 of alice", "alice must approve."},
        {"1 of alice carol", "One of alice or carol must approve."},
        {"2 of alice carol", "alice and carol must all approve."},
        {"2 of @dba", "Two of alice, carol or dave must approve (2 of @dba)."},
        {"3 of @dba", "alice, carol and dave must all approve (3 of @dba)."},
        {"2 of alice", "Two of alice must approve, but there are too few of them, so nobody gets it."},
        {"9 of @dba", "9 of alice, carol or dave must approve (9 of @dba), but there are too few of them, so "
                      "nobody gets it."},
        {"1 of @none", "Nobody gets it: Approve=1 of @none names nobody."},
    };

    (void)state;
    for (size_t i = 0; i < BG_COUNT(cases); i++) {
        struct bg_list said bg_cleanup_(bg_list_free) = {0};
        char policy[512];

        (void)snprintf(policy, sizeof policy,
                       "[Group dba]\nMembers=alice carol dave\n[Group none]\nMembers=\n"
                       "[Role r]\nRequesters=bob\nApprove=%s\nHosts=*\nAccounts=root\n",
                       cases[i].approve);
        explain(&said, policy);
        assert_said(&said, cases[i].said);
    }
}

static void automations_are_standing_access(void **state)
{
    struct bg_list said bg_cleanup_(bg_list_free) = {0};

    (void)state;
    explain(&said, ROLE "[Automation backup]\nAccounts=backup\nHosts=* db1\n"
                        "[Automation probe]\nAccounts=probe\nHosts=db?.test\n");
    assert_said(&said, "# Automation backup");
    assert_said(&said, "This is standing access: a machine with a key enrolled under this name comes in at "
                       "any time, without a grant, and nobody has to approve it.");
    assert_said(&said, "It opens the account backup.");
    assert_said(&said, "It leads to every host that has this policy.");
    assert_said(&said, "It leads to the hosts db?.test.");
    assert_int_equal(headings(&said), 4);
}

static void a_broken_role_says_so(void **state)
{
    struct bg_list said bg_cleanup_(bg_list_free) = {0};

    (void)state;
    explain(&said, ROLE "[Role x]\nRequesters=bob\nApprove=1 of @nobody\nHosts=*\nAccounts=docker\n");
    assert_said(&said, "Nobody gets this role: there is an error in it. Its section begins in policy.conf at "
                       "line 6; breakglass policy check names the error.");
    assert_false(mentions(&said, "docker"));
    assert_said(&said, "alice must approve.");
}

/* None of its rules is shown as if it counted. */
static void a_broken_policy_says_so(void **state)
{
    struct bg_list said bg_cleanup_(bg_list_free) = {0};

    (void)state;
    explain(&said, ROLE "[Rolle y]\nHosts=*\n");
    assert_string_equal(said.v[0], "# Errors");
    assert_said(&said, "Nothing opens with this policy: it has errors, and until they are mended none of its "
                       "rules counts.");
    assert_said(&said, "In policy.conf, line 6: [Rolle]: no such section; did you mean [Role]?");
    assert_false(mentions(&said, "must approve"));
    assert_int_equal(headings(&said), 1);
}

static void a_policy_of_nothing_but_errors(void **state)
{
    struct bg_list said bg_cleanup_(bg_list_free) = {0};
    char *text = calloc(1, 16000), *p = text;

    (void)state;
    assert_non_null(text);
    for (unsigned i = 0; i < 300; i++)
        p += sprintf(p, "[Oops %u]\n", i);
    explain_file(&said, "# Role of a hostile file name", text);
    assert_int_equal(headings(&said), 1);
    assert_said(&said, "And so on: the next 100 are not shown.");
    free(text);
}

/* Lists as long as they may be, and the longest words in them. */
static void nothing_is_too_long(void **state)
{
    struct bg_list said bg_cleanup_(bg_list_free) = {0};
    char *text = calloc(1, 200000), *p = text;

    (void)state;
    assert_non_null(text);
    p += sprintf(p, "[Defaults]\nAdministrators=@all\n[Group all]\n");
    for (unsigned i = 0; i < 512; i++)
        p += sprintf(p, "Members=%055u%u\n", i, i);
    for (unsigned i = 0; i < 9; i++)
        p += sprintf(p, "[Person %055u%u]\nContact=%0500u\n", i, i, i);
    p += sprintf(p, "[Role r]\nDescription=%0500u\nRequesters=@all\nApprove=64 of @all\nHosts=", 0);
    for (unsigned i = 0; i < 16; i++)
        p += sprintf(p, "%0250u ", i);
    p += sprintf(p, "\nAccounts=root\n");
    explain(&said, text);
    assert_true(mentions(&said, " and 511 others."));
    assert_true(mentions(&said, " or 500 others may request it."));
    assert_true(mentions(&said, " or 511 others must approve (64 of @all)."));
    assert_true(mentions(&said, " and 14 others."));
    free(text);
}

/* What a person wrote stands inside a sentence: it begins no line, and moves nothing on a terminal. */
static void words_of_others_stay_words(void **state)
{
    struct bg_list said bg_cleanup_(bg_list_free) = {0};

    (void)state;
    explain(&said,
            "[Person alice]\nContact=# Role root %s%n\n"
            "[Role r]\nDescription=# Role \xe2\x82\xac %s\nRequesters=bob\nApprove=1 of alice\nHosts=*\n"
            "Accounts=root\n");
    assert_said(&said, "What it is for: # Role \xe2\x82\xac %s");
    assert_said(&said, "alice (# Role root %s%n) must approve.");
    assert_int_equal(headings(&said), 2);
}

/* Who cannot be a party of a request for a role is not told how to reach those who can. */
static void contacts_are_for_those_concerned(void **state)
{
    static const char text[] = "[Defaults]\nAdministrators=frank\n"
                               "[Person alice]\nContact=+49 1\n[Person carol]\nContact=+49 2\n"
                               "[Person frank]\nContact=+49 3\n"
                               "[Role db]\nRequesters=bob\nApprove=1 of alice\nHosts=*\nAccounts=root\n"
                               "[Role web]\nRequesters=dave\nApprove=1 of carol\nApprove=1 of erin\n"
                               "Hosts=*\nAccounts=www\n"
                               "[Role broken]\nRequesters=heidi\nApprove=1 of @none\nHosts=*\n";
    static const struct {
        const char *person;
        bool frank, alice, carol;
    } cases[] = {
        {NULL, true, true, true},       {"bob", true, true, false},     {"alice", true, true, false},
        {"dave", true, false, true},    {"erin", true, false, true},    {"carol", true, false, true},
        {"grace", false, false, false}, {"heidi", false, false, false}, {"", false, false, false},
    };
    struct bg_policy policy;

    (void)state;
    bg_policy_begin(&policy);
    assert_int_equal(bg_policy_add(&policy, "policy.conf", text, strlen(text)), 0);
    assert_int_equal(bg_policy_settle(&policy), 0);
    for (size_t i = 0; i < BG_COUNT(cases); i++) {
        struct bg_list said bg_cleanup_(bg_list_free) = {0};

        assert_int_equal(bg_explain_to(&said, &policy, cases[i].person), 0);
        assert_said(&said, cases[i].frank
                               ? "Administrators may end any access at once, and open none: frank (+49 3)."
                               : "Administrators may end any access at once, and open none: frank.");
        assert_said(&said, cases[i].alice ? "alice (+49 1) must approve." : "alice must approve.");
        assert_said(&said, cases[i].carol ? "carol (+49 2) must approve." : "carol must approve.");
        assert_int_equal(headings(&said), 4);
    }
    bg_policy_free(&policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_runbook),
        cmocka_unit_test(says_what_is_not_there),
        cmocka_unit_test(says_who_reviews_without_reviewers),
        cmocka_unit_test(a_solo_role),
        cmocka_unit_test(who_must_approve),
        cmocka_unit_test(automations_are_standing_access),
        cmocka_unit_test(a_broken_role_says_so),
        cmocka_unit_test(a_broken_policy_says_so),
        cmocka_unit_test(a_policy_of_nothing_but_errors),
        cmocka_unit_test(nothing_is_too_long),
        cmocka_unit_test(words_of_others_stay_words),
        cmocka_unit_test(contacts_are_for_those_concerned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
