/* SPDX-License-Identifier: ISC */
/* sshd's side: the drop-in file, and what sshd itself says that it would do. */
#include "console/gate/sshd.h"

#include "console/gate/pam.h"

#include "policy/base/cleanup.h"
#include "policy/pamfile/gateline.h"
#include "policy/base/name.h"
#include "console/base/run_program.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define SSHD "/usr/sbin/sshd"
#define LOGIN_KEYS HELPERDIR "/login-keys"
#define FRONT_DOOR HELPERDIR "/front-door"
#define DROPIN_MAX (64 * 1024)
#define OUTPUT_MAX (256 * 1024)

char *gate_sshd_dropin(const struct bg_list *accounts, bool names_service)
{
    static const char format[] =
        "# Written by \"breakglass gate on sshd\", which writes it anew; \"breakglass gate off sshd\" takes "
        "it away.\n"
        "# sshd keeps the first value it reads of a keyword, and the gate stands in PAM.\n"
        "UsePAM yes\n"
        "%s"
        "\n"
        "# The front door: requesting, approving, carrying. No grant is needed, only a key that names a "
        "person.\n"
        "Match User " BG_DOOR_ACCOUNT "\n"
        "    ForceCommand " FRONT_DOOR "\n"
        "    AuthorizedKeysCommand " LOGIN_KEYS " %%u\n"
        "    AuthorizedKeysCommandUser nobody\n"
        "    AuthorizedKeysFile none\n"
        "    TrustedUserCAKeys none\n"
        "    AuthenticationMethods publickey\n"
        "    PubkeyAuthentication yes\n"
        "    PasswordAuthentication no\n"
        "    KbdInteractiveAuthentication no\n"
        "    DisableForwarding yes\n"
        "    PermitTunnel no\n"
        "    ChrootDirectory none\n"
        "    PermitTTY yes\n"
        "    PermitUserRC no\n"
        "%s"
        "\n"
        "# Gated accounts: enrolled keys get as far as the gate, so that it can say what to do. A refused\n"
        "# connection could open a tun device.\n"
        "Match User %s\n"
        "    AuthorizedKeysCommand " LOGIN_KEYS " %%u\n"
        "    AuthorizedKeysCommandUser nobody\n"
        "    PermitTunnel no\n"
        "%s";
    const char *service = names_service ? "    PAMServiceName sshd\n" : "";
    bg_free_ char *names = gate_pam_accounts(accounts);
    char *text = NULL;

    return names && asprintf(&text, format, service + strspn(service, " "), service, names, service) >= 0
               ? text
               : NULL;
}

int gate_sshd_read(const struct bg_root *root, char **text, struct bg_sentence *err)
{
    size_t len;
    int r = bg_file_read(root, GATE_SSHD_FOLDER "/" GATE_SSHD_FILE, DROPIN_MAX, text, &len);

    if (r < 0)
        *text = NULL;
    if (r < 0 && r != -ENOENT)
        return bg_fail(err, r, "/" GATE_SSHD_FOLDER "/" GATE_SSHD_FILE ": %s", strerrordesc_np(-r));
    return 0;
}

static int remove_dropin(const struct bg_root *root)
{
    bg_close_ int dir = bg_dir_open(root, GATE_SSHD_FOLDER);

    if (dir < 0)
        return dir == -ENOENT ? 0 : dir;
    if (unlinkat(dir, GATE_SSHD_FILE, 0) < 0 && errno != ENOENT)
        return -errno;
    return fsync(dir) < 0 ? -errno : 0;
}

static int write_dropin(const struct bg_root *root, const char *text)
{
    bg_close_ int dir = bg_dir_make(root, GATE_SSHD_FOLDER, 0755);

    return dir < 0 ? dir : bg_file_write_at(dir, GATE_SSHD_FILE, text, strlen(text), 0644);
}

int gate_sshd_write(const struct bg_root *root, const char *text, struct bg_sentence *err)
{
    int r = text ? write_dropin(root, text) : remove_dropin(root);

    if (r < 0)
        return bg_fail(err, r, "/" GATE_SSHD_FOLDER "/" GATE_SSHD_FILE " cannot be %s: %s",
                       text ? "written" : "taken away", strerrordesc_np(-r));
    return 0;
}

/* What a program says, as one line of a sentence. */
static const char *flatten(char *text)
{
    size_t used = 0;

    for (const char *p = text; *p; p++)
        if (*p != '\r')
            text[used++] = *p == '\n' ? ';' : *p;
    while (used > 0 && (text[used - 1] == ';' || text[used - 1] == ' '))
        used--;
    text[used] = '\0';
    return used > 0 ? text : "no";
}

static int run_system(const char *const argv[], char **output, struct bg_sentence *err)
{
    size_t len;

    return run_program(&(struct program){.argv = argv, .of_system = true}, OUTPUT_MAX, output, &len, err);
}

int gate_sshd_check(struct bg_sentence *err)
{
    bg_free_ char *output = NULL;

    /* sshd wants its folder even to check its files; its service makes it, and takes it away when it stops.
     */
    (void)mkdir("/run/sshd", 0755);
    int r = run_system((const char *const[]){SSHD, "-t", NULL}, &output, err);

    if (r > 0)
        return bg_fail(err, -EINVAL, "sshd -t says: %.600s", flatten(output));
    return r;
}

