/* SPDX-License-Identifier: ISC */
/* The module as PAM sees it: every phase for every kind of user, what a refusal leaves behind, and what
 * happens when memory and disks fail. No root: the host is a scratch folder, PAM's files too. */
#include "tests/kit/stage.h"

#include "policy/base/cleanup.h"
#include "policy/record/spool.h"

#include <dlfcn.h>
#include <security/pam_appl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define TESTING BUILDDIR "/unit/pam_module/.libs/pam_breakglass_testing.so"
#define RELAY BUILDDIR "/unit/pam_module/.libs/pam_relay.so"
#define INSTALLED BUILDDIR "/../pam_module/.libs/pam_breakglass.so"
#define NONE (-2)

/* What one call of one phase gave. */
struct result {
    int code;        /* of the phase; -1: it changed errno */
    long limit;      /* systemd.runtime_max_sec; 0: none */
    bool confined;   /* the caller may execute nothing and ends soon */
    char said[2048]; /* all messages, one a line */
    char grant[32], expires[32];
};

struct stay {
    pam_handle_t *pamh;
    struct result *result;
};

static struct stage st;

static int converse(int n, const struct pam_message **messages, struct pam_response **responses, void *data)
{
    struct result *result = data;

    *responses = calloc((size_t)n, sizeof **responses);
    for (int i = 0; i < n; i++) {
        size_t used = strlen(result->said);
        (void)snprintf(result->said + used, sizeof result->said - used, "%s\n", messages[i]->msg);
    }
    return *responses ? PAM_SUCCESS : PAM_CONV_ERR;
}

static void write_service(const char *service, const char *arguments)
{
    char path[64], text[2048];

    (void)snprintf(path, sizeof path, "etc/pam.d/%s", service);
    (void)snprintf(text, sizeof text,
                   "auth required " RELAY " " TESTING " %1$s\naccount required " RELAY " " TESTING
                   " %1$s\nsession required " RELAY " " TESTING " %1$s\n",
                   arguments);
    stage_write(&st, path, text);
}

static pam_handle_t *begin(const char *service, const char *user, const char *info, struct result *result)
{
    const struct pam_conv conv = {converse, result};
    pam_handle_t *pamh = NULL;
    char text[2048];

    *result = (struct result){.code = NONE};
    assert_int_equal(pam_start_confdir(service, user, &conv, scratch_path(&st.s, "etc/pam.d"), &pamh),
                     PAM_SUCCESS);
    assert_int_equal(pam_set_item(pamh, PAM_RHOST, "192.0.2.7"), PAM_SUCCESS);
    if (info) {
        (void)snprintf(text, sizeof text, "SSH_AUTH_INFO_0=%s", info);
        assert_int_equal(pam_putenv(pamh, text), PAM_SUCCESS);
    }
    return pamh;
}

static void take(pam_handle_t *pamh, struct result *result)
{
    const char *code = pam_getenv(pamh, "RELAY_CODE"), *limit = pam_getenv(pamh, "RELAY_LIMIT");
    const char *grant = pam_getenv(pamh, "BREAKGLASS_GRANT"),
               *expires = pam_getenv(pamh, "BREAKGLASS_EXPIRES");

    result->code = code ? atoi(code) : NONE;
    result->limit = limit ? atol(limit) : 0;
    (void)snprintf(result->grant, sizeof result->grant, "%s", grant ? grant : "");
    (void)snprintf(result->expires, sizeof result->expires, "%s", expires ? expires : "");
}

static struct result account(const char *service, const char *user, const char *info)
{
    struct result result;
    pam_handle_t *pamh = begin(service, user, info, &result);

    assert_int_equal(pam_acct_mgmt(pamh, 0), PAM_SUCCESS);
    take(pamh, &result);
    (void)pam_end(pamh, PAM_SUCCESS);
    return result;
}

static void *testing_module(void)
{
    void *module = dlopen(TESTING, RTLD_NOW);

    assert_non_null(module);
    return module;
}

static struct result opening(const char *service, const char *user, const char *info, int flags)
{
    unsigned *forbade = dlsym(testing_module(), "gate_forbade"),
             *armed = dlsym(testing_module(), "gate_armed");
    struct result result;
    pam_handle_t *pamh = begin(service, user, info, &result);

    *forbade = *armed = 0;
    assert_int_equal(pam_open_session(pamh, flags), PAM_SUCCESS);
    take(pamh, &result);
    result.confined = *forbade == 1 && *armed == 1;
    (void)pam_end(pamh, PAM_SUCCESS);
    return result;
}

static struct result session(const char *user, const char *info)
{
    return opening("sshd", user, info, 0);
}

static size_t sessions(void)
{
    struct bg_list names = {0};

    assert_true(bg_session_names(&st.s.root, &names) >= 0);
    size_t n = names.n;
    bg_list_free(&names);
    return n;
}

