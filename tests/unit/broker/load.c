/* SPDX-License-Identifier: ISC */
/* What the broker and `policy check` make of policy and signers that others may write; and which sessions
 * stay while nothing can be judged. */
#include "broker/sessions/entitlement.h"
#include "console/base/destination.h"
#include "console/verbs/verbs.h"
#include "tests/kit/house.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct house h;

static int setup(void **state)
{
    (void)state;
    house_build(&h);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    house_drop(&h);
    return 0;
}

static void enrol(const char *path, const char *names)
{
    struct bg_list list bg_cleanup_(bg_list_free) = {0};
    FILE *to = fopen(scratch_path(&h.st.s, path), "we");

    assert_non_null(to);
    assert_int_equal(bg_list_split(&list, names), 0);
    for (size_t i = 0; i < list.n; i++)
        stage_enrol(to, list.v[i], list.v[i], "breakglass,breakglass-login");
    assert_int_equal(fclose(to), 0);
}

/* --- files that others may write --- */

static const struct {
    const char *path;
    mode_t fine, bad;
    bool signers;
} writable[] = {
    {BG_ETC "/policy.conf", 0644, 0664, false},      {BG_ETC "/policy.conf", 0644, 0646, false},
    {BG_ETC "/policy.d", 0755, 0775, false},         {BG_ETC "/policy.d", 0755, 0757, false},
    {BG_ETC "/policy.d/10.conf", 0644, 0664, false}, {BG_ETC "/signers", 0644, 0664, true},
    {BG_ETC "/signers", 0644, 0646, true},           {BG_ETC "/signers.d", 0755, 0775, true},
    {BG_ETC "/signers.d", 0755, 0757, true},
};

#define SAID_SIZE 4096

/* `policy check`, of the host or of a folder. said: what it wrote. */
static int check(const char *folder, char said[SAID_SIZE])
{
    char *argv[] = {(char *)"policy", (char *)"check", (char *)folder, NULL};
    FILE *to = tmpfile();
    int out = dup(STDOUT_FILENO);

    assert_true(to && out >= 0 && fflush(stdout) == 0 && dup2(fileno(to), STDOUT_FILENO) >= 0);
    destination_set_root(h.st.s.path);
    int status = verb_policy(folder ? 3 : 2, argv);

    destination_set_root("/");
    assert_true(fflush(stdout) == 0 && dup2(out, STDOUT_FILENO) >= 0);
    (void)close(out);
    rewind(to);
    said[fread(said, 1, SAID_SIZE - 1, to)] = '\0';
    (void)fclose(to);
    return status;
}

static void set_mode(size_t i, mode_t mode)
{
    assert_int_equal(chmod(scratch_path(&h.st.s, writable[i].path), mode), 0);
}

static void others_may_not_write(void **state)
{
    char why[BG_FIELD_MAX], said[SAID_SIZE];

    (void)state;
    assert_int_equal(scratch_folder(&h.st.s, BG_ETC "/policy.d"), 0);
    assert_int_equal(scratch_folder(&h.st.s, BG_ETC "/signers.d"), 0);
    stage_write(&h.st, BG_ETC "/policy.d/10.conf", "[Group more]\nMembers=alice\n");
    enrol(BG_ETC "/signers", "alice bob dave frank");
    enrol(BG_ETC "/signers.d/10.conf", "grace");
    house_start(&h);
    assert_false(h.b.site.policy.broken);
    size_t signers = h.b.site.signers.n;

    assert_true(signers > 0);
    assert_int_equal(check(NULL, said), EXIT_DONE);
    for (size_t i = 0; i < BG_COUNT(writable); i++) {
        unsigned invalid = house_heard(&h, BG_EVENT_POLICY_INVALID, NULL, NULL);
        unsigned changed = house_heard(&h, BG_EVENT_SIGNERS_CHANGED, NULL, NULL);

        set_mode(i, writable[i].bad);
        load_again(&h.b);
        if (writable[i].signers) {
            assert_true(h.b.site.signers.problems.errors > 0);
            assert_true(house_heard(&h, BG_EVENT_SIGNERS_CHANGED, NULL, why) > changed);
            assert_non_null(strstr(why, "signers"));
        } else {
            assert_true(h.b.site.policy.broken);
            assert_true(h.b.has_good);
            assert_true(house_heard(&h, BG_EVENT_POLICY_INVALID, NULL, why) > invalid);
            assert_non_null(strstr(why, "policy"));
        }
        assert_int_equal(check(NULL, said), EXIT_REFUSED);
        set_mode(i, writable[i].fine);
        load_again(&h.b);
        assert_false(h.b.site.policy.broken);
        assert_false(h.b.has_good);
        assert_int_equal(h.b.site.signers.n, signers);
        assert_int_equal(check(NULL, said), EXIT_DONE);
    }
}

