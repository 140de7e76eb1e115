/* SPDX-License-Identifier: ISC */
/* breakglass policy check|test|explain, signers check|who. */
#include "policy/rules/eligibility.h"
#include "policy/rules/check.h"
#include "policy/base/name.h"
#include "console/base/option.h"
#include "console/verbs/policy_explain.h"
#include "console/verbs/policy_files.h"
#include "console/base/print.h"
#include "console/verbs/verbs.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct loaded {
    struct bg_policy policy;
    struct bg_signers signers;
    struct bg_problems warnings; /* of both together */
    bool has_signers;
};

static void loaded_free(struct loaded *l)
{
    bg_policy_free(&l->policy);
    bg_signers_free(&l->signers);
    bg_problems_free(&l->warnings);
}

static int load(struct loaded *l, const struct bg_list *paths)
{
    struct bg_sentence err = {0};

    if (policy_files_load(paths, &l->policy, &l->signers, &l->has_signers, &err) < 0) {
        complain("%s", err.text);
        return EXIT_BROKEN;
    }
    if (bg_policy_check(&l->policy) < 0)
        return EXIT_BROKEN;
    if (l->has_signers && bg_policy_check_signers(&l->policy, &l->signers, bg_now(), &l->warnings) < 0)
        return EXIT_BROKEN;
    return EXIT_DONE;
}

static size_t say_problems(const struct bg_problems *problems)
{
    for (size_t i = 0; i < problems->n; i++) {
        const struct bg_problem *p = &problems->v[i];
        const char *kind = p->warning ? "warning: " : "";

        if (p->line)
            say(stdout, "%s:%u: %s%s", p->file, p->line, kind, p->text);
        else
            say(stdout, "%s: %s%s", p->file, kind, p->text);
    }
    if (problems->left_out)
        say(stdout, "and %zu more", problems->left_out);
    return problems->errors;
}

static void say_digest(const char *what, const unsigned char digest[BG_DIGEST_BYTES])
{
    char hex[BG_DIGEST_HEX];

    bg_hex(hex, digest);
    say(stdout, "%s digest %.16s", what, hex);
}

static int policy_check(const struct bg_list *paths)
{
    struct loaded l = {0};
    int status = load(&l, paths);
    size_t errors, broken = 0;

    if (status == EXIT_DONE) {
        errors = say_problems(&l.policy.problems) + say_problems(&l.signers.problems);
        errors += say_problems(&l.warnings);
        for (size_t i = 0; i < l.policy.n_roles; i++)
            broken += l.policy.roles[i].broken;
        if (l.policy.broken)
            say(stdout, "nothing opens with this policy until its errors are mended");
        else if (broken)
            say(stdout, "%zu of %zu roles are disabled by their errors; the others work", broken,
                l.policy.n_roles);
        else if (errors == 0)
            say(stdout, "sound: %zu roles, %zu people with a section, %zu signers", l.policy.n_roles,
                l.policy.n_people, l.signers.n);
        say_digest("policy", l.policy.digest);
        if (l.has_signers)
            say_digest("signers", l.signers.digest);
        status = errors ? EXIT_REFUSED : EXIT_DONE;
    }
    loaded_free(&l);
    return status;
}

struct question {
    const char *person, *role, *duration_text;
    struct bg_list hosts, accounts, paths;
    int64_t duration;
};

/* The answer in words, as a person would give it. */
static void say_terms(const struct bg_policy *policy, const struct question *q, const struct bg_terms *terms)
{
    struct bg_list lines = {0};
    char duration[BG_DURATION_SIZE];
    char *hosts = bg_list_join(&terms->hosts), *accounts = bg_list_join(&terms->accounts);
    const struct bg_role *role = bg_policy_role(policy, q->role);

    bg_duration_format(duration, terms->duration);
    say(stdout, "yes: %s may ask for %s on %s for %s", q->person, q->role, hosts ? hosts : "?", duration);
    if (terms->accounts.n)
        say(stdout, "opens accounts: %s", accounts ? accounts : "?");
    if (role && bg_request_approvals(&lines, policy, role, q->person) >= 0) {
        say(stdout, lines.n > 1 ? "must approve, each by another person:" : "must approve:");
        for (size_t i = 0; i < lines.n; i++)
            say(stdout, "  %s", lines.v[i]);
    }
    bg_list_free(&lines);
    free(hosts);
    free(accounts);
}

static int policy_test(struct question *q)
{
    const struct bg_role *role;
    struct bg_terms terms = {0};
    struct bg_sentence err = {0};
    struct loaded l = {0};
    int status = load(&l, &q->paths), r;

    if (status == EXIT_DONE) {
        role = bg_policy_role(&l.policy, q->role);
        if (!q->duration)
            q->duration = role ? role->max_duration : 60;
        r = bg_may_request(&terms, &l.policy, q->person, q->role, &q->hosts, &q->accounts, q->duration, &err);
        if (r >= 0)
            say_terms(&l.policy, q, &terms);
        else
            say(stdout, "no: %s", err.text);
        if (r >= 0 && l.has_signers && !bg_signers_has(&l.signers, q->person, BG_NS_SIGN, bg_now()))
            say(stdout,
                "but %s has no key in signers that signs: only a host that knows them can ask for them",
                q->person);
        status = r >= 0 ? EXIT_DONE : EXIT_REFUSED;
        bg_terms_clear(&terms);
    }
    loaded_free(&l);
    return status;
}