/* The events in the spool, oldest first, as "grant.used session.opened "; and empties it. */
static const char *events(void)
{
    static char all[4096];
    struct bg_list names = {0};

    all[0] = '\0';
    assert_true(bg_spool_names(&st.s.root, 100, &names) >= 0);
    for (size_t i = 0; i < names.n; i++) {
        bg_free_ char *text = NULL;
        struct bg_event event;
        assert_true(bg_spool_read(&st.s.root, names.v[i], &text) >= 0);
        assert_int_equal(bg_event_parse(&event, text), 0);
        size_t used = strlen(all);
        (void)snprintf(all + used, sizeof all - used, "%s(%s%s%s%s) ", bg_event_name(event.id),
                       event.field[BG_FIELD_PERSON] ? event.field[BG_FIELD_PERSON] : "-",
                       event.field[BG_FIELD_ACCOUNT] ? "," : "",
                       event.field[BG_FIELD_ACCOUNT] ? event.field[BG_FIELD_ACCOUNT] : "",
                       event.alert ? ",alert" : "");
        assert_true(bg_spool_drop(&st.s.root, names.v[i]) >= 0);
    }
    bg_list_free(&names);
    return all;
}

static void expect(const struct result *r, int code, const char *says)
{
    if (r->code != code || (says && !strstr(r->said, says)))
        fail_msg("code %d, not %d; said: %s", r->code, code, r->said);
}

static int setup(void **state)
{
    (void)state;
    stage_open(&st);
    (void)setenv("BREAKGLASS_TEST_ROOT", st.s.path, 1);
    write_service("sshd", "accounts=root,postgres,bg-*");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    stage_close(&st);
    return 0;
}

/* --- whose business it is --- */

static void none_of_our_business(void **state)
{
    static const char *const left_alone[] = {"login", "cron", "systemd-user", "runuser", "runuser-l", "atd"};
    struct result r;
    (void)state;

    r = account("sshd", "alice", NULL);
    expect(&r, PAM_IGNORE, NULL);
    r = session("alice", stage_key("mallory"));
    expect(&r, PAM_IGNORE, NULL);
    assert_int_equal(r.limit, 0);
    assert_string_equal(r.said, "");
    for (size_t i = 0; i < BG_COUNT(left_alone); i++) {
        write_service(left_alone[i], "accounts=root");
        r = account(left_alone[i], "root", NULL);
        expect(&r, PAM_IGNORE, NULL);
        r = opening(left_alone[i], "root", NULL, 0);
        expect(&r, PAM_IGNORE, NULL);
    }
    write_service("sshd", "accounts=root until=2020-01-01T00:00:00Z");
    r = account("sshd", "root", NULL);
    expect(&r, PAM_IGNORE, NULL);
    r = session("root", NULL);
    expect(&r, PAM_IGNORE, NULL);
    r = session("breakglass", NULL);
    expect(&r, PAM_IGNORE, NULL);
    assert_string_equal(events(), "");
}

static void other_services(void **state)
{
    struct result r;
    (void)state;

    write_service("sudo", "accounts=root");
    r = opening("sudo", "bob", NULL, 0);
    expect(&r, PAM_IGNORE, NULL);
    r = opening("sudo", "root", stage_key("bob"), 0);
    expect(&r, PAM_PERM_DENIED, "cannot end sessions of service sudo");
    assert_false(r.confined);
    write_service("su", "accounts=root");
    r = opening("su", "root", NULL, 0);
    expect(&r, getuid() == 0 ? PAM_IGNORE : PAM_PERM_DENIED, NULL);
    assert_false(r.confined);
}

static void bad_lines(void **state)
{
    static const char *const lines[] = {"", "observe", "acounts=root", "accounts=root strict",
                                        "accounts=root,"};
    struct result r;
    (void)state;

    for (size_t i = 0; i < BG_COUNT(lines); i++) {
        write_service("sshd", lines[i]);
        r = account("sshd", "root", NULL);
        expect(&r, PAM_IGNORE, NULL);
        r = session("alice", NULL);
        expect(&r, PAM_PERM_DENIED, "breakglass: access denied: ");
        assert_true(r.confined);
    }
}

static void strange_names(void **state)
{
    struct result r;
    (void)state;

    write_service("sshd", "accounts=root,bg-*");
    r = session("ROOT", stage_key("bob"));
    expect(&r, PAM_PERM_DENIED, NULL);
    /* Other names that a directory may have for the same account. */
    static const char *const aliases[] = {"root@corp.example",
                                          "Root@CORP.EXAMPLE",
                                          "CORP\\root",
                                          "corp+root",
                                          "CORP\\bg-alice",
                                          "breakglass@corp.example",
                                          "root@a-realm-that-is-longer-than-any-account.example"};
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
        r = session(aliases[i], stage_key("bob"));
        expect(&r, PAM_PERM_DENIED, NULL);
    }
    r = session("alice@corp.example", stage_key("bob"));
    expect(&r, PAM_IGNORE, NULL);
    r = session("bg-/../x", stage_key("bob"));
    expect(&r, PAM_PERM_DENIED, NULL);
    r = session("bg-\033[2J", stage_key("bob"));
    expect(&r, PAM_PERM_DENIED, NULL);
    r = session("bg-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", stage_key("bob"));
    expect(&r, PAM_PERM_DENIED, NULL);
    r = session("somebody-whose-name-is-longer-than-any-account-here", stage_key("bob"));
    expect(&r, PAM_IGNORE, NULL);
    r = session("", stage_key("bob"));
    expect(&r, PAM_PERM_DENIED, NULL);
    r = session(NULL, stage_key("bob"));
    expect(&r, PAM_PERM_DENIED, NULL);
}

