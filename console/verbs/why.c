/* SPDX-License-Identifier: ISC */
/* breakglass why: would the gate open now? On the host as root straight from its files, broker or not; else
 * by the broker. */
#include "policy/rules/eligibility.h"
#include "policy/base/cleanup.h"
#include "policy/decide/decide.h"
#include "policy/pamfile/gateline.h"
#include "policy/decide/host.h"
#include "console/client/connect_known.h"
#include "console/gate/password.h"
#include "console/base/option.h"
#include "console/base/destination.h"
#include "console/base/print.h"
#include "console/words/grant.h"
#include "policy/store/store.h"
#include "console/verbs/verbs.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- straight from the files --- */

struct files {
    struct bg_root root;
    struct bg_policy policy;
    struct bg_signers signers;
    struct bg_host host;
    struct bg_store store;
    bool locked;
};

static void files_free(struct files *f)
{
    bg_policy_free(&f->policy);
    bg_signers_free(&f->signers);
    bg_root_close(&f->root);
}

/* What stops everybody, whoever asks: each with its file and the mend. False where something does. */
static bool say_host(struct files *f)
{
    struct bg_sentence err = {0};
    struct stat st;
    bool good = true;

    if (bg_host_load(&f->host, &f->root, &err) < 0) {
        say(stdout, "no: %s", err.text);
        good = false;
    }
    f->locked = fstatat(f->root.fd, BG_ETC "/locked", &st, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
    if (f->locked) {
        say(stdout, "no: this host is locked; breakglass unlock, and grants open again");
        good = false;
    }
    if (f->policy.broken) {
        say(stdout, "no: the policy does not parse, so nothing opens:");
        for (size_t i = 0; i < f->policy.problems.n; i++)
            if (!f->policy.problems.v[i].warning)
                say(stdout, "  %s:%u: %s", f->policy.problems.v[i].file, f->policy.problems.v[i].line,
                    f->policy.problems.v[i].text);
        good = false;
    }
    return good;
}

static void say_gate(struct files *f, const char *account)
{
    struct bg_sentence err = {0};

    if (bg_gateline_enforced(&f->root, "sshd", account, bg_now(), &err) < 0)
        say(stdout, "note: the gate does not stand before %s in sshd: %s", account, err.text);
    if (gate_password_check(&f->root, account, bg_now(), &err) > 0)
        say(stdout, "note: %s", err.text);
}

/* Keys of the person that count, and lines of theirs that do not. */
static void say_keys(struct files *f, const char *person)
{
    int64_t now = bg_now();

    if (!bg_signers_has(&f->signers, person, BG_NS_LOGIN, now))
        say(stdout,
            "no key of %s may log in: signers has no line for them with breakglass-login that counts today",
            person);
    for (size_t i = 0; i < f->signers.problems.n; i++) {
        const struct bg_problem *p = &f->signers.problems.v[i];

        say(stdout, "  %s:%u: %s", p->file, p->line, p->text);
    }
}

static void say_ignored(const struct bg_answer *answer)
{
    for (size_t i = 0; i < answer->n_ignored; i++)
        say(stdout, "  does not count: %s by %s: %s", bg_kind_name(answer->ignored[i].statement->st.kind),
            answer->ignored[i].statement->st.by, answer->ignored[i].why.text);
}

static void say_answer(const struct bg_grant *grant, const struct bg_answer *answer)
{
    char id[64];

    say(stdout, "%s %s (%s)%s%s", answer->state == BG_STATE_OPEN ? "yes:" : "no:", show_id(id, grant->id),
        answer->role ? answer->role->name : grant->request->st.terms.role, answer->why ? ": " : "",
        answer->why ? bg_why_name(answer->why) : "");
    say_folded(stdout, "  ", 76, answer->sentence.text);
    if (answer->role)
        say(stdout, "  the rule: [Role %s] at %s:%u", answer->role->name, answer->role->file,
            answer->role->line);
    if (answer->state != BG_STATE_OPEN)
        say_ignored(answer);
}

/* Roles that the person could ask for, to get in there. */
static void say_roles(struct files *f, const char *person, const char *account)
{
    size_t n = 0;

    for (size_t i = 0; i < f->policy.n_roles; i++) {
        const struct bg_role *role = &f->policy.roles[i];
        struct bg_list who = {0};

        if (role->broken || !bg_list_has(&role->requesters, person) || !bg_role_host(role, f->host.name) ||
            !bg_role_account(&f->policy, role, person, account))
            continue;
        if (n++ == 0)
            say(stdout, "what would open it:");
        say(stdout, "  breakglass request %s --host %s --for 30m --reason TEXT", role->name, f->host.name);
        if (bg_request_approvals(&who, &f->policy, role, person) >= 0)
            for (size_t j = 0; j < who.n; j++)
                say(stdout, "    needs %s", who.v[j]);
        bg_list_free(&who);
    }
    if (n == 0)
        say(stdout, "no role of the policy gives %s the account %s on %s", person, account, f->host.name);
}

/* Judges every live grant; says the open one, else the newest that names the account. 1: open, 0: not, or
 * -errno. */
static int judge(struct files *f, const struct bg_question *q, const struct bg_grants *grants)
{
    size_t told = 0;

    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < grants->n; i++) {
            const struct bg_grant *grant = &grants->v[i];
            struct bg_answer answer = {0};
            bool open;

            if (!grant->request || bg_decide(&answer, &f->policy, &f->signers, grant, q) < 0)
                continue;
            open = answer.state == BG_STATE_OPEN;
            if (pass == 0 ? open : told == 0 && bg_list_has(&grant->request->st.terms.accounts, q->account)) {
                say_answer(grant, &answer);
                told++;
            }
            bg_answer_free(&answer);
            if (open && pass == 0)
                return 1;
        }
    if (told == 0)
        say(stdout, "no: %s has asked for nothing that opens %s here", q->person, q->account);
    return 0;
}

