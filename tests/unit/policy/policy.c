/* SPDX-License-Identifier: ISC */
/* Policy files: what they mean, and that every mistake is named with its file and line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/rules/eligibility.h"
#include "policy/rules/check.h"
#include "policy/base/cleanup.h"
#include "policy/decide/decide.h"
#include "policy/rules/load.h"
#include "tests/kit/scratch.h"
#include "policy/base/suggest.h"
#include "tests/kit/world.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ROLE "[Role r]\nRequesters=bob\nApprove=1 of alice\nHosts=*\nAccounts=root\n"

static void read_text(struct bg_policy *policy, const char *text)
{
    bg_policy_begin(policy);
    assert_int_equal(bg_policy_add(policy, "policy.conf", text, strlen(text)), 0);
    assert_int_equal(bg_policy_settle(policy), 0);
    assert_int_equal(bg_policy_check(policy), 0);
}

static void print_problems(const struct bg_problems *problems)
{
    for (size_t i = 0; i < problems->n; i++)
        print_message("%s:%u: %s%s\n", problems->v[i].file, problems->v[i].line,
                      problems->v[i].warning ? "warning: " : "", problems->v[i].text);
}

static const struct bg_problem *find(const struct bg_problems *problems, const char *text)
{
    for (size_t i = 0; i < problems->n; i++)
        if (strstr(problems->v[i].text, text))
            return &problems->v[i];
    return NULL;
}

/* The line of the problem that says so; 0 for none. */
static unsigned line_of(const struct bg_problems *problems, const char *text)
{
    const struct bg_problem *problem = find(problems, text);

    return problem ? problem->line : 0;
}

static void assert_file(const struct bg_problems *problems, const char *text, const char *file)
{
    const struct bg_problem *problem = find(problems, text);

    if (!problem || strcmp(problem->file, file) != 0)
        fail_msg("\"%s\" is not said of %s", text, file);
}

/* --- mistakes --- */

enum harm { NONE, ONE_ROLE, ALL }; /* what a mistake disables */

