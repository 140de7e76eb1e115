/* SPDX-License-Identifier: ISC */
/* Whose a statement is, and who may say what about a request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/base/cleanup.h"
#include "policy/decide/decide.h"
#include "policy/rules/load.h"
#include "tests/kit/world.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct bg_signed *request(const char *hosts, const char *via, const struct world_pen *pen)
{
    struct bg_statement st = {.kind = BG_REQUEST, .time = world_time("14:00")};
    struct bg_sentence err = {""};
    struct bg_signed *s;

    assert_int_equal(bg_statement_nonce(&st), 0);
    st.by = strdup("bob");
    st.via = via ? strdup(via) : NULL;
    st.terms.role = strdup("r");
    st.terms.reason = strdup("why");
    st.terms.duration = 60;
    assert_int_equal(bg_list_split(&st.terms.hosts, hosts), 0);
    assert_int_equal(bg_list_split(&st.terms.accounts, "root"), 0);
    s = world_sign(&st, pen, &err);
    if (!s)
        fail_msg("%s", err.text);
    return s;
}

static void add_line(struct bg_signers *signers, const char *name, const char *namespaces, const char *key)
{
    bg_free_ char *public = world_key_text(key), *line = NULL;

    assert_true(asprintf(&line, "%s namespaces=\"%s\" %s\n", name, namespaces, public) >= 0);
    assert_int_equal(bg_signers_parse(signers, "signers", line, strlen(line)), 0);
}

/* What each way of signing a request comes to, on host db1 with its own key at hand or not. */
static const struct {
    const char *what, *hosts, *via, *key, *name_space;
    bool own_key, need_verified;
    unsigned char flags;
    int r;
    const char *says;
} ways[] = {
    {"by bob", "db1 db2", NULL, "bob", NULL, true, false, 0, 0, NULL},
    {"by mallory", "db1", NULL, "mallory", NULL, true, false, 0, -EKEYREJECTED, "mallory's"},
    {"by a stranger", "db1", NULL, "stranger", NULL, true, false, 0, -EKEYREJECTED, "not in signers"},
    {"in another namespace", "db1", NULL, "bob", "file", true, false, 0, -EKEYREJECTED, ""},
    {"by the host without via", "db1", NULL, "host:db1", NULL, true, false, 0, -EKEYREJECTED, ""},
    {"by this host", "db1", "uid 1", "host:db1", "breakglass-host", true, false, 0, 0, NULL},
    {"by this host, known by its line", "db1", "uid 1", "host:db1", "breakglass-host", false, false, 0, 0,
     NULL},
    {"by another host, for itself", "db2", "uid 1", "host:db2", "breakglass-host", true, false, 0, 0, NULL},
    {"by another host, for this", "db1", "uid 1", "host:db2", "breakglass-host", true, false, 0,
     -EKEYREJECTED, "another's"},
    {"by this host, for another", "db2", "uid 1", "host:db1", "breakglass-host", true, false, 0,
     -EKEYREJECTED, "another's"},
    {"by this host, for two", "db1 db2", "uid 1", "host:db1", "breakglass-host", true, false, 0,
     -EKEYREJECTED, "for itself alone, not for 2 hosts"},
    {"by this host, as a person signs", "db1", "uid 1", "host:db1", NULL, true, false, 0, -EKEYREJECTED, ""},
    {"by a person named as a host", "db3", "uid 1", "db3", "breakglass-host", true, false, 0, -EKEYREJECTED,
     ""},
    {"FIDO is asked for, a file key comes", "db1", NULL, "bob", NULL, true, true, 0, -EKEYREJECTED, ""},
    {"FIDO is asked for, a host signs", "db1", "uid 1", "host:db1", "breakglass-host", true, true, 0,
     -EKEYREJECTED, "a host signed it"},
    {"FIDO, verified", "db1", NULL, "sk-bob", NULL, true, true, 5, 0, NULL},
    {"FIDO, touched only", "db1", NULL, "sk-bob", NULL, true, true, 1, -EKEYREJECTED, ""},
    {"FIDO, touched only, and that is enough", "db1", NULL, "sk-bob", NULL, true, false, 1, 0, NULL},
    {"FIDO, not touched", "db1", NULL, "sk-bob", NULL, true, false, 4, -EKEYREJECTED, ""},
};