static int test_words(int argc, char **argv)
{
    struct question q = {0};
    struct bg_list words = {0};
    struct bg_sentence err = {0};
    const struct option_spec specs[] = {
        {.name = "for", .value = &q.duration_text},
        {.name = "account", .list = &q.accounts},
        {.name = "policy", .list = &q.paths},
        {0},
    };
    int status, r = options_parse(specs, argc, argv, &words, &err);

    if (r >= 0 && words.n < 3)
        r = bg_fail(&err, -EINVAL, "say: policy test PERSON ROLE HOST… [--for 20m]");
    if (r >= 0 && q.duration_text && bg_duration_parse(&q.duration, q.duration_text) < 0)
        r = bg_fail(&err, -EINVAL, "--for %s: no duration; write 90s, 30m or 1h30m", q.duration_text);
    for (size_t i = 2; r >= 0 && i < words.n; i++)
        r = bg_list_add(&q.hosts, words.v[i], strlen(words.v[i]));
    if (r < 0)
        status = verb_usage("policy", "%s", err.text);
    else {
        q.person = words.v[0];
        q.role = words.v[1];
        status = policy_test(&q);
    }
    bg_list_free(&words);
    bg_list_free(&q.hosts);
    bg_list_free(&q.accounts);
    bg_list_free(&q.paths);
    return status;
}

/* argv[1] is the subcommand; the rest are paths. */
static int with_paths(const char *verb, int argc, char **argv, int (*run)(const struct bg_list *paths))
{
    static const struct option_spec none[] = {{0}};
    struct bg_list paths = {0};
    struct bg_sentence err = {0};
    int status;

    if (options_parse(none, argc - 1, argv + 1, &paths, &err) < 0)
        status = verb_usage(verb, "%s", err.text);
    else
        status = run(&paths);
    bg_list_free(&paths);
    return status;
}

int verb_policy(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "check") == 0)
        return with_paths(argv[0], argc, argv, policy_check);
    if (argc > 1 && strcmp(argv[1], "test") == 0)
        return test_words(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "explain") == 0)
        return policy_explain(argc - 1, argv + 1);
    return verb_usage(argv[0], "say policy check, policy test or policy explain");
}

static int signers_check(const struct bg_list *paths)
{
    struct loaded l = {0};
    int status = load(&l, paths);
    size_t errors;

    if (status == EXIT_DONE) {
        errors = say_problems(&l.signers.problems);
        say(stdout, errors ? "%zu lines count; those above count for nothing" : "sound: %zu lines",
            l.signers.n);
        say_digest("signers", l.signers.digest);
        status = errors ? EXIT_REFUSED : EXIT_DONE;
    }
    loaded_free(&l);
    return status;
}

static void say_signer(const struct bg_signer *s, int64_t now)
{
    static const enum bg_namespace all[] = {BG_NS_SIGN, BG_NS_LOGIN, BG_NS_SEAL, BG_NS_AUTOMATION,
                                            BG_NS_HOST};
    char fingerprint[BG_FINGERPRINT_SIZE], may[128] = "";
    const char *but = "";

    bg_key_fingerprint(fingerprint, s->key.blob, s->key.blob_len);
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (s->namespaces & all[i])
            (void)snprintf(may + strlen(may), sizeof(may) - strlen(may), "%s%s", *may ? "," : "",
                           bg_namespace_name(all[i]));
    if (s->conflicted)
        but = "  COUNTS FOR NOBODY: the key stands under another name too";
    else if (now > s->valid_before)
        but = "  expired";
    else if (now < s->valid_after)
        but = "  not valid yet";
    say(stdout, "%s%-12s %s %s %s%s", s->is_host ? "host:" : "", s->name, fingerprint, may,
        s->comment ? s->comment : "", but);
}

static int signers_who(const struct bg_list *names)
{
    const struct bg_list none = {0};
    struct loaded l = {0};
    int status = load(&l, &none);
    size_t found = 0;

    for (size_t i = 0; status == EXIT_DONE && i < l.signers.n; i++) {
        if (names->n && !bg_list_has(names, l.signers.v[i].name))
            continue;
        say_signer(&l.signers.v[i], bg_now());
        found++;
    }
    if (status == EXIT_DONE && found == 0) {
        complain("signers lists nobody%s", names->n ? " of that name" : "");
        status = EXIT_REFUSED;
    }
    loaded_free(&l);
    return status;
}

int verb_signers(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "check") == 0)
        return with_paths(argv[0], argc, argv, signers_check);
    if (argc > 1 && strcmp(argv[1], "who") == 0)
        return with_paths(argv[0], argc, argv, signers_who);
    return verb_usage(argv[0], "say signers check or signers who");
}