static const struct mistake {
    const char *text; /* after ROLE, which has five lines, so its first line is 6 */
    unsigned line;
    enum harm harm;
    const char *says;
} mistakes[] = {
    {"nonsense\n", 6, ONE_ROLE, "neither a [Section] nor a line of the form Key=value"},
    {"Two words=1\n", 6, ONE_ROLE, "a key is one word"},
    {"=1\n", 6, ONE_ROLE, "a key is one word"},
    {"Description=a\x01z\n", 6, ONE_ROLE, "control characters"},
    {"Description=\xff\n", 6, ONE_ROLE, "not UTF-8"},
    {"Description=a \\\n", 6, ONE_ROLE, "the file ends where this line is to be continued"},
    {"[Role r2\n", 6, ALL, "']' is missing"},
    {"[]\n", 6, ALL, "[Word] or [Word name]"},
    {"[Role a b]\n", 6, ALL, "[Word] or [Word name]"},
    {"[Role r2] x\n", 6, ALL, "']' is missing"},
    {"[Rolle r2]\n", 6, ALL, "[Rolle]: no such section; did you mean [Role]?"},
    {"[role r2]\n", 6, ALL, "did you mean [Role]?"},
    {"[Xyz]\n", 6, ALL, "[Xyz]: no such section"},
    {"[Defaults x]\n", 6, ALL, "takes no name"},
    {"[Person]\n", 6, ALL, "'' is not a name"},
    {"[Person Alice]\n", 6, ALL, "'Alice' is not a name"},
    {"[Role ../x]\n", 6, ALL, "is not a name"},
    {"[Person a]\n[Person a]\n", 7, ALL, "[Person a]: there is one of that name already"},
    {"[Group a]\n[Group a]\n", 7, ALL, "there is one of that name already"},
    {"[Role r]\n", 6, ONE_ROLE, "[Role r]: there is one of that name already"},
    {"[Automation a]\nHosts=*\nAccounts=x\n[Automation a]\n", 9, ALL, "there is one of that name already"},

    {"Approvers=alice\n", 6, ONE_ROLE, "Approvers=: no such key in [Role]; did you mean Approve=?"},
    {"approve=1 of bob\n", 6, ONE_ROLE, "did you mean Approve=?"},
    {"Gather=1h\n", 6, ONE_ROLE, "Gather=: no such key in [Role]; it belongs in [Defaults]"},
    {"Zzzzz=1\n", 6, ONE_ROLE, "Zzzzz=: no such key in [Role]"},
    {"[Defaults]\nMaxduration=1h\n", 7, ALL, "did you mean MaxDuration=?"},
    {"[Person a]\nUsr=a\n", 7, ALL, "did you mean User=?"},
    {"[Group g]\nMember=a\n", 7, ALL, "did you mean Members=?"},
    {"[Automation a]\nHost=*\n", 7, ALL, "did you mean Hosts=?"},

    {"MaxDuration=1h\nMaxDuration=2h\n", 7, ONE_ROLE, "MaxDuration=: set twice"},
    {"Solo=no\nSolo=no\n", 7, ONE_ROLE, "Solo=: set twice"},
    {"[Defaults]\nGather=1h\n[Defaults]\nGather=2h\n", 9, ALL, "Gather=: set twice"},
    {"MaxDuration=\n", 6, ONE_ROLE, "nothing after the '='"},
    {"MaxDuration= # later\n", 6, ONE_ROLE, "nothing after the '='"},
    {"[Defaults]\nAdministrators=\n", 7, ALL, "nothing after the '='"},

    {"Approve=alice\n", 6, ONE_ROLE, "it is written \"Approve=1 of @leads carol\""},
    {"Approve=1 alice\n", 6, ONE_ROLE, "it is written"},
    {"Approve=1of alice\n", 6, ONE_ROLE, "it is written"},
    {"Approve=0 of alice\n", 6, ONE_ROLE, "it is written"},
    {"Approve=-1 of alice\n", 6, ONE_ROLE, "it is written"},
    {"Approve=99999999999999999999 of alice\n", 6, ONE_ROLE, "it is written"},
    {"Approve=64 of alice\n", 6, ONE_ROLE, "at most 64 people together"},
    {"Approve=1 of @nobody\n", 6, ONE_ROLE, "no such group @nobody"},
    {"Approve=1 of Alice\n", 6, ONE_ROLE, "'Alice' is not a person's name"},
    {"Approve=1 of\n", 6, ONE_ROLE, "it is written"},
    {"[Role s]\nRequesters=bob\nHosts=*\nAccounts=root\n", 6, ONE_ROLE,
     "[Role s]: neither Approve= nor Solo=yes"},
    {"Solo=yes\n", 1, ONE_ROLE, "[Role r]: both Approve= and Solo=yes"},
    {"[Role s]\nRequesters=bob\nSolo=yes\nAccounts=root\n", 6, ONE_ROLE, "[Role s]: no Hosts="},
    {"[Role s]\nRequesters=bob\nSolo=yes\nHosts=*\n", 6, ONE_ROLE,
     "[Role s]: neither Accounts= nor Credentials="},
    {"[Role s]\nSolo=yes\nHosts=*\nAccounts=root\n", 6, NONE, "[Role s]: nobody may request it"},
    {"[Role s]\nRequesters=bob\nSolo=yes\nHosts=*\nAccounts=root\nReviewWithin=none\n", 6, ONE_ROLE,
     "Solo=yes is always reviewed"},
    {"Solo=maybe\n", 6, ONE_ROLE, "Solo=maybe: either yes or no"},
    {"RequireVerified=1\n", 6, ONE_ROLE, "either yes or no"},
    {"Class=high\n", 6, ONE_ROLE, "either critical or normal"},
    {"MaxDuration=soon\n", 6, ONE_ROLE, "a length of time is written 30m"},
    {"MaxDuration=0s\n", 6, ONE_ROLE, "a length of time is written 30m"},
    {"MaxDuration=500d\n", 6, ONE_ROLE, "a length of time"},
    {"MaxDuration=none\n", 6, ONE_ROLE, "a length of time"},
    {"MaxDuration=2d\n", 1, NONE, "longer than a day"},
    {"ReviewWithin=x\n", 6, ONE_ROLE, "or none"},
    {"Hosts=DB1\n", 6, ONE_ROLE, "'DB1' is not a host's name or pattern"},
    {"Hosts=db[12]\n", 6, ONE_ROLE, "is not a host's name or pattern"},
    {"Accounts=bg-*\n", 6, ONE_ROLE, "'bg-*' is not an account's name (exact; no patterns here)"},
    {"Accounts=Root\n", 6, ONE_ROLE, "is not an account's name"},
    {"Accounts=breakglass\n", 6, ONE_ROLE, "breakglass is the front door"},
    {"Credentials=../x\n", 6, ONE_ROLE, "is not a credential's name"},
    {"Requesters=@nobody\n", 6, ONE_ROLE, "no such group @nobody"},
    {"Requesters=b%b\n", 6, ONE_ROLE, "is not a person's name"},
    {"Requesters=g\n[Group g]\nMembers=alice\n", 6, ONE_ROLE, "g is a group; did you mean @g?"},

    {"[Defaults]\nClockSkew=2d\n", 7, ALL, "at most 24h"},
    {"[Defaults]\nAudit=yes\n", 7, ALL, "either required or best-effort"},
    {"[Defaults]\nSigningHost=maybe\n", 7, ALL, "either yes or no"},
    {"[Defaults]\nReviewers=@nobody\n", 7, ALL, "no such group"},
    {"[Person a]\nUser=root\n", 7, ALL, "that account is nobody's own"},
    {"[Person a]\nUser=a b\n", 7, ALL, "is not an account's name"},
    {"[Person a]\nUid=0\n", 7, ALL, "a number from 1000"},
    {"[Person a]\nUid=65534\n", 7, ALL, "not from 60001 to 65535"},
    {"[Person a]\nUid=4294967296000\n", 7, ALL, "a number from 1000"},
    {"[Person a]\nUid=2000x\n", 7, ALL, "a number from 1000"},
    {"[Person a]\nUid=20000\n[Person b]\nUid=20000\n", 8, ALL, "Uid=20000 is a's already"},
    {"[Person a]\nUser=x\n[Person b]\nUser=x\n", 8, NONE, "the account now stands for neither"},
    {"[Person a]\nUser=b\n[Person b]\n", 6, NONE, "User=b is another person's name"},
    {"[Group g]\nMembers=a @h\n", 7, ALL, "a group holds no groups"},
    {"[Group g]\nMembers=A\n", 7, ALL, "is not a person's name"},
    {"[Group g]\nMembers=\n", 6, NONE, "[Group g]: it has no members"},
    {"[Group g]\n", 6, NONE, "it has no members"},
    {"[Automation a]\nHosts=*\n", 6, ALL, "Accounts= and Hosts= are both needed"},
    {"[Automation a]\nHosts=*\nAccounts=personal\n", 8, ALL, "has no personal account"},

    {"Approve=2 of carol\n", 6, NONE, "nobody can meet this Approve=2 of carol"},
    {"Approve=1 of alice\n", 1, NONE, "nobody can meet the Approve= lines of r by different people"},
    {"Approve=1 of bob\n", 1, NONE, "once the requester is taken away"},
    {"Requesters=alice\n", 1, NONE, "when alice requests r, nobody can meet its Approve= lines"},
    {"", 1, NONE, "one person can block every road: without alice nobody gets what r opens"},
    {"", 1, NONE, "nobody could review what bob does with r, and it would stay due: there is neither"},
    {"[Defaults]\nReviewers=bob alice\n", 1, NONE, "every reviewer is a requester or must approve"},
    {"[Role s]\nRequesters=bob\nApprove=1 of dave erin\nHosts=*\nAccounts=docker\n", 6, NONE,
     "account docker is root by another name"},
};

