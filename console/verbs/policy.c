/* SPDX-License-Identifier: ISC */
/* breakglass policy check|test|explain. */
#include "policy/base/cleanup.h"
#include "policy/base/name.h"
#include "policy/base/timestamp.h"
#include "policy/rules/check.h"
#include "policy/rules/eligibility.h"
#include "console/base/option.h"
#include "console/base/print.h"
#include "console/verbs/policy_explain.h"
#include "console/verbs/policy_files.h"
#include "console/verbs/verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- check --- */

static void say_verdict(const struct bg_policy *policy, size_t signers, size_t errors)
{
    size_t broken = 0;

    for (size_t i = 0; i < policy->n_roles; i++)
        broken += policy->roles[i].broken;
    if (policy->broken)
        say(stdout, "nothing opens with this policy until its errors are fixed");
    else if (broken)
        say(stdout, "%zu of %zu roles are disabled by their errors; the others work", broken,
            policy->n_roles);
    else if (errors == 0)
        say(stdout, "sound: %zu roles, %zu people with a section, %zu signers", policy->n_roles,
            policy->n_people, signers);
}

/* Both together: what the policy says of people whom the signers do not have is a warning. */
static int check(struct policy_files *f)
{
    bg_cleanup_(bg_problems_free) struct bg_problems warnings = {0};
    size_t errors;

    if (bg_policy_check(&f->policy) < 0 ||
        (f->has_signers && bg_policy_check_signers(&f->policy, &f->signers, bg_now(), &warnings) < 0))
        return EXIT_BROKEN;
    errors = policy_files_problems("", &f->policy.problems) +
             policy_files_problems("", &f->signers.problems) + policy_files_problems("", &warnings);
    say_verdict(&f->policy, f->signers.n, errors);
    policy_files_digest("policy", f->policy.digest);
    if (f->has_signers)
        policy_files_digest("signers", f->signers.digest);
    return errors ? EXIT_REFUSED : EXIT_DONE;
}

static int policy_check(int argc, char **argv)
{
    static const struct option_spec none[] = {{0}};
    bg_cleanup_(policy_files_free) struct policy_files f = {0};
    bg_cleanup_(bg_list_free) struct bg_list paths = {0};
    struct bg_sentence err = {0};

    if (options_parse(none, argc, argv, &paths, &err) < 0)
        return verb_usage("policy", "%s", err.text);
    if (policy_files_load(&f, &paths, &err) < 0) {
        complain("%s", err.text);
        return EXIT_BROKEN;
    }
    return check(&f);
}

/* --- test --- */

struct question {
    const char *person, *role, *duration_text;
    struct bg_list words, hosts, accounts, paths;
    int64_t duration;
};

static void question_free(struct question *q)
{
    bg_list_free(&q->words);
    bg_list_free(&q->hosts);
    bg_list_free(&q->accounts);
    bg_list_free(&q->paths);
}

/* The answer in words, as a person would give it. */
static void say_terms(const struct bg_policy *policy, const struct question *q, const struct bg_terms *terms)
{
    bg_cleanup_(bg_list_free) struct bg_list lines = {0};
    bg_free_ char *hosts = bg_list_join(&terms->hosts), *accounts = bg_list_join(&terms->accounts);
    char duration[BG_DURATION_SIZE];
    const struct bg_role *role = bg_policy_role(policy, q->role);

    bg_duration_format(duration, terms->duration);
    say(stdout, "yes: %s may request %s on %s for %s", q->person, q->role, hosts ? hosts : "?", duration);
    if (terms->accounts.n)
        say(stdout, "opens accounts: %s", accounts ? accounts : "?");
    if (role && bg_request_approvals(&lines, policy, role, q->person) >= 0) {
        say(stdout, lines.n > 1 ? "must approve, each by another person:" : "must approve:");
        for (size_t i = 0; i < lines.n; i++)
            say(stdout, "  %s", lines.v[i]);
    }
}

static int answer(struct question *q)
{
    bg_cleanup_(policy_files_free) struct policy_files f = {0};
    bg_cleanup_(bg_terms_clear) struct bg_terms terms = {0};
    const struct bg_role *role;
    struct bg_sentence err = {0};

    if (policy_files_load(&f, &q->paths, &err) < 0) {
        complain("%s", err.text);
        return EXIT_BROKEN;
    }
    if (bg_policy_check(&f.policy) < 0)
        return EXIT_BROKEN;
    role = bg_policy_role(&f.policy, q->role);
    if (!q->duration)
        q->duration = role ? role->max_duration : 60;
    if (bg_may_request(&terms, &f.policy, q->person, q->role, &q->hosts, &q->accounts, q->duration, &err) <
        0) {
        say(stdout, "no: %s", err.text);
        return EXIT_REFUSED;
    }
    say_terms(&f.policy, q, &terms);
    if (f.has_signers && !bg_signers_has(&f.signers, q->person, BG_NS_SIGN, bg_now()))
        say(stdout, "but %s has no signing key in signers: only a host that knows them can sign for them",
            q->person);
    return EXIT_DONE;
}

static int policy_test(int argc, char **argv)
{
    bg_cleanup_(question_free) struct question q = {0};
    struct bg_sentence err = {0};
    const struct option_spec specs[] = {
        {.name = "for", .value = &q.duration_text},
        {.name = "account", .list = &q.accounts},
        {.name = "policy", .list = &q.paths},
        {0},
    };
    int r = options_parse(specs, argc, argv, &q.words, &err);

    if (r >= 0 && q.words.n < 3)
        r = bg_fail(&err, -EINVAL, "say: policy test PERSON ROLE HOST… [--for 20m]");
    if (r >= 0 && q.duration_text && bg_duration_parse(&q.duration, q.duration_text) < 0)
        r = bg_fail(&err, -EINVAL, "--for %s: no duration; write 90s, 30m or 1h30m", q.duration_text);
    for (size_t i = 2; r >= 0 && i < q.words.n; i++)
        r = bg_list_add(&q.hosts, q.words.v[i], strlen(q.words.v[i]));
    if (r < 0)
        return verb_usage("policy", "%s", err.text);
    q.person = q.words.v[0];
    q.role = q.words.v[1];
    return answer(&q);
}

int verb_policy(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } subcommands[] = {{"check", policy_check}, {"test", policy_test}, {"explain", policy_explain}};

    for (size_t i = 0; argc > 1 && i < BG_COUNT(subcommands); i++)
        if (strcmp(argv[1], subcommands[i].name) == 0)
            return subcommands[i].run(argc - 1, argv + 1);
    return verb_usage(argv[0], "say policy check, policy test or policy explain");
}