/* --- account: nothing to do, whoever comes and whatever the line says --- */

static void account_is_nothing(void **state)
{
    static const char *const users[] = {"root", "postgres", "breakglass", "alice"};
    static const char *const lines[] = {"accounts=root", "accounts=root observe", "rubbish", ""};
    (void)state;

    stage_write(&st, "etc/breakglass/locked", "");
    for (size_t i = 0; i < BG_COUNT(users) * BG_COUNT(lines); i++) {
        write_service("sshd", lines[i / BG_COUNT(users)]);
        struct result r = account("sshd", users[i % BG_COUNT(users)], NULL);
        expect(&r, PAM_IGNORE, NULL);
        assert_string_equal(r.said, "");
    }
    assert_string_equal(events(), "");
}

/* --- open_session --- */

static void an_open_grant(void **state)
{
    char id[BG_ID_SIZE], shown[BG_ID_SHOWN_SIZE];
    struct result r;
    (void)state;

    stage_grant(&st, "root", 600, id);
    bg_id_show(shown, id);
    r = session("root", stage_key("bob"));
    expect(&r, PAM_SUCCESS, "bob is root on db1");
    assert_in_range(r.limit, 530, 540);
    assert_string_equal(r.grant, shown);
    assert_int_equal(strlen(r.expires), 20);
    assert_int_equal(sessions(), 1);
    assert_string_equal(events(), "grant.used(bob,root) session.opened(bob,root) ");

    r = opening("sshd", "root", stage_key("bob"), PAM_SILENT);
    expect(&r, PAM_SUCCESS, NULL);
    assert_string_equal(r.said, "");
    r = session("root", stage_key("bob/2"));
    expect(&r, PAM_SUCCESS, NULL);
    r = session("postgres", stage_key("bob"));
    expect(&r, PAM_PERM_DENIED, NULL);
}

static void whose_key(void **state)
{
    static const char cert[] =
        "publickey ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29t";
    char id[BG_ID_SIZE], two[1200];
    struct result r;
    (void)state;

    stage_grant(&st, "root", 600, id);
    r = session("root", NULL);
    expect(&r, PAM_PERM_DENIED, "no SSH key names you");
    r = session("root", "password");
    expect(&r, PAM_PERM_DENIED, "no SSH key names you");
    r = session("root", stage_key("mallory"));
    expect(&r, PAM_PERM_DENIED, NULL);
    r = session("root", stage_key("alice"));
    expect(&r, PAM_PERM_DENIED, "access denied: alice, you have no open grant for root on db1");
    r = session("root", stage_key("shared"));
    expect(&r, PAM_PERM_DENIED, NULL);
    r = session("root", stage_key("db2"));
    expect(&r, PAM_PERM_DENIED, NULL);
    r = session("root", cert);
    expect(&r, PAM_PERM_DENIED, NULL);
    r = session("root", "publickey");
    expect(&r, PAM_PERM_DENIED, NULL);
    r = session("root", "publickey ssh-ed25519");
    expect(&r, PAM_PERM_DENIED, NULL);
    (void)snprintf(two, sizeof two, "publickey  %s", stage_key("bob") + 10);
    r = session("root", two);
    expect(&r, PAM_PERM_DENIED, "is not in sshd's form");
    (void)snprintf(two, sizeof two, "hostbased %s", stage_key("bob") + 10);
    r = session("root", two);
    expect(&r, PAM_PERM_DENIED, NULL);
    (void)snprintf(two, sizeof two, "%s\n%s", stage_key("bob"), stage_key("alice"));
    r = session("root", two);
    expect(&r, PAM_PERM_DENIED, "belong to bob and to alice");
    (void)snprintf(two, sizeof two, "%s\n%s", stage_key("bob"), stage_key("backup"));
    r = session("root", two);
    expect(&r, PAM_PERM_DENIED, "belong to bob and to backup");
    (void)snprintf(two, sizeof two, "%s\n%s", stage_key("bob"), stage_key("bob's machine"));
    r = session("root", two);
    expect(&r, PAM_PERM_DENIED, NULL);
    (void)snprintf(two, sizeof two, "%s\n%s", stage_key("bob"), stage_key("mallory"));
    r = session("root", two);
    expect(&r, PAM_PERM_DENIED, NULL);
    assert_true(r.confined);
    assert_int_equal(sessions(), 0);
    (void)snprintf(two, sizeof two, "%s\n%s\n", stage_key("bob"), stage_key("bob/2"));
    r = session("root", two);
    expect(&r, PAM_SUCCESS, NULL);
    (void)snprintf(two, sizeof two, "%s\nkeyboard-interactive/pam\n", stage_key("bob"));
    r = session("root", two);
    expect(&r, PAM_SUCCESS, NULL);
}