static void check_mistake(const struct mistake *m)
{
    bg_free_ char *text = NULL;
    struct bg_policy policy;
    const struct bg_problem *problem;
    bool a_role = false;

    assert_true(asprintf(&text, "%s%s", ROLE, m->text) >= 0);
    read_text(&policy, text);
    problem = find(&policy.problems, m->says);
    for (size_t i = 0; i < policy.n_roles; i++)
        a_role = a_role || policy.roles[i].broken;
    if (!problem || problem->line != m->line || problem->warning != (m->harm == NONE) ||
        policy.broken != (m->harm == ALL) || (m->harm != ALL && a_role != (m->harm == ONE_ROLE)) ||
        strcmp(problem->file, "policy.conf") != 0) {
        print_problems(&policy.problems);
        fail_msg("after the role: \"%s\" should say, at line %u: %s (policy %s, role %s)", m->text, m->line,
                 m->says, policy.broken ? "broken" : "whole", a_role ? "broken" : "whole");
    }
    assert_int_equal(policy.problems.errors > 0, m->harm != NONE);
    bg_policy_free(&policy);
}

static void every_mistake_is_named(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < BG_COUNT(mistakes); i++)
        check_mistake(&mistakes[i]);
}

static void a_key_before_the_first_section(void **unused)
{
    struct bg_policy policy;

    (void)unused;
    read_text(&policy, "# first\n\nGather=1h\n" ROLE);
    assert_true(policy.broken);
    assert_int_equal(line_of(&policy.problems, "stands before the first [Section]"), 3);
    bg_policy_free(&policy);
}