/* --- files whose names end otherwise --- */

/* The file changes no digest, and is told nevertheless: whoever put it there believes that erin can sign. */
static void an_ignored_file_is_told(void **state)
{
    char why[BG_FIELD_MAX], said[SAID_SIZE];

    (void)state;
    assert_int_equal(scratch_folder(&h.st.s, BG_ETC "/signers.d"), 0);
    assert_int_equal(scratch_folder(&h.st.s, BG_ETC "/policy.d"), 0);
    enrol(BG_ETC "/signers", "alice bob dave frank");
    house_start(&h);
    size_t signers = h.b.site.signers.n;
    unsigned heard = house_heard(&h, BG_EVENT_SIGNERS_CHANGED, NULL, NULL);

    enrol(BG_ETC "/signers.d/night", "erin");
    load_again(&h.b);
    assert_int_equal(h.b.site.signers.n, signers);
    assert_int_equal(house_heard(&h, BG_EVENT_SIGNERS_CHANGED, NULL, why), heard + 1);
    assert_non_null(strstr(why, "signers.d/night: this file is ignored"));
    load_again(&h.b);
    assert_int_equal(house_heard(&h, BG_EVENT_SIGNERS_CHANGED, NULL, NULL), heard + 1);
    house_stop(&h);
    house_start(&h);
    assert_int_equal(house_heard(&h, BG_EVENT_SIGNERS_CHANGED, NULL, why), heard + 2);
    assert_non_null(strstr(why, "signers.d/night"));
    stage_write(&h.st, BG_ETC "/policy.d/night.conf~", "[Nonsense]\n");
    for (int uninstalled = 0; uninstalled < 2; uninstalled++) {
        assert_int_equal(check(uninstalled ? scratch_path(&h.st.s, BG_ETC) : NULL, said), EXIT_DONE);
        assert_non_null(strstr(said, "signers.d/night: warning: this file is ignored"));
        assert_non_null(strstr(said, "policy.d/night.conf~: warning: this file is ignored"));
    }

    assert_int_equal(rename(scratch_path(&h.st.s, BG_ETC "/signers.d/night"),
                            scratch_path(&h.st.s, BG_ETC "/signers.d/night.conf")),
                     0);
    load_again(&h.b);
    assert_int_equal(h.b.site.signers.n, signers + 1);
    assert_int_equal(house_heard(&h, BG_EVENT_SIGNERS_CHANGED, NULL, why), heard + 3);
    assert_null(strstr(why, "ignored"));
}

/* --- sessions while nothing can be judged --- */

static struct entitlement entitled(const char *account, const char *id, int64_t ends)
{
    struct bg_session session = {.kind = BG_SESSION_GRANT, .opened = h.st.now - 60, .ends = ends};
    struct entitlement e;

    (void)snprintf(session.person, sizeof session.person, "bob");
    (void)snprintf(session.account, sizeof session.account, "%s", account);
    (void)snprintf(session.grant, sizeof session.grant, "%s", id);
    entitlement_of_session(&e, &h.b, &session, id, h.st.now);
    return e;
}

static void break_policy(void)
{
    stage_write(&h.st, BG_ETC "/policy.conf", "[Nonsense]\n");
    load_again(&h.b);
    assert_true(h.b.site.policy.broken);
}

static void shut(const char *id)
{
    assert_int_equal(bg_store_mark_closed(&h.b.site.store, "bob", id), 0);
}

static void covered_by_any_grant(void **state)
{
    char first[BG_ID_SIZE], second[BG_ID_SIZE];

    (void)state;
    stage_grant(&h.st, "root", 600, first);
    stage_grant(&h.st, "postgres root", 1200, second);
    house_start(&h);
    struct entitlement e = entitled("root", first, h.st.now + 540);

    assert_true(e.covered);
    assert_string_equal(e.grant, second);
    assert_true(e.until >= h.st.now + 1139);
    shut(second);
    e = entitled("root", second, h.st.now + 1140);
    assert_true(e.covered);
    assert_string_equal(e.grant, first);
    assert_true(e.until <= h.st.now + 600);
    e = entitled("postgres", second, h.st.now + 1140);
    assert_false(e.covered);
    assert_true(e.why.text[0] != '\0');
    shut(first);
    assert_false(entitled("root", first, h.st.now + 540).covered);
    assert_false(entitled("root", "0123456789AB", h.st.now + 540).covered);
}