static void refusals_that_help(void **state)
{
    struct bg_signed *request;
    char id[BG_ID_SIZE];
    struct result r;
    (void)state;

    r = session("root", stage_key("bob"));
    expect(&r, PAM_PERM_DENIED, "breakglass: access denied: bob, you have no open grant for root on db1\n");
    assert_non_null(strstr(r.said, "\nrole prod-db-admin needs "));
    assert_non_null(strstr(r.said, "alice"));
    assert_non_null(strstr(r.said, "dave"));
    assert_non_null(strstr(r.said, "ssh -t breakglass@db1, or: breakglass request prod-db-admin --host db1"));
    assert_true(r.confined);
    assert_string_equal(events(), "grant.refused(bob,root) ");

    request = stage_ask(&st, "root", st.now - 60, 600);
    r = session("root", stage_key("bob"));
    expect(&r, PAM_PERM_DENIED, "alice");
    assert_null(strstr(r.said, "to request it"));
    stage_approve(&st, request, "alice", st.now - 50);
    r = session("root", stage_key("bob"));
    expect(&r, PAM_PERM_DENIED, "dave");
    stage_say_close(&st, request, "dave", st.now - 40);
    r = session("root", stage_key("bob"));
    expect(&r, PAM_PERM_DENIED, "dave");
    bg_signed_free(request);

    /* What waits is said rather than what is over or closed. */
    request = stage_ask(&st, "root", st.now - 7200, 600);
    stage_approve(&st, request, "alice", st.now - 7100);
    stage_approve(&st, request, "dave", st.now - 7000);
    bg_id_from_digest(id, request->st.digest);
    bg_signed_free(request);
    request = stage_ask(&st, "root", st.now - 30, 300);
    r = session("root", stage_key("bob"));
    expect(&r, PAM_PERM_DENIED, "alice");
    bg_signed_free(request);
    /* And what ran out is marked. */
    struct bg_grant grant;
    assert_int_equal(bg_store_load(&st.store, "bob", id, &grant), 0);
    assert_true(grant.expired);
    assert_int_equal(grant.expired_time, st.now - 7000 + 600);
    bg_grant_free(&grant);
}

static void a_drill(void **state)
{
    struct bg_signed *request;
    struct result r;
    (void)state;

    request = stage_ask_as(&st, "bob", "db1", "root", st.now - 60, 600, true);
    stage_approve(&st, request, "alice", st.now - 50);
    stage_approve(&st, request, "dave", st.now - 40);
    r = session("root", stage_key("bob"));
    expect(&r, PAM_PERM_DENIED, "drill");
    bg_signed_free(request);
    request = stage_ask_as(&st, "bob", "db2", "root", st.now - 60, 600, false);
    stage_approve(&st, request, "alice", st.now - 50);
    stage_approve(&st, request, "dave", st.now - 40);
    r = session("root", stage_key("bob"));
    expect(&r, PAM_PERM_DENIED, "drill");
    bg_signed_free(request);
}

static void the_latest_end_wins(void **state)
{
    char longer[BG_ID_SIZE], id[BG_ID_SIZE], shown[BG_ID_SHOWN_SIZE];
    struct result r;
    (void)state;

    stage_grant(&st, "root", 300, id);
    stage_grant(&st, "postgres root", 900, longer);
    stage_grant(&st, "root", 600, id);
    bg_signed_free(stage_ask(&st, "root", st.now - 10, 1200));
    r = session("root", stage_key("bob"));
    expect(&r, PAM_SUCCESS, NULL);
    bg_id_show(shown, longer);
    assert_string_equal(r.grant, shown);
    assert_in_range(r.limit, 830, 840);
}

static void locked(void **state)
{
    char id[BG_ID_SIZE];
    struct result r;
    (void)state;

    stage_grant(&st, "root", 600, id);
    stage_write(&st, "etc/breakglass/locked", "");
    r = session("root", stage_key("bob"));
    expect(&r, PAM_PERM_DENIED, "locked");
    r = session("postgres", stage_key("backup"));
    expect(&r, PAM_PERM_DENIED, "locked");
    r = session("breakglass", stage_key("bob"));
    expect(&r, PAM_SUCCESS, NULL);
}

static void the_front_door(void **state)
{
    struct bg_list names = {0};
    struct bg_session record;
    struct result r;
    (void)state;

    r = session("breakglass", stage_key("grace"));
    expect(&r, PAM_SUCCESS, NULL);
    assert_string_equal(r.said, "");
    assert_int_equal(r.limit, 0);
    assert_string_equal(events(), "session.opened(grace,breakglass) ");
    assert_true(bg_session_names(&st.s.root, &names) >= 0);
    assert_int_equal(names.n, 1);
    assert_int_equal(bg_session_read(&st.s.root, names.v[0], &record), 0);
    assert_int_equal(record.kind, BG_SESSION_DOOR);
    assert_int_equal(record.pid, getpid());
    assert_string_equal(record.person, "grace");
    assert_string_equal(record.rhost, "192.0.2.7");
    bg_list_free(&names);

    r = session("breakglass", stage_key("mallory"));
    expect(&r, PAM_PERM_DENIED, NULL);
    r = session("breakglass", stage_key("backup"));
    expect(&r, PAM_PERM_DENIED, "the front door is for people");
    r = session("breakglass", NULL);
    expect(&r, PAM_PERM_DENIED, NULL);
    /* Observing opens nothing there, and no other account's list closes it. */
    write_service("sshd", "accounts=bg-* observe");
    r = session("breakglass", stage_key("mallory"));
    expect(&r, PAM_PERM_DENIED, NULL);
    r = session("breakglass", stage_key("alice"));
    expect(&r, PAM_SUCCESS, NULL);
    /* It opens on a host that has no name and no policy: somebody must be able to look. */
    stage_write(&st, "etc/breakglass/policy.conf", "[Role\n");
    stage_write(&st, "etc/machine-id", "ffffffffffffffffffffffffffffffff\n");
    r = session("breakglass", stage_key("alice"));
    expect(&r, PAM_SUCCESS, NULL);
}