static void a_broken_role_disables_itself_only(void **unused)
{
    struct bg_policy policy;

    (void)unused;
    read_text(&policy,
              "[Role bad]\nNonsense=1\nRequesters=bob\nApprove=1 of alice\nHosts=*\nAccounts=root\n" ROLE);
    assert_false(policy.broken);
    assert_true(policy.roles[0].broken);
    assert_false(policy.roles[1].broken);
    /* Its approvers may close what hangs on it all the same. */
    assert_true(bg_role_approver(&policy.roles[0], "alice"));
    bg_policy_free(&policy);
}

/* Who may approve something on a host: in a role that it has, and that is whole. */
static void who_approves_something(void **unused)
{
    static const char roles[] =
        "[Role web]\nRequesters=bob\nApprove=1 of alice\nHosts=web*\nAccounts=www-data\n"
        "[Role db]\nRequesters=bob\nApprove=1 of carol\nApprove=1 of dave\nHosts=db*\nAccounts=root\n"
        "[Role worst]\nRequesters=frank\nSolo=yes\nHosts=*\nAccounts=root\n";
    static const char bad[] =
        "[Role bad]\nNonsense=1\nRequesters=bob\nApprove=1 of erin\nHosts=*\nAccounts=root\n";
    struct bg_policy p;
    char text[sizeof(roles) + sizeof(bad) + 16];

    (void)unused;
    (void)snprintf(text, sizeof text, "%s%s", roles, bad);
    read_text(&p, text);
    assert_true(bg_may_approve(&p, "web1", "alice"));
    assert_false(bg_may_approve(&p, "db1", "alice"));
    assert_true(bg_may_approve(&p, "db1", "carol"));
    assert_true(bg_may_approve(&p, "db1", "dave"));
    assert_false(bg_may_approve(&p, "db1", "bob"));
    assert_false(bg_may_approve(&p, "db1", "frank"));
    assert_false(bg_may_approve(&p, "db1", "erin")); /* of a role that nobody gets */
    assert_false(bg_may_approve(&p, "db1", ""));
    bg_policy_free(&p);

    (void)snprintf(text, sizeof text, "%s[Rolle]\n", roles);
    read_text(&p, text);
    assert_true(p.broken);
    assert_false(bg_may_approve(&p, "db1", "carol"));
    bg_policy_free(&p);
}

/* --- meaning --- */

