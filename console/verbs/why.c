/* SPDX-License-Identifier: ISC */
/* breakglass why: would the gate open now? On the host as root straight from its files, broker or not; else
 * by the broker. */
#include "policy/admission/choose.h"
#include "policy/base/cleanup.h"
#include "policy/pamfile/gateline.h"
#include "policy/rules/eligibility.h"
#include "console/client/connect_known.h"
#include "console/gate/password.h"
#include "console/base/option.h"
#include "console/base/destination.h"
#include "console/base/print.h"
#include "console/words/grant.h"
#include "console/verbs/policy_files.h"
#include "console/verbs/verbs.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- straight from the files --- */

static void say_gate(const struct bg_site *site, const char *account)
{
    struct bg_sentence err = {0};

    if (bg_gateline_enforced(&site->root, "sshd", account, bg_now(), &err) < 0)
        say(stdout, "note: the gate does not stand before %s in sshd: %s", account, err.text);
    if (gate_password_check(&site->root, account, bg_now(), &err) == -EPERM)
        say(stdout, "note: %s", err.text);
}

/* Keys of the person that count, and lines of theirs that do not. */
static void say_keys(const struct bg_site *site, const char *person)
{
    int64_t now = bg_now();

    if (!bg_signers_has(&site->signers, person, BG_NS_LOGIN, now))
        say(stdout,
            "no key of %s may log in: signers has no line for them with breakglass-login that counts today",
            person);
    (void)policy_files_problems("  ", &site->signers.problems);
}

static void say_ignored(const struct bg_answer *answer)
{
    for (size_t i = 0; i < answer->n_ignored; i++)
        say(stdout, "  does not count: %s by %s: %s", bg_kind_name(answer->ignored[i].statement->st.kind),
            answer->ignored[i].statement->st.by, answer->ignored[i].why.text);
}

static void say_choice(const struct bg_choice *choice)
{
    const struct bg_answer *answer = &choice->answer;
    bool open = answer->state == BG_STATE_OPEN;
    char id[BG_ID_SHOWN_SIZE];

    if (!choice->grant) {
        say(stdout, "no: %s", answer->sentence.text);
        return;
    }
    bg_id_show(id, choice->grant->id);
    say(stdout, "%s %s (%s)%s%s", open ? "yes:" : "no:", id, choice->grant->request->st.terms.role,
        open ? "" : ": ", open ? "" : bg_why_name(answer->why));
    say_folded(stdout, "  ", 76, answer->sentence.text);
    if (answer->role)
        say(stdout, "  the rule: [Role %s] at %s:%u", answer->role->name, answer->role->file,
            answer->role->line);
    if (!open)
        say_ignored(answer);
}

/* The roles that the person may request to get in there, and who approves them. */
static void say_roles(const struct bg_site *site, const char *person, const char *account)
{
    const struct bg_policy *policy = &site->policy;
    const struct bg_role *role = bg_next_role(policy, NULL, person, site->host.name, account);

    if (!role) {
        say(stdout, "no role of the policy gives %s the account %s on %s", person, account, site->host.name);
        return;
    }
    say(stdout, "what would open it:");
    for (; role; role = bg_next_role(policy, role, person, site->host.name, account)) {
        bg_cleanup_(bg_list_free) struct bg_list who = {0};

        say(stdout, "  breakglass request %s --host %s --for 30m --reason TEXT", role->name, site->host.name);
        if (bg_request_approvals(&who, policy, role, person) >= 0)
            for (size_t i = 0; i < who.n; i++)
                say(stdout, "    needs %s", who.v[i]);
    }
}

static int why_files(const struct bg_site *site, const char *person, const char *account)
{
    bg_cleanup_(bg_choice_free) struct bg_choice choice = {0};
    struct bg_question question = bg_site_question(site, bg_now());
    struct bg_answer nothing = {0};
    int status = EXIT_REFUSED;

    question.person = person;
    question.account = account;
    if (bg_choose(&choice, site, &question) < 0)
        status = EXIT_BROKEN;
    else if (bg_choice_opens(&choice, question.now))
        status = EXIT_DONE;
    say_gate(site, account);
    say_choice(&choice);
    if (bg_site_opens_nothing(site, &nothing)) {
        if (site->policy.broken)
            (void)policy_files_problems("  ", &site->policy.problems);
        return status;
    }
    if (status == EXIT_REFUSED)
        say_roles(site, person, account);
    say_keys(site, person);
    return status;
}

/* Who is meant, where nobody is named: who called sudo. */
static const char *caller(const struct bg_policy *policy)
{
    const char *user = getenv("SUDO_USER");
    const struct bg_person *person = user ? bg_policy_person_by_user(policy, user) : NULL;

    return person ? person->name : NULL;
}

static int why_here(const char *person, const char *account)
{
    bg_cleanup_(bg_root_close) struct bg_root root = {.fd = -1};
    bg_cleanup_(bg_site_free) struct bg_site site = {0};
    struct bg_sentence err = {0};

    if (destination_open_root(&root, &err) < 0) {
        complain("%s", err.text);
        return EXIT_BROKEN;
    }
    if (bg_site_load(&site, &root, true) < 0) {
        complain("no memory left");
        return EXIT_BROKEN;
    }
    if (!person)
        person = caller(&site.policy);
    if (!person)
        return verb_usage("why", "whose login? say: why PERSON %s", account);
    return why_files(&site, person, account);
}

/* --- by the brokers --- */

static int why_hosts(const struct bg_list *hosts, const char *person, const char *account)
{
    bg_cleanup_(calls_close) struct calls fan = {0};
    int status = connect_known(&fan, hosts);
    bool all_open = true;

    if (status != EXIT_DONE)
        return status;
    calls_call(&fan, NULL, &(struct call_args){BG_METHOD_WHY, .text = {person, account}});
    for (size_t i = 0; i < fan.n; i++) {
        const struct bg_why_row *row = reply_why(calls_reply(&fan.link[i]));

        if (!row)
            continue;
        say(stdout, "%s: %s: %s", calls_label(&fan.link[i]), row->open ? "yes" : "no", row->sentence);
        all_open &= row->open;
    }
    status = calls_status(&fan, 0);
    return all_open ? status : EXIT_REFUSED;
}

int verb_why(int argc, char **argv)
{
    bg_cleanup_(bg_list_free) struct bg_list hosts = {0}, words = {0};
    struct bg_sentence err = {0};
    const struct option_spec specs[] = {{.name = "at", .letter = 'H', .list = &hosts}, {0}};
    const char *account, *person;

    if (options_parse(specs, argc, argv, &words, &err) < 0)
        return verb_usage(argv[0], "%s", err.text);
    account = words.n ? words.v[words.n - 1] : "";
    person = words.n > 1 ? words.v[0] : NULL;
    if (words.n > 2 || !bg_is_account(account) || (person && !bg_is_person(person)))
        return verb_usage(argv[0], "say: why [PERSON] ACCOUNT, such as: why bob root");
    if (!hosts.n && (geteuid() == 0 || strcmp(destination_root(), "/") != 0))
        return why_here(person, account);
    return why_hosts(&hosts, person, account);
}