static void machines(void **state)
{
    struct result r;
    (void)state;

    r = session("postgres", stage_key("backup"));
    expect(&r, PAM_SUCCESS, NULL);
    assert_int_equal(r.limit, 0);
    assert_string_equal(events(), "automation.used(backup,postgres) session.opened(backup,postgres) ");
    r = session("root", stage_key("backup"));
    expect(&r, PAM_PERM_DENIED, "no [Automation backup] section");
    r = session("postgres", stage_key("idle"));
    expect(&r, PAM_PERM_DENIED, "no [Automation idle] section");
    stage_write(&st, "etc/breakglass/policy.conf",
                "rubbish\n[Automation backup]\nAccounts=postgres\nHosts=db1\n");
    r = session("postgres", stage_key("backup"));
    expect(&r, PAM_PERM_DENIED, NULL);
}

static void observing(void **state)
{
    char id[BG_ID_SIZE];
    struct result r;
    (void)state;

    write_service("sshd", "accounts=root observe");
    r = session("root", stage_key("mallory"));
    expect(&r, PAM_IGNORE, NULL);
    assert_false(r.confined);
    assert_int_equal(r.limit, 0);
    assert_string_equal(r.said, "");
    assert_string_equal(events(), "grant.refused(-,root) ");
    stage_grant(&st, "root", 600, id);
    r = session("root", stage_key("bob"));
    expect(&r, PAM_IGNORE, NULL);
    assert_int_equal(r.limit, 0);
    assert_int_equal(sessions(), 0);
}

/* --- close_session, auth --- */

static void closing(void **state)
{
    char id[BG_ID_SIZE];
    struct result r;
    (void)state;

    stage_grant(&st, "root", 600, id);
    pam_handle_t *pamh = begin("sshd", "root", stage_key("bob"), &r);
    assert_int_equal(pam_open_session(pamh, 0), PAM_SUCCESS);
    assert_int_equal(sessions(), 1);
    (void)events();
    assert_int_equal(pam_close_session(pamh, PAM_SILENT), PAM_SUCCESS);
    take(pamh, &r);
    expect(&r, PAM_SUCCESS, NULL);
    assert_int_equal(sessions(), 0);
    assert_string_equal(events(), "session.closed(bob,root) ");
    /* Again, and without a session: still no error. */
    assert_int_equal(pam_close_session(pamh, 0), PAM_SUCCESS);
    take(pamh, &r);
    expect(&r, PAM_SUCCESS, NULL);
    assert_string_equal(events(), "");
    (void)pam_end(pamh, PAM_SUCCESS);

    /* A trial that ends while somebody is in still takes the record away. */
    pamh = begin("sshd", "root", stage_key("bob"), &r);
    assert_int_equal(pam_open_session(pamh, 0), PAM_SUCCESS);
    (void)pam_end(pamh, PAM_SUCCESS);
    write_service("sshd", "accounts=root until=2020-01-01T00:00:00Z");
    pamh = begin("sshd", "root", stage_key("bob"), &r);
    assert_int_equal(pam_close_session(pamh, 0), PAM_SUCCESS);
    assert_int_equal(sessions(), 0);
    (void)pam_end(pamh, PAM_SUCCESS);
}

static void auth_is_nothing(void **state)
{
    struct result r;
    (void)state;

    pam_handle_t *pamh = begin("sshd", "root", NULL, &r);
    assert_int_equal(pam_authenticate(pamh, 0), PAM_SUCCESS);
    take(pamh, &r);
    expect(&r, PAM_IGNORE, NULL);
    assert_int_equal(pam_setcred(pamh, PAM_ESTABLISH_CRED), PAM_SUCCESS);
    take(pamh, &r);
    expect(&r, PAM_IGNORE, NULL);
    (void)pam_end(pamh, PAM_SUCCESS);
}

/* --- a host that is not as it should be --- */