static void what_a_policy_means(void **unused)
{
    struct bg_policy p;
    const struct bg_role *role;

    (void)unused;
    read_text(&p, "[Role r]\r\n"
                  "Requesters = @oncall \\\n"
                  "   # in between\n"
                  "   erin # at the end\n"
                  "Requesters=bob\n"
                  "Approve=2 of @oncall  dave\tdave\n"
                  "Hosts=db*.prod\n"
                  "Description=ticket#7 # not this\n"
                  "; also a comment\n"
                  "Accounts=root personal\n"
                  "Credentials=prod/db\n"
                  "Class=critical\n"
                  "[Group oncall]\n"
                  "Members=frank bob\n"
                  "[Defaults]\n"
                  "MaxDuration=2h\n"
                  "ReviewWithin=none\n"
                  "Audit=required\n"
                  "SigningHost=yes\n"
                  "Administrators=@oncall\n"
                  "[Person bob]\n"
                  "User=b.ob\n"
                  "Contact=call #12 # home\n"
                  "[Automation backup]\n"
                  "Accounts=backup\n"
                  "Hosts=db*\n");
    print_problems(&p.problems);
    assert_false(p.broken);
    assert_int_equal(p.problems.errors, 0);
    role = bg_policy_role(&p, "r");
    if (!role) {
        fail_msg("no role r");
        return;
    }
    assert_string_equal(role->description, "ticket#7");
    assert_int_equal(role->requesters.n, 3);
    assert_string_equal(role->requesters.v[0], "bob");
    assert_string_equal(role->requesters.v[1], "erin");
    assert_string_equal(role->requesters.v[2], "frank");
    assert_int_equal(role->n_approve, 1);
    assert_int_equal(role->approve[0].need, 2);
    assert_int_equal(role->approve[0].people.n, 3);
    assert_int_equal(role->approve[0].line, 6);
    assert_int_equal(role->max_duration, 7200);
    assert_int_equal(role->review_within, 0);
    assert_true(role->critical && role->personal && !role->solo);
    assert_true(p.audit_required && p.signing_host);
    assert_true(bg_list_has(&p.administrators, "frank"));
    assert_string_equal(p.people[0].contact, "call");
    assert_true(bg_role_host(role, "db1.prod") && !bg_role_host(role, "web.prod"));
    assert_true(bg_role_account(&p, role, "bob", "root"));
    assert_true(bg_role_account(&p, role, "bob", "b.ob"));
    assert_false(bg_role_account(&p, role, "erin", "b.ob"));
    assert_false(bg_role_account(&p, role, "bob", "personal"));
    assert_ptr_equal(bg_policy_person_by_user(&p, "b.ob"), bg_policy_person(&p, "bob"));
    assert_non_null(bg_policy_automation(&p, "backup", "db1", "backup"));
    assert_null(bg_policy_automation(&p, "backup", "web", "backup"));
    assert_null(bg_policy_automation(&p, "backup", "db1", "root"));
    bg_policy_free(&p);
}

static void what_stands_where_nothing_is_said(void **unused)
{
    struct bg_policy p;

    (void)unused;
    read_text(&p, ROLE);
    assert_int_equal(p.max_duration, 3600);
    assert_int_equal(p.gather, 3600);
    assert_int_equal(p.clock_skew, 900);
    assert_int_equal(p.roles[0].review_within, 72 * 3600);
    assert_false(p.audit_required || p.signing_host);
    bg_policy_free(&p);
}

static void an_account_that_two_claim_is_neithers(void **unused)
{
    struct bg_policy p;

    (void)unused;
    read_text(&p, ROLE "Accounts=personal\n[Person a]\nUser=x\n[Person b]\nUser=x\n");
    assert_false(p.broken);
    assert_null(bg_policy_person_by_user(&p, "x"));
    assert_false(bg_role_account(&p, &p.roles[0], "a", "x"));
    assert_false(bg_role_account(&p, &p.roles[0], "b", "x"));
    bg_policy_free(&p);
}

static void broken_automations_are_no_way_in(void **unused)
{
    struct bg_policy p;

    (void)unused;
    read_text(&p, "[Automation a]\nAccounts=backup\nHosts=*\n[Oops]\n");
    assert_true(p.broken);
    assert_null(bg_policy_automation(&p, "a", "db1", "backup"));
    bg_policy_free(&p);
}

static void another_road_silences_the_warning(void **unused)
{
    struct bg_policy p;

    (void)unused;
    read_text(&p, ROLE "[Role s]\nRequesters=bob\nSolo=yes\nHosts=*\nAccounts=root\n");
    assert_null(find(&p.problems, "one person can block"));
    bg_policy_free(&p);
}