static int why_files(struct files *f, const char *person, const char *account)
{
    struct bg_grants grants = {0};
    struct bg_question q = {.person = person, .account = account, .now = bg_now()};
    bool good = say_host(f);
    int r;

    say_gate(f, account);
    if (!good)
        return EXIT_REFUSED;
    q.host = f->host.name;
    q.host_key = f->host.has_key ? &f->host.key : NULL;
    q.locked = f->locked;
    r = bg_store_load_person(&f->store, person, false, &grants);
    if (r < 0 && r != -ENOENT) {
        complain("the store cannot be read: %s", strerror(-r));
        return EXIT_BROKEN;
    }
    r = judge(f, &q, &grants);
    if (r == 0)
        say_roles(f, person, account);
    say_keys(f, person);
    bg_grants_free(&grants);
    return r > 0 ? EXIT_DONE : EXIT_REFUSED;
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
    struct files f = {.root = {.fd = -1}};
    struct bg_sentence err = {0};
    int status = EXIT_BROKEN;

    if (destination_open_root(&f.root, &err) < 0)
        complain("%s", err.text);
    else if (bg_policy_load(&f.policy, &f.root) < 0 || bg_signers_load(&f.signers, &f.root) < 0)
        complain("no memory left");
    else {
        f.store.root = f.root;
        if (!person)
            person = caller(&f.policy);
        if (person)
            status = why_files(&f, person, account);
        else
            status = verb_usage("why", "whose login? say: why PERSON %s", account);
    }
    files_free(&f);
    return status;
}

/* --- by the brokers --- */

struct asked {
    const char *person, *account;
};

static int append_asked(sd_bus_message *m, struct calls_link *link, void *arg)
{
    const struct asked *asked = arg;

    (void)link;
    return sd_bus_message_append(m, "ss", asked->person ? asked->person : "", asked->account);
}

static int why_hosts(const struct bg_list *hosts, const char *person, const char *account)
{
    struct asked asked = {person, account};
    struct calls fan = {0};
    int status = connect_known(&fan, hosts), other;

    if (status == EXIT_DONE) {
        calls_call(&fan, NULL, BG_METHOD_WHY, append_asked, &asked);
        for (size_t i = 0; i < fan.n; i++) {
            const struct bg_why_row *row = reply_why(calls_reply(&fan.link[i]));

            if (!row)
                continue;
            say(stdout, "%s: %s: %s", calls_label(&fan.link[i]), row->open ? "yes" : "no", row->sentence);
            if (!row->open)
                status = EXIT_REFUSED;
        }
        other = calls_status(&fan, 0);
        status = status == EXIT_DONE ? other : status;
    }
    calls_close(&fan);
    return status;
}

int verb_why(int argc, char **argv)
{
    struct bg_list hosts = {0}, words = {0};
    struct bg_sentence err = {0};
    const struct option_spec specs[] = {{.name = "at", .letter = 'H', .list = &hosts}, {0}};
    int status, r = options_parse(specs, argc, argv, &words, &err);
    const char *account, *person;

    if (r >= 0 && (words.n < 1 || words.n > 2))
        r = bg_fail(&err, -EINVAL, "say: why [PERSON] ACCOUNT");
    account = words.n ? words.v[words.n - 1] : "";
    person = words.n > 1 ? words.v[0] : NULL;
    if (r >= 0 && (!bg_is_account(account) || (person && !bg_is_person(person))))
        r = bg_fail(&err, -EINVAL, "say: why [PERSON] ACCOUNT, such as: why bob root");
    if (r < 0)
        status = verb_usage(argv[0], "%s", err.text);
    else if (!hosts.n && (geteuid() == 0 || strcmp(destination_root(), "/") != 0))
        status = why_here(person, account);
    else
        status = why_hosts(&hosts, person, account);
    bg_list_free(&hosts);
    bg_list_free(&words);
    return status;
}