static void who_signed(void **unused)
{
    struct bg_signers signers = {0};
    struct bg_key own;
    unsigned char secret[64];

    (void)unused;
    world_key(&own, secret, "host:db1");
    add_line(&signers, "bob", "breakglass", "bob");
    add_line(&signers, "bob", "breakglass", "sk-bob");
    add_line(&signers, "mallory", "breakglass", "mallory");
    add_line(&signers, "host:db1", "breakglass-host", "host:db1");
    add_line(&signers, "host:db2", "breakglass-host", "host:db2");
    add_line(&signers, "db3", "breakglass-host", "db3");
    bg_signers_settle(&signers);
    for (size_t i = 0; i < BG_COUNT(ways); i++) {
        struct world_pen pen = {.key = ways[i].key, .name_space = ways[i].name_space, .flags = ways[i].flags};
        struct bg_signed *s = request(ways[i].hosts, ways[i].via, &pen);
        struct bg_sentence err = {""};
        const struct bg_signer *line = NULL;
        int r = bg_signed_verify(s, &signers, "db1", ways[i].own_key ? &own : NULL, ways[i].need_verified,
                                 s->st.time, &line, &err);
        if (r != ways[i].r || (r < 0 && (!err.text[0] || !strstr(err.text, ways[i].says))))
            fail_msg("%s: %d, \"%s\"", ways[i].what, r, err.text);
        if (r < 0 || (ways[i].via && ways[i].own_key && strcmp(ways[i].hosts, "db1") == 0))
            assert_null(line);
        else
            assert_non_null(line);
        s->malformed_sig = true;
        assert_int_equal(bg_signed_verify(s, &signers, "db1", &own, false, s->st.time, NULL, NULL),
                         -EKEYREJECTED);
        bg_signed_free(s);
    }
    bg_signers_free(&signers);
}

static const char policy_text[] = "[Defaults]\nAdministrators=frank\nReviewers=grace alice bob\n"
                                  "[Role r]\nRequesters=bob erin\nApprove=1 of alice\nApprove=1 of dave\n"
                                  "Hosts=*\nAccounts=root\n";

static void who_may(void **unused)
{
    static const char *const closers[] = {"bob", "alice", "dave", "frank"}, *const others[] = {"erin",
                                                                                               "grace", "x"};
    struct bg_policy p;
    struct world_pen bob = {.key = "bob"}, alice = {.key = "alice"};
    struct bg_signed *r = request("db1", NULL, &bob), *approval;
    struct bg_grant grant = {.request = r, .responses = &approval, .n_responses = 1};
    struct bg_statement st;
    struct bg_sentence err = {""};

    (void)unused;
    bg_policy_begin(&p);
    assert_int_equal(bg_policy_add(&p, "policy.conf", policy_text, sizeof policy_text - 1), 0);
    assert_int_equal(bg_policy_settle(&p), 0);
    for (size_t i = 0; i < BG_COUNT(closers); i++)
        assert_true(bg_may_close(&p, &r->st, closers[i]));
    for (size_t i = 0; i < BG_COUNT(others); i++)
        assert_false(bg_may_close(&p, &r->st, others[i]));

    assert_int_equal(bg_statement_approve(&st, &r->st), 0);
    st.by = strdup("alice");
    st.time = r->st.time;
    approval = world_sign(&st, &alice, &err);
    assert_non_null(approval);
    assert_true(bg_may_review(&p, &grant, "grace"));
    assert_false(bg_may_review(&p, &grant, "alice")); /* approved it */
    assert_false(bg_may_review(&p, &grant, "bob"));   /* asked for it */
    assert_false(bg_may_review(&p, &grant, "frank")); /* only where there are no Reviewers= */
    bg_list_free(&p.reviewers);
    assert_true(bg_may_review(&p, &grant, "frank"));
    bg_signed_free(approval);
    bg_signed_free(r);
    bg_policy_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_signed),
        cmocka_unit_test(who_may),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