static void a_review_that_somebody_can_give(void **unused)
{
    static const char *const fine[] = {"[Defaults]\nReviewers=bob grace\n",
                                       "[Defaults]\nAdministrators=grace\n", "ReviewWithin=none\n"};
    struct bg_policy p;

    (void)unused;
    for (size_t i = 0; i < BG_COUNT(fine); i++) {
        bg_free_ char *text = NULL;

        assert_true(asprintf(&text, "%s%s", ROLE, fine[i]) >= 0);
        read_text(&p, text);
        assert_null(find(&p.problems, "nobody could review"));
        bg_policy_free(&p);
    }
}

/* --- files --- */

static void put(const struct scratch *scratch, const char *name, const char *text, mode_t mode)
{
    assert_int_equal(scratch_folder(scratch, BG_ETC "/policy.d"), 0);
    assert_int_equal(scratch_write(scratch, name, text), 0);
    assert_int_equal(chmod(scratch_path(scratch, name), mode), 0);
}

static void from_files(void **unused)
{
    struct scratch scratch;
    struct bg_policy p;
    unsigned char before[32];

    (void)unused;
    assert_int_equal(scratch_make(&scratch), 0);
    assert_int_equal(bg_policy_load(&p, &scratch.root), 0);
    assert_true(p.broken);
    assert_int_equal(p.changed, 0);
    bg_policy_free(&p);

    put(&scratch, BG_ETC "/policy.conf", ROLE, 0644);
    assert_int_equal(scratch_date(&scratch, BG_ETC "/policy.conf", 2000), 0);
    assert_int_equal(bg_policy_load(&p, &scratch.root), 0);
    assert_false(p.broken);
    assert_int_equal(p.changed, 2000);
    memcpy(before, p.digest, sizeof before);
    bg_policy_free(&p);

    put(&scratch, BG_ETC "/policy.d/20.conf", "[Group late]\nMembers=alice\n", 0644);
    put(&scratch, BG_ETC "/policy.d/10.conf", "[Defaults]\nAdministrators=@late\n", 0644);
    put(&scratch, BG_ETC "/policy.d/note.txt", "not a policy\n", 0644);
    assert_int_equal(scratch_date(&scratch, BG_ETC "/policy.d/20.conf", 1000), 0);
    assert_int_equal(scratch_date(&scratch, BG_ETC "/policy.d/10.conf", 3000), 0);
    assert_int_equal(bg_policy_load(&p, &scratch.root), 0);
    print_problems(&p.problems);
    assert_false(p.broken);
    assert_int_equal(p.changed, 3000); /* not that of the note, which is not read */
    assert_file(&p.problems, "this file is ignored", "policy.d/note.txt");
    assert_int_equal(p.problems.errors, 0);
    assert_true(bg_list_has(&p.administrators, "alice"));
    assert_int_not_equal(memcmp(before, p.digest, sizeof before), 0);
    bg_policy_free(&p);

    put(&scratch, BG_ETC "/policy.d/30.conf", "[Oops]\n", 0644);
    assert_int_equal(bg_policy_load(&p, &scratch.root), 0);
    assert_true(p.broken);
    assert_file(&p.problems, "no such section", "policy.d/30.conf");
    bg_policy_free(&p);

    put(&scratch, BG_ETC "/policy.d/30.conf", "", 0666);
    assert_int_equal(bg_policy_load(&p, &scratch.root), 0);
    assert_true(p.broken);
    assert_file(&p.problems, "cannot be used", "policy.d/30.conf");
    bg_policy_free(&p);
    scratch_drop(&scratch);
}

/* --- what is written down --- */

static char *read_whole(const char *name)
{
    char path[512], *text = calloc(1, 65536);
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/../packaging/%s", SRCDIR, name);
    f = fopen(path, "re");
    if (!f || !text) {
        fail_msg("%s cannot be read", path);
        return NULL;
    }
    assert_true(fread(text, 1, 65535, f) > 0);
    (void)fclose(f);
    return text;
}