/* What a group may write proves nothing, whoever is in that group. */
static void group_writable(void **state)
{
    static const struct {
        const char *path;
        mode_t good, bad;
    } paths[] = {
        {"etc/breakglass/policy.conf", 0644, 0664},
        {"etc/breakglass/policy.d/a.conf", 0644, 0664},
        {"etc/breakglass/policy.d", 0755, 0775},
        {"etc/breakglass/signers", 0644, 0664},
        {"etc/breakglass/signers.d/a.conf", 0644, 0664},
        {"etc/breakglass/signers.d", 0755, 0775},
        {"etc/breakglass", 0755, 0775},
    };
    static const char *const people[] = {"alice", "dave"};
    char id[BG_ID_SIZE], signers[2048];
    struct result r;
    (void)state;

    /* Each file is needed: bob's key and role stand in the drop-ins alone. */
    assert_int_equal(scratch_folder(&st.s, "etc/breakglass/policy.d"), 0);
    assert_int_equal(scratch_folder(&st.s, "etc/breakglass/signers.d"), 0);
    stage_write(&st, "etc/breakglass/policy.d/a.conf", strstr(stage_policy, "[Role "));
    stage_write(&st, "etc/breakglass/policy.conf", "[Defaults]\nMaxDuration=1h\n");
    (void)snprintf(signers, sizeof signers, "bob namespaces=\"breakglass,breakglass-login\" %s\n",
                   stage_key("bob") + strlen("publickey "));
    stage_write(&st, "etc/breakglass/signers.d/a.conf", signers);
    FILE *to = fopen(scratch_path(&st.s, "etc/breakglass/signers"), "we");
    assert_non_null(to);
    for (size_t i = 0; i < BG_COUNT(people); i++)
        stage_enrol(to, people[i], people[i], "breakglass");
    assert_int_equal(fclose(to), 0);
    stage_grant(&st, "root", 600, id);
    for (size_t i = 0; i < BG_COUNT(paths); i++) {
        r = session("root", stage_key("bob"));
        expect(&r, PAM_SUCCESS, NULL);
        assert_int_equal(fchmodat(st.s.root.fd, paths[i].path, paths[i].bad, 0), 0);
        r = session("root", stage_key("bob"));
        if (r.code != PAM_PERM_DENIED)
            fail_msg("%s with mode %o opens", paths[i].path, paths[i].bad);
        assert_int_equal(fchmodat(st.s.root.fd, paths[i].path, paths[i].good, 0), 0);
    }
}

static void broken_hosts(void **state)
{
    char id[BG_ID_SIZE];
    struct result r;
    (void)state;

    stage_grant(&st, "root", 600, id);
    assert_int_equal(fchmodat(st.s.root.fd, "etc/breakglass/policy.conf", 0666, 0), 0);
    r = session("root", stage_key("bob"));
    expect(&r, PAM_PERM_DENIED, NULL);
    assert_int_equal(fchmodat(st.s.root.fd, "etc/breakglass/policy.conf", 0644, 0), 0);
    assert_int_equal(fchmodat(st.s.root.fd, "etc/breakglass/signers", 0622, 0), 0);
    r = session("root", stage_key("bob"));
    expect(&r, PAM_PERM_DENIED, NULL);
    assert_int_equal(fchmodat(st.s.root.fd, "etc/breakglass/signers", 0644, 0), 0);
    assert_int_equal(fchmodat(st.s.root.fd, "etc/breakglass", 0777, 0), 0);
    r = session("root", stage_key("bob"));
    expect(&r, PAM_PERM_DENIED, NULL);
    assert_int_equal(fchmodat(st.s.root.fd, "etc/breakglass", 0755, 0), 0);
    stage_write(&st, "etc/machine-id", "ffffffffffffffffffffffffffffffff\n");
    r = session("root", stage_key("bob"));
    expect(&r, PAM_PERM_DENIED, "cloned");
    assert_int_equal(unlinkat(st.s.root.fd, "etc/breakglass/host", 0), 0);
    r = session("root", stage_key("bob"));
    expect(&r, PAM_PERM_DENIED, "init");
    (void)setenv("BREAKGLASS_TEST_ROOT", "/nowhere", 1);
    r = session("root", stage_key("bob"));
    expect(&r, PAM_PERM_DENIED, NULL);
}

/* A file where a folder should be: nothing can be written there, as root or not. */
static void no_spool(void **state)
{
    char id[BG_ID_SIZE], policy[2048];
    struct result r;
    (void)state;

    stage_grant(&st, "root", 600, id);
    stage_write(&st, "run/breakglass/spool", "");
    stage_write(&st, "run/breakglass/sessions", "");
    r = session("root", stage_key("bob"));
    expect(&r, PAM_SUCCESS, NULL); /* var's spool took it */
    assert_string_equal(events(), "grant.used(bob,root) session.opened(bob,root) ");
    assert_int_equal(unlinkat(st.s.root.fd, "var/lib/breakglass/spool", AT_REMOVEDIR), 0);
    stage_write(&st, "var/lib/breakglass/spool", "");
    r = session("root", stage_key("bob"));
    expect(&r, PAM_SUCCESS, NULL);
    (void)snprintf(policy, sizeof policy, "[Defaults]\nAudit=required\n%s",
                   stage_policy + strlen("[Defaults]\n"));
    stage_write(&st, "etc/breakglass/policy.conf", policy);
    r = session("root", stage_key("bob"));
    expect(&r, PAM_PERM_DENIED, "Audit=required");
    assert_true(r.confined);
}