/* The pid of an sshd that no service manager looks after, or 0. */
static pid_t lone_sshd(void)
{
    bg_close_ int fd = open("/run/sshd.pid", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    char text[32] = "";

    if (fd < 0 || read(fd, text, sizeof text - 1) <= 0)
        return 0;
    long pid = strtol(text, NULL, 10);
    return pid > 1 && pid < INT32_MAX ? (pid_t)pid : 0;
}

static bool is_active(const char *unit)
{
    bg_free_ char *output = NULL;

    return run_system((const char *const[]){"/usr/bin/systemctl", "--quiet", "is-active", unit, NULL},
                      &output, NULL) == 0;
}

/* A service that a socket has started holds the socket's listener, and a reload would lose it; a restart does
 * not, and open sessions stay. */
static int tell_unit(const char *unit, const char *socket, struct bg_sentence *err)
{
    const char *verb = is_active(socket) ? "try-restart" : "reload";
    bg_free_ char *output = NULL;
    int r = run_system((const char *const[]){"/usr/bin/systemctl", verb, unit, NULL}, &output, err);

    if (r > 0)
        return bg_fail(err, -EIO, "systemctl %s %s says: %.600s", verb, unit, flatten(output));
    return r < 0 ? r : 1;
}

int gate_sshd_reload(struct bg_sentence *err)
{
    static const char *const units[][2] = {{"ssh.service", "ssh.socket"}, {"sshd.service", "sshd.socket"}};
    pid_t pid;

    for (size_t i = 0; i < BG_COUNT(units) && access("/run/systemd/system", F_OK) == 0; i++)
        if (is_active(units[i][0]))
            return tell_unit(units[i][0], units[i][1], err);
    pid = lone_sshd();
    if (pid == 0 || kill(pid, 0) < 0)
        return 0;
    return kill(pid, SIGHUP) < 0 ? bg_fail(err, -EIO, "sshd cannot be told: %s", strerrordesc_np(errno)) : 1;
}

int gate_sshd_effective(const char *account, const char *host, char **text, struct bg_sentence *err)
{
    char connection[512];

    (void)snprintf(connection, sizeof connection, "user=%s,host=%s,addr=127.0.0.1,laddr=127.0.0.1,lport=22",
                   account, *host ? host : "localhost");
    int r = run_system((const char *const[]){SSHD, "-T", "-C", connection, NULL}, text, err);
    if (r > 0) {
        (void)bg_fail(err, -EINVAL, "sshd -T says: %.600s", flatten(*text));
        free(*text);
        *text = NULL;
        return -EINVAL;
    }
    return r;
}

char *gate_sshd_value(const char *effective, const char *keyword, unsigned n)
{
    size_t len = strlen(keyword);

    for (const char *line = effective; *line;) {
        size_t whole = strcspn(line, "\n");
        if (whole > len && strncasecmp(line, keyword, len) == 0 && line[len] == ' ' && n-- == 0)
            return strndup(line + len + 1, whole - len - 1);
        line += whole + (line[whole] == '\n');
    }
    return NULL;
}

static bool value_is(const char *effective, const char *keyword, const char *value)
{
    bg_free_ char *is = gate_sshd_value(effective, keyword, 0);

    return is && strcasecmp(is, value) == 0;
}

/* A path is compared as it is. */
static bool asks_our_command(const char *effective)
{
    bg_free_ char *command = gate_sshd_value(effective, "authorizedkeyscommand", 0);

    return command && strcmp(command, LOGIN_KEYS " %u") == 0;
}

bool gate_sshd_names_service(const char *effective)
{
    bg_free_ char *service = gate_sshd_value(effective, "pamservicename", 0);

    return service != NULL;
}

int gate_sshd_calls_gate(const char *effective, const char *account, struct bg_sentence *err)
{
    const char *says = !value_is(effective, "usepam", "yes") ? "UsePAM no" : NULL;

    if (!says && gate_sshd_names_service(effective) && !value_is(effective, "pamservicename", "sshd"))
        says = "another PAMServiceName than sshd";
    return says ? bg_fail(err, -EINVAL,
                          "sshd says %s for %s and never calls the gate: another file says so before "
                          "/" GATE_SSHD_FOLDER "/" GATE_SSHD_FILE
                          ", or sshd_config does not include that folder",
                          says, account)
                : 0;
}

/* Whether a list keyword (AllowUsers, …; one value a line, or several) is there, and has a pattern for one of
 * the names. */
static bool listed(const char *effective, const char *keyword, const struct bg_list *names, bool *there)
{
    bool found = false;
    char *value;

    *there = false;
    for (unsigned i = 0; (value = gate_sshd_value(effective, keyword, i)); i++) {
        char *rest = value, *word;
        *there = true;
        while ((word = strsep(&rest, " "))) {
            word[strcspn(word, "@")] = '\0'; /* USER@HOST: from some hosts at least */
            for (size_t k = 0; k < names->n && *word; k++)
                found = found || bg_glob(word, names->v[k]);
        }
        free(value);
    }
    return found;
}

static int groups_of(const struct passwd *pw, struct bg_list *names)
{
    gid_t gids[256];
    int n = BG_COUNT(gids), r = 0;

    if (getgrouplist(pw->pw_name, pw->pw_gid, gids, &n) < 0)
        n = BG_COUNT(gids);
    for (int i = 0; i < n && r >= 0; i++) {
        const struct group *group = getgrgid(gids[i]);
        if (group)
            r = bg_list_add(names, group->gr_name, strlen(group->gr_name));
    }
    return r;
}

static int hindrances_by_list(const char *effective, const char *account, const struct bg_list *names,
                              const char *what, struct bg_list *sentences)
{
    char allow[16], deny[16];
    bool there;
    int r = 0;

    (void)snprintf(allow, sizeof allow, "allow%s", what);
    (void)snprintf(deny, sizeof deny, "deny%s", what);
    if (!listed(effective, allow, names, &there) && there)
        r = bg_list_printf(sentences, "sshd's Allow%s does not name %s: nobody can log in as %s", what,
                           account, account);
    if (r >= 0 && listed(effective, deny, names, &there))
        r = bg_list_printf(sentences, "sshd's Deny%s names %s: nobody can log in as %s", what, account,
                           account);
    return r;
}

static int hindrances_of_root(const char *effective, struct bg_list *sentences)
{
    bg_free_ char *value = gate_sshd_value(effective, "permitrootlogin", 0);

    if (!value || (strcasecmp(value, "no") != 0 && strcasecmp(value, "forced-commands-only") != 0))
        return 0;
    return bg_list_printf(
        sentences,
        "sshd says PermitRootLogin %s: nobody can log in as root, with or without a grant; write "
        "\"PermitRootLogin prohibit-password\"",
        value);
}

/* "publickey" alone is among the ways that AuthenticationMethods lists. */
static bool key_is_enough(const char *methods)
{
    for (const char *word = methods; *word;) {
        size_t len = strcspn(word, " ");
        if (len == strlen("publickey") && strncasecmp(word, "publickey", len) == 0)
            return true;
        word += len + (word[len] == ' ');
    }
    return strcasecmp(methods, "any") == 0;
}

static int hindrances_of_method(const char *effective, const char *account, struct bg_list *sentences)
{
    bg_free_ char *methods = gate_sshd_value(effective, "authenticationmethods", 0);

    if (!methods || key_is_enough(methods))
        return 0;
    return bg_list_printf(
        sentences,
        "sshd wants more than a key for %s (AuthenticationMethods %s): a grant alone does not open it",
        account, methods);
}

static int hindrances_of_keys(const char *effective, const char *account, struct bg_list *sentences)
{
    struct bg_sentence err;
    int r = 0;

    if (gate_sshd_calls_gate(effective, account, &err) < 0)
        r = bg_list_printf(sentences, "%s", err.text);
    if (r >= 0 && !value_is(effective, "permittunnel", "no"))
        r = bg_list_printf(
            sentences,
            "sshd does not say PermitTunnel no for %s: a refused connection could open a tun device",
            account);
    if (r >= 0 && value_is(effective, "pubkeyauthentication", "no"))
        r = bg_list_printf(sentences, "sshd says PubkeyAuthentication no for %s: no key opens it", account);
    if (r >= 0 && !asks_our_command(effective))
        r = bg_list_printf(sentences,
                           "sshd does not run login-keys for %s: sshd_config must include "
                           "/" GATE_SSHD_FOLDER "/*.conf first",
                           account);
    return r;
}

static int hindrances_of_account(const char *effective, const struct passwd *pw, struct bg_list *sentences)
{
    bg_cleanup_(bg_list_free) struct bg_list name = {0}, groups = {0};
    int r = bg_list_add(&name, pw->pw_name, strlen(pw->pw_name));

    if (r >= 0)
        r = groups_of(pw, &groups);
    if (r >= 0)
        r = hindrances_by_list(effective, pw->pw_name, &name, "users", sentences);
    if (r >= 0)
        r = hindrances_by_list(effective, pw->pw_name, &groups, "groups", sentences);
    if (r >= 0 && pw->pw_uid == 0)
        r = hindrances_of_root(effective, sentences);
    const char *shell = strrchr(pw->pw_shell, '/');
    if (r >= 0 && shell && (strcmp(shell, "/nologin") == 0 || strcmp(shell, "/false") == 0))
        r = bg_list_printf(sentences, "the shell of %s is %s: its sessions end at once", pw->pw_name,
                           pw->pw_shell);
    return r;
}

int gate_sshd_hindrances(const char *effective, const char *account, struct bg_list *sentences)
{
    const struct passwd *pw = getpwnam(account);
    int r;

    if (!pw)
        return bg_list_printf(sentences, "there is no account %s on this host", account);
    r = hindrances_of_account(effective, pw, sentences);
    if (r >= 0)
        r = hindrances_of_keys(effective, account, sentences);
    return r < 0 ? r : hindrances_of_method(effective, account, sentences);
}