static void the_examples_parse(void **unused)
{
    bg_free_ char *manual = read_whole("man/breakglass-policy.5"),
                  *shipped = read_whole("examples/policy.conf");
    char *start = strstr(manual, ".Bd -literal\n"), *end = strstr(manual, ".Ed\n");
    struct bg_policy p;

    (void)unused;
    if (!start || !end || end < start) {
        fail_msg("no example in the manual");
        return;
    }
    *end = '\0';
    read_text(&p, strchr(start, '\n') + 1);
    print_problems(&p.problems);
    assert_int_equal(p.problems.n, 0);
    assert_int_equal(p.n_roles, 2);
    bg_policy_free(&p);
    read_text(&p, shipped);
    print_problems(&p.problems);
    assert_int_equal(p.problems.errors, 0);
    bg_policy_free(&p);
}

/* Every key that is read stands in the manual. */
static void every_key_is_in_the_manual(void **unused)
{
    static const char *const keys[] = {
        "MaxDuration", "Gather",      "ClockSkew",      "ReviewWithin", "Administrators", "Reviewers",
        "Audit",       "SigningHost", "User",           "Uid",          "Contact",        "Members",
        "Description", "Requesters",  "Approve",        "Solo",         "Hosts",          "Accounts",
        "Credentials", "Class",       "RequireVerified"};
    bg_free_ char *manual = read_whole("man/breakglass-policy.5");

    (void)unused;
    for (size_t i = 0; i < BG_COUNT(keys); i++) {
        char wanted[64];
        (void)snprintf(wanted, sizeof wanted, "Cm %s Ns =", keys[i]);
        if (!strstr(manual, wanted))
            fail_msg("%s= is not in the manual", keys[i]);
    }
}

/* --- asking --- */

static int ask(struct bg_terms *terms, const struct bg_policy *p, const char *person, const char *role,
               const char *hosts, const char *accounts, int64_t duration, struct bg_sentence *err)
{
    bg_cleanup_(bg_list_free) struct bg_list h = {0};
    bg_cleanup_(bg_list_free) struct bg_list a = {0};

    assert_int_equal(bg_list_split(&h, hosts), 0);
    assert_int_equal(bg_list_split(&a, accounts), 0);
    return bg_may_request(terms, p, person, role, &h, &a, duration, err);
}

static void what_may_be_asked(void **unused)
{
    static const struct {
        const char *person, *role, *hosts, *accounts;
        int64_t duration;
        int r;
        const char *says;
    } wrong[] = {
        {"bob", "x", "db1", "", 60, -EINVAL, "there is no role x"},
        {"erin", "r", "db1", "", 60, -EPERM, "erin may not request r"},
        {"bob", "r", "", "", 60, -EINVAL, "on which host?"},
        {"bob", "r", "web1", "", 60, -EPERM, "does not lead to web1"},
        {"bob", "r", "DB1", "", 60, -EINVAL, "is not a host's name"},
        {"bob", "r", "db1", "oracle", 60, -EPERM, "does not open account oracle for bob"},
        {"bob", "r", "db1", "", 0, -EINVAL, "for how long?"},
        {"bob", "r", "db1", "", 3601, -EPERM, "at most 1h"},
        {"carol", "own", "db1", "", 60, -EPERM, "carol has none"},
    };
    struct bg_policy p;
    struct bg_terms terms;
    struct bg_sentence err;
    bg_cleanup_(bg_list_free) struct bg_list who = {0};

    (void)unused;
    read_text(
        &p,
        "[Role r]\nRequesters=bob carol\nApprove=1 of alice dave bob\nHosts=db*\nAccounts=root personal adm\n"
        "Credentials=z/a a/z\n[Role own]\nRequesters=carol\nApprove=1 of alice\nHosts=*\nAccounts=personal\n"
        "[Person bob]\nUser=bob\n[Person dave]\nContact=+49\n");
    for (size_t i = 0; i < BG_COUNT(wrong); i++) {
        assert_int_equal(ask(&terms, &p, wrong[i].person, wrong[i].role, wrong[i].hosts, wrong[i].accounts,
                             wrong[i].duration, &err),
                         wrong[i].r);
        assert_non_null(strstr(err.text, wrong[i].says));
        assert_null(terms.role);
    }
    assert_int_equal(ask(&terms, &p, "bob", "r", "db2 db1 db2", "", 60, &err), 0);
    assert_string_equal(terms.role, "r");
    assert_int_equal(terms.hosts.n, 2);
    assert_string_equal(terms.hosts.v[0], "db1");
    assert_int_equal(terms.accounts.n, 3);
    assert_string_equal(terms.accounts.v[0], "adm");
    assert_string_equal(terms.accounts.v[1], "bob");
    assert_string_equal(terms.accounts.v[2], "root");
    assert_string_equal(terms.credentials.v[0], "a/z");
    assert_int_equal(terms.duration, 60);
    bg_terms_clear(&terms);
    assert_int_equal(ask(&terms, &p, "carol", "r", "db1", "", 60, &err), 0);
    assert_int_equal(terms.accounts.n, 2);
    bg_terms_clear(&terms);
    assert_int_equal(bg_request_approvals(&who, &p, bg_policy_role(&p, "r"), "bob"), 0);
    assert_string_equal(who.v[0], "1 of alice dave bob: alice or dave (+49)");
    bg_policy_free(&p);
}