/* The log is told by a datagram that never waits: also when nobody reads. */
static void the_log(void **state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    bg_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    char text[2048];
    (void)state;

    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s/dev/log", st.s.path);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    struct result r = session("root", stage_key("bob"));
    expect(&r, PAM_PERM_DENIED, NULL);
    ssize_t n = recv(fd, text, sizeof text - 1, MSG_DONTWAIT);
    assert_true(n > 0);
    text[n] = '\0';
    assert_memory_equal(text, "<85>sshd[", 9);
    assert_non_null(strstr(text, "]: pam_breakglass(sshd:session): refused bob as root from 192.0.2.7: "));
    for (int i = 0; i < 600; i++)
        r = session("root", NULL);
    expect(&r, PAM_PERM_DENIED, NULL);
}

/* --- faults --- */

struct faults {
    unsigned *at, *count;
};

static struct faults faults(void)
{
    void *module = testing_module();

    return (struct faults){dlsym(module, "gate_fault_at"), dlsym(module, "gate_fault_count")};
}

/* Lets the first, second, third … call fail that could; gives how often the phase said yes. */
static unsigned with_every_fault(const char *user, const char *info)
{
    struct faults f = faults();
    unsigned yes = 0, n = 1;
    bool reached = true;

    for (; reached && n < 3000; n++) {
        *f.at = n;
        *f.count = 0;
        struct result r = session(user, info);
        reached = *f.count >= n;
        *f.at = 0;
        if (r.code != PAM_PERM_DENIED && r.code != PAM_SUCCESS)
            fail_msg("fault %u: code %d", n, r.code);
        /* A session that is let in is always bounded. */
        if (r.code == PAM_SUCCESS && strcmp(user, "root") == 0 && r.limit < 1)
            fail_msg("fault %u: let in without a limit", n);
        yes += reached && r.code == PAM_SUCCESS;
    }
    assert_true(n > 20 && n < 3000);
    return yes;
}

static void faults_open_nothing(void **state)
{
    struct bg_signed *request;
    char id[BG_ID_SIZE];
    (void)state;

    assert_int_equal(with_every_fault("root", stage_key("bob")), 0);
    assert_int_equal(with_every_fault("root", stage_key("mallory")), 0);
    request = stage_ask(&st, "root", st.now - 60, 600);
    stage_approve(&st, request, "alice", st.now - 50);
    assert_int_equal(with_every_fault("root", stage_key("bob")), 0);
    stage_approve(&st, request, "dave", st.now - 40);
    assert_true(with_every_fault("root", stage_key("bob")) > 0);
    assert_int_equal(with_every_fault("breakglass", stage_key("mallory")), 0);

    /* What is closed stays closed whatever fails. */
    bg_id_from_digest(id, request->st.digest);
    stage_say_close(&st, request, "dave", st.now - 30);
    assert_int_equal(bg_store_mark_closed(&st.store, "bob", id), 0);
    assert_int_equal(with_every_fault("root", stage_key("bob")), 0);
    bg_signed_free(request);
}

/* --- what a refusal does to sshd --- */

#define NO_PROGRAM "/no/such/program" /* where it may execute: ENOENT */