/* While the policy does not parse, the last that did says who may stay. */
static void a_revoke_ends_it_with_a_broken_policy(void **state)
{
    char id[BG_ID_SIZE];

    (void)state;
    stage_grant(&h.st, "root", 600, id);
    house_start(&h);
    break_policy();
    assert_true(h.b.has_good);
    assert_true(entitled("root", id, h.st.now + 540).covered);
    shut(id);
    assert_false(entitled("root", id, h.st.now + 540).covered);
}

/* A broker that starts with it knows no other: then the end holds that the session had from the beginning. */
static void a_revoke_ends_it_with_no_policy_at_all(void **state)
{
    char id[BG_ID_SIZE];

    (void)state;
    stage_grant(&h.st, "root", 600, id);
    stage_write(&h.st, BG_ETC "/policy.conf", "[Nonsense]\n");
    house_start(&h);
    assert_true(h.b.site.policy.broken && !h.b.has_good);
    struct entitlement e = entitled("root", id, h.st.now + 540);

    assert_true(e.covered);
    assert_int_equal(e.until, h.st.now + 540);
    assert_false(entitled("root", id, h.st.now).covered);
    assert_false(entitled("root", id, h.st.now - 1).covered);
    assert_true(entitled("root", id, 0).covered); /* it had none */
    shut(id);
    assert_false(entitled("root", id, h.st.now + 540).covered);
    assert_false(entitled("root", id, 0).covered);
}

/* A signers file that is gone ends nothing; one that has lost the approver does. */
static void signers_that_are_gone(void **state)
{
    char id[BG_ID_SIZE];

    (void)state;
    stage_grant(&h.st, "root", 600, id);
    house_start(&h);
    assert_int_equal(unlink(scratch_path(&h.st.s, BG_ETC "/signers")), 0);
    load_again(&h.b);
    assert_int_equal(h.b.site.signers.n, 0);
    assert_true(entitled("root", id, h.st.now + 540).covered);
    enrol(BG_ETC "/signers", "bob alice");
    load_again(&h.b);
    assert_false(entitled("root", id, h.st.now + 540).covered);
}

/* A lock keeps people out, and puts nobody out. */
static void a_lock_puts_nobody_out(void **state)
{
    char id[BG_ID_SIZE];

    (void)state;
    stage_grant(&h.st, "root", 600, id);
    house_start(&h);
    stage_write(&h.st, BG_ETC "/locked", "");
    load_again(&h.b);
    assert_true(h.b.site.locked);
    assert_true(entitled("root", id, h.st.now + 540).covered);
}

static bool may_stay(enum bg_session_kind kind, const char *person, const char *account)
{
    struct bg_session session = {.kind = kind};
    struct entitlement e;

    (void)snprintf(session.person, sizeof session.person, "%s", person);
    (void)snprintf(session.account, sizeof session.account, "%s", account);
    entitlement_of_session(&e, &h.b, &session, "", h.st.now);
    assert_true(e.covered ? e.until == INT64_MAX : e.why.text[0] != '\0');
    return e.covered;
}

static void door_and_automation(void **state)
{
    (void)state;
    house_start(&h);
    assert_true(may_stay(BG_SESSION_DOOR, "bob", "breakglass"));
    assert_false(may_stay(BG_SESSION_DOOR, "mallory", "breakglass"));
    assert_true(may_stay(BG_SESSION_AUTOMATION, "backup", "postgres"));
    assert_false(may_stay(BG_SESSION_AUTOMATION, "backup", "root"));
    assert_false(may_stay(BG_SESSION_AUTOMATION, "idle", "postgres")); /* enrolled, and not in the policy */
    assert_false(may_stay(BG_SESSION_AUTOMATION, "alice", "postgres"));
    break_policy();
    assert_true(may_stay(BG_SESSION_AUTOMATION, "backup", "postgres"));
    assert_false(may_stay(BG_SESSION_AUTOMATION, "backup", "root"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(others_may_not_write),
        T(an_ignored_file_is_told),
        T(covered_by_any_grant),
        T(a_revoke_ends_it_with_a_broken_policy),
        T(a_revoke_ends_it_with_no_policy_at_all),
        T(signers_that_are_gone),
        T(a_lock_puts_nobody_out),
        T(door_and_automation),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
