/* SPDX-License-Identifier: ISC */
/* What the gate means for those who log in: said when it is turned on, and by gate status. */
#include "console/gate/site.h"

#include "policy/base/cleanup.h"
#include "policy/pamfile/gateline.h"
#include "console/gate/keys.h"
#include "console/gate/password.h"
#include "policy/base/name.h"
#include "console/base/print.h"
#include "console/gate/sshd.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void say_list(const char *title, const struct bg_list *sentences)
{
    if (sentences->n > 0)
        say(stdout, "%s", title);
    for (size_t i = 0; i < sentences->n; i++)
        say(stdout, "  %s", sentences->v[i]);
}

static int look_at(const struct gate_site *h, const char *account, struct gate_findings *found)
{
    bg_free_ char *effective = NULL;
    struct bg_sentence err;
    int r = gate_password_check(&h->root, account, h->now, &err);

    if (r == -EPERM)
        r = bg_list_printf(&found->problems, "%s", err.text);
    if (r < 0)
        return r;
    if (gate_sshd_effective(account, h->host.name, &effective, &err) < 0)
        return bg_list_printf(&found->problems, "%s", err.text);
    r = gate_sshd_hindrances(effective, account, &found->problems);
    if (r >= 0)
        r = gate_keys_refused(effective, account, &h->signers, &h->policy, h->host.name, h->now,
                              &found->refused);
    return r;
}

static bool is_named(const struct bg_list *accounts, const char *name)
{
    for (size_t i = 0; i < accounts->n; i++)
        if (bg_glob(accounts->v[i], name))
            return true;
    return false;
}

/* Other names in /etc/passwd for the uid of a gated account: the gate goes by names. */
static int look_for_doubles(const struct bg_list *accounts, const char *account, struct bg_list *doubles)
{
    const struct passwd *pw = getpwnam(account), *other;
    uid_t uid = pw ? pw->pw_uid : 0;
    FILE *file = pw ? fopen("/etc/passwd", "re") : NULL;
    int r = 0;

    while (r >= 0 && file && (other = fgetpwent(file))) {
        if (other->pw_uid != uid || is_named(accounts, other->pw_name))
            continue;
        r = bg_list_printf(doubles, "%s has the uid of %s: name it in --accounts, too", other->pw_name,
                           account);
    }
    if (file)
        (void)fclose(file);
    return r;
}

static bool has_login_keys(const struct gate_site *h)
{
    for (size_t i = 0; i < h->signers.n; i++)
        if (bg_signers_find(&h->signers, &h->signers.v[i].key, BG_NS_LOGIN, h->now, NULL))
            return true;
    return false;
}

/* What sshd's key command cannot read, as the account nobody: then it offers no key, and sshd's own bare no
 * is all that anybody sees. Some rules for hardening take these rights away. */
static int look_at_modes(const struct gate_site *h, struct bg_list *hindrances)
{
    static const char *const paths[] = {"etc/breakglass", "etc/breakglass/signers",
                                        "etc/breakglass/signers.d", "etc/pam.d", "etc/pam.d/sshd"};
    struct stat st;
    int r = 0;

    for (size_t i = 0; r >= 0 && i < BG_COUNT(paths); i++) {
        if (fstatat(h->root.fd, paths[i], &st, 0) < 0)
            continue;
        mode_t need = S_ISDIR(st.st_mode) ? S_IROTH | S_IXOTH : S_IROTH;
        if ((st.st_mode & need) == need)
            continue;
        r = bg_list_printf(hindrances, "sshd's key command (as nobody) cannot read /%s: chmod o+r%s /%s",
                           paths[i], S_ISDIR(st.st_mode) ? "x" : "", paths[i]);
    }
    return r;
}

int gate_check(const struct gate_site *h, const struct bg_list *accounts, struct gate_findings *found)
{
    const char *account;
    int r = 0;

    for (size_t i = 0; r >= 0 && (account = gate_site_account(accounts, &i));) {
        r = look_at(h, account, found);
        if (r >= 0 && i > 1) /* not of the front door */
            r = look_for_doubles(accounts, account, &found->doubles);
    }
    if (r >= 0)
        r = look_at_modes(h, &found->problems);
    if (r >= 0 && !has_login_keys(h))
        r = bg_list_printf(&found->problems,
                           "no key in /etc/breakglass/signers may log in (namespace breakglass-login): "
                           "nobody can pass; the machine's own console stays open");
    if (r >= 0 && h->policy.broken)
        r = bg_list_printf(&found->problems,
                           "the policy does not parse, so no grant opens: breakglass policy check");
    if (r < 0)
        complain("no memory left; what follows is not complete");
    return r;
}

void gate_findings_say(const struct gate_findings *found, bool enforcing)
{
    say_list("What stops a login or weakens the gate:", &found->problems);
    if (enforcing)
        say_list("Keys that open nothing by themselves:", &found->refused);
    say_list("Open without a grant, as another account with the same rights:", &found->doubles);
}

void gate_findings_free(struct gate_findings *found)
{
    bg_list_free(&found->problems);
    bg_list_free(&found->refused);
    bg_list_free(&found->doubles);
}