/* The child of a refused session: 0 where neither it nor a child of its own can execute anything. */
static int try_to_execute(void)
{
    char *const argv[] = {(char *)"true", NULL}, *const envp[] = {NULL};
    int status;

    (void)execve(NO_PROGRAM, argv, envp);
    if (errno != EPERM)
        return 1;
    (void)syscall(SYS_execveat, AT_FDCWD, NO_PROGRAM, argv, envp, 0);
    if (errno != EPERM)
        return 2;
    if (rename(NO_PROGRAM, NO_PROGRAM) >= 0 || errno != EPERM)
        return 6;
    if (linkat(AT_FDCWD, NO_PROGRAM, AT_FDCWD, NO_PROGRAM, 0) >= 0 || errno != EPERM)
        return 7;
#ifdef __x86_64__
    /* The calls of another ABI: getpid() of x32. */
    if (syscall(0x40000000 + SYS_getpid) >= 0 || errno != EPERM)
        return 3;
    /* And of i386, where the kernel has them: getpid() is call 20 there. */
    long foreign;
    __asm__ volatile("int $0x80" : "=a"(foreign) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
    if (foreign != -EPERM)
        return 4;
#endif
    pid_t pid = fork();
    if (pid == 0) {
        (void)execve(NO_PROGRAM, argv, envp);
        _exit(errno == EPERM ? 0 : 1);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 ? 0 : 5;
}

/* A process that is refused, then tries, says how it went, and waits for its end. Gives the status of that.
 */
static int refused_process(const char *service, unsigned fault, char *said, int64_t *lasted)
{
    struct timespec began, ended;
    int ends[2], status;

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    (void)clock_gettime(CLOCK_MONOTONIC, &began);
    pid_t pid = fork();
    if (pid == 0) {
        *(bool *)dlsym(testing_module(), "gate_confines") = true;
        *faults().at = fault;
        *faults().count = 0;
        struct result r = opening(service, "root", stage_key("bob"), 0);
        char answer = (char)('0' + (r.code == PAM_PERM_DENIED ? try_to_execute() : 9));
        (void)!write(ends[1], &answer, 1);
        (void)sleep(6);
        _exit(0);
    }
    (void)close(ends[1]);
    assert_int_equal(read(ends[0], said, 1), 1);
    (void)close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    (void)clock_gettime(CLOCK_MONOTONIC, &ended);
    *lasted = ended.tv_sec - began.tv_sec;
    return status;
}

static void a_refused_process_executes_nothing_and_ends(void **state)
{
    int64_t lasted;
    char said;
    (void)state;

    int status = refused_process("sshd", 0, &said, &lasted);
    assert_int_equal(said, '0');
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    assert_in_range(lasted, 1, 5);
}

/* Only what the filter or the timer needs fails: it is refused all the same, and the other one stands. */
static void either_alone(void **state)
{
    struct faults f = faults();
    int64_t lasted;
    unsigned calls;
    char said;
    (void)state;

    (void)session("root", stage_key("bob")); /* what is written the first time makes folders */
    *f.at = 0;
    *f.count = 0;
    (void)session("root", stage_key("bob"));
    calls = *f.count; /* the last four: two of prctl, timer_create, timer_settime */
    int status = refused_process("sshd", calls - 2, &said, &lasted);
    assert_int_not_equal(said, '0');
    assert_int_not_equal(said, '9');
    assert_true(WIFEXITED(status) || WTERMSIG(status) == SIGTERM);
    status = refused_process("sshd", calls, &said, &lasted);
    assert_int_equal(said, '0');
    assert_true(WIFEXITED(status));
}

/* --- the files themselves --- */

static void what_is_exported(void **state)
{
    static const char *const here[] = {"pam_sm_authenticate", "pam_sm_setcred", "pam_sm_acct_mgmt",
                                       "pam_sm_open_session", "pam_sm_close_session"};
    static const char *const not_here[] = {"pam_sm_chauthtok", "bg_decide",      "bg_policy_load",
                                           "gate_begin",       "gate_root_open", "gate_confine"};
    void *module = dlopen(INSTALLED, RTLD_NOW | RTLD_LOCAL);
    (void)state;

    if (!module)
        fail_msg("%s", dlerror());
    for (size_t i = 0; i < BG_COUNT(here); i++)
        if (!dlsym(module, here[i]))
            fail_msg("%s is missing", here[i]);
    for (size_t i = 0; i < BG_COUNT(not_here); i++)
        if (dlsym(module, not_here[i]))
            fail_msg("%s is exported", not_here[i]);
    assert_int_equal(dlclose(module), 0);
}

/* As a stack, without the relay: what the application is told. */
static void a_real_stack(void **state)
{
    char id[BG_ID_SIZE];
    struct result r;
    (void)state;

    stage_write(&st, "etc/pam.d/sshd",
                "session requisite " TESTING " accounts=root\nsession required pam_permit.so\n"
                "account required " TESTING " accounts=root\naccount required pam_permit.so\n"
                "password required " TESTING " accounts=root\n");
    pam_handle_t *pamh = begin("sshd", "root", stage_key("bob"), &r);
    assert_int_equal(pam_acct_mgmt(pamh, 0), PAM_SUCCESS);
    assert_int_equal(pam_open_session(pamh, 0), PAM_PERM_DENIED);
    assert_int_equal(pam_chauthtok(pamh, 0), PAM_MODULE_UNKNOWN);
    assert_int_equal(pam_end(pamh, PAM_SUCCESS), PAM_SUCCESS);
    pamh = begin("sshd", "alice", NULL, &r);
    assert_int_equal(pam_acct_mgmt(pamh, 0), PAM_SUCCESS);
    assert_int_equal(pam_open_session(pamh, 0), PAM_SUCCESS);
    assert_int_equal(pam_end(pamh, PAM_SUCCESS), PAM_SUCCESS);
    stage_grant(&st, "root", 600, id);
    pamh = begin("sshd", "root", stage_key("bob"), &r);
    assert_int_equal(pam_acct_mgmt(pamh, 0), PAM_SUCCESS);
    assert_int_equal(pam_open_session(pamh, 0), PAM_SUCCESS);
    assert_int_equal(pam_close_session(pamh, 0), PAM_SUCCESS);
    assert_int_equal(pam_end(pamh, PAM_SUCCESS), PAM_SUCCESS);
    assert_int_equal(sessions(), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(none_of_our_business),
        T(other_services),
        T(bad_lines),
        T(strange_names),
        T(account_is_nothing),
        T(an_open_grant),
        T(whose_key),
        T(refusals_that_help),
        T(a_drill),
        T(the_latest_end_wins),
        T(locked),
        T(the_front_door),
        T(machines),
        T(observing),
        T(closing),
        T(auth_is_nothing),
        T(group_writable),
        T(broken_hosts),
        T(no_spool),
        T(the_log),
        T(faults_open_nothing),
        T(a_refused_process_executes_nothing_and_ends),
        T(either_alone),
        T(what_is_exported),
        T(a_real_stack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