/* --- with signers --- */

static void add_signer(struct bg_signers *signers, const char *name, const char *key)
{
    bg_free_ char *public = world_key_text(key), *line = NULL;

    assert_true(asprintf(&line, "%s namespaces=\"breakglass\" %s\n", name, public) >= 0);
    assert_int_equal(bg_signers_parse(signers, "signers", line, strlen(line)), 0);
}

static void people_without_keys(void **unused)
{
    struct bg_policy p;
    struct bg_signers signers = {0};
    struct bg_problems problems = {0};

    (void)unused;
    read_text(
        &p,
        "[Role r]\nRequesters=bob\nApprove=1 of alice dvae\nHosts=*\nAccounts=root\n"
        "[Role f]\nRequesters=bob\nRequireVerified=yes\nApprove=1 of alice dave\nHosts=*\nAccounts=root\n");
    add_signer(&signers, "alice", "alice");
    add_signer(&signers, "dave", "dave");
    bg_signers_settle(&signers);
    assert_int_equal(bg_policy_check_signers(&p, &signers, 0, &problems), 0);
    print_problems(&problems);
    assert_int_equal(line_of(&problems, "dvae has no key that signs today; did you mean dave?"), 3);
    assert_int_equal(line_of(&problems, "dave has no FIDO key that signs today"), 9);
    assert_non_null(find(&problems, "nobody can meet the Approve= lines of f"));
    assert_null(find(&problems, "nobody can meet the Approve= lines of r"));
    assert_int_equal(problems.errors, 0);
    bg_problems_free(&problems);
    bg_signers_free(&signers);
    bg_policy_free(&p);
}

static void suggestions(void **unused)
{
    static const char *const words[] = {"MaxDuration", "Gather", "Hosts"};

    (void)unused;
    assert_string_equal(bg_suggest("maxduration", words, 3), "MaxDuration");
    assert_string_equal(bg_suggest("Gahter", words, 3), "Gather");
    assert_string_equal(bg_suggest("Host", words, 3), "Hosts");
    assert_null(bg_suggest("Colour", words, 3));
    assert_null(bg_suggest("", words, 3));
    assert_null(
        bg_suggest("Xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", words, 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mistake_is_named),
        cmocka_unit_test(a_key_before_the_first_section),
        cmocka_unit_test(a_broken_role_disables_itself_only),
        cmocka_unit_test(who_approves_something),
        cmocka_unit_test(what_a_policy_means),
        cmocka_unit_test(what_stands_where_nothing_is_said),
        cmocka_unit_test(an_account_that_two_claim_is_neithers),
        cmocka_unit_test(broken_automations_are_no_way_in),
        cmocka_unit_test(another_road_silences_the_warning),
        cmocka_unit_test(a_review_that_somebody_can_give),
        cmocka_unit_test(from_files),
        cmocka_unit_test(the_examples_parse),
        cmocka_unit_test(every_key_is_in_the_manual),
        cmocka_unit_test(what_may_be_asked),
        cmocka_unit_test(people_without_keys),
        cmocka_unit_test(suggestions),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
