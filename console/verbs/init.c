/* SPDX-License-Identifier: ISC */
/* breakglass init: names this host, gives it a key, and puts commented files where policy and signers go. */
#include "policy/base/cleanup.h"
#include "policy/decide/host.h"
#include "policy/base/name.h"
#include "console/base/option.h"
#include "console/base/destination.h"
#include "console/base/run_program.h"
#include "console/base/print.h"
#include "console/verbs/verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OUTPUT_MAX 4096
#define NOT_A_HOST "\"%s\" is not a host name (a-z, 0-9, '.', '_', '-')"

static const char policy_example[] =
    "# Who may request what on these hosts, and who must approve. breakglass-policy(5) has every setting;\n"
    "# `breakglass policy check` names every error by file and line. Nothing opens until a role is here.\n"
    "\n"
    "#[Defaults]\n"
    "#MaxDuration=1h\n"
    "#Administrators=frank\n"
    "\n"
    "#[Person alice]\n"
    "#Contact=+49 151 0000000\n"
    "\n"
    "#[Group leads]\n"
    "#Members=dave frank\n"
    "\n"
    "#[Role root-console]\n"
    "#Description=Superuser on the databases\n"
    "#Requesters=bob\n"
    "## Every line must be met, by different people, and never by the requester.\n"
    "#Approve=1 of alice\n"
    "#Approve=1 of @leads\n"
    "#Hosts=db*\n"
    "#Accounts=root\n"
    "#MaxDuration=30m\n";

static const char signers_example[] =
    "# One line a key, in the form of OpenSSH's allowed_signers; breakglass-signers(5). Namespaces are "
    "required:\n"
    "#   breakglass        signs requests, approvals, closes and reviews\n"
    "#   breakglass-login  is the key that this person logs in with\n"
    "#\n"
    "# alice namespaces=\"breakglass,breakglass-login\" ssh-ed25519 AAAA… alice@laptop\n";

static bool exists(int dir, const char *name)
{
    struct stat st;

    return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static int ask_name(char *name, size_t size)
{
    if (!isatty(STDIN_FILENO))
        return -1;
    fputs("This host's name, as policies and people will call it (db1.prod): ", stdout);
    (void)fflush(stdout);
    if (!fgets(name, (int)size, stdin))
        return -1;
    name[strcspn(name, "\r\n")] = 0;
    return 0;
}

/* On a cloned disk the name and the key are another host's: both are kept aside, and this machine gets its
 * own. */
static int put_aside(int dir, struct bg_sentence *err)
{
    static const char *const names[] = {"host", "host.key", "host.key.pub"};

    for (size_t i = 0; i < BG_COUNT(names); i++) {
        char aside[64];

        (void)snprintf(aside, sizeof aside, "%s.of-another-machine", names[i]);
        if (!exists(dir, names[i]))
            continue;
        if (exists(dir, aside))
            return bg_fail(err, -EEXIST, "/%s/%s exists already; look at it and remove it first", BG_ETC,
                           aside);
        if (renameat(dir, names[i], dir, aside) < 0)
            return bg_fail(err, -errno, "cannot rename %s/%s: %s", BG_ETC, names[i], strerrordesc_np(errno));
        say(stdout, "kept aside, since it was made on another machine: /%s/%s", BG_ETC, aside);
    }
    return 0;
}

static int write_name(const struct bg_root *root, int dir, const char *name, struct bg_sentence *err)
{
    bg_free_ char *id = NULL, *text = NULL;
    size_t len = 0;
    int r = bg_file_read(root, "etc/machine-id", 128, &id, &len);

    if (r < 0)
        return bg_fail(err, r, "cannot read /etc/machine-id: %s; run systemd-machine-id-setup",
                       strerrordesc_np(-r));
    id[strcspn(id, "\r\n")] = 0;
    if (strlen(id) != 32)
        return bg_fail(err, -EINVAL, "/etc/machine-id holds no machine-id; run systemd-machine-id-setup");
    if (asprintf(&text, "name: %s\nmachine-id: %s\n", name, id) < 0) {
        text = NULL;
        return bg_fail(err, -ENOMEM, "no memory left");
    }
    r = bg_file_write_at(dir, "host", text, strlen(text), 0644);
    return r < 0 ? bg_fail(err, r, "cannot write /%s/host: %s", BG_ETC, strerrordesc_np(-r)) : 0;
}

/* The name: the one that is there, or the one given. */
static int settle_name(const struct bg_root *root, int dir, const char *wanted, char name[BG_HOST_SIZE],
                       struct bg_sentence *err)
{
    struct bg_host host;
    int r = bg_host_load(&host, root, err);

    if (r == -ESTALE)
        r = put_aside(dir, err) < 0 ? -EEXIST : -ENOENT;
    if (r >= 0 && wanted && strcmp(wanted, host.name) != 0)
        return bg_fail(
            err, -EEXIST,
            "this host is already called %s, and init changes no existing file. To rename it, remove "
            "/%s/host first, and change policy and signers accordingly",
            host.name, BG_ETC);
    if (r >= 0) {
        (void)snprintf(name, BG_HOST_SIZE, "%s", host.name);
        return 0;
    }
    if (r != -ENOENT)
        return r;
    if (wanted)
        (void)snprintf(name, BG_HOST_SIZE, "%s", wanted);
    else if (ask_name(name, BG_HOST_SIZE) < 0)
        return bg_fail(err, -EINVAL,
                       "no name: give --name HOST; it is never guessed from the machine's own name");
    if (!bg_is_host(name))
        return bg_fail(err, -EINVAL, NOT_A_HOST, name);
    r = write_name(root, dir, name, err);
    if (r >= 0)
        say(stdout, "this host is %s", name);
    return r;
}

/* ssh-keygen writes key and .pub; under another name first, so that no half of a pair is ever in use. */
static int make_key(int dir, const char *name, struct bg_sentence *err)
{
    bg_free_ char *comment = NULL, *output = NULL;
    size_t len = 0;
    int r;

    if (exists(dir, "host.key")) {
        say(stdout, "its key exists already");
        return 0;
    }
    if (asprintf(&comment, "host:%s", name) < 0)
        comment = NULL;
    if (!comment)
        return bg_fail(err, -ENOMEM, "no memory left");
    (void)unlinkat(dir, ".host.key.new", 0);
    (void)unlinkat(dir, ".host.key.new.pub", 0);
    const char *const argv[] = {"ssh-keygen", "-q", "-t",    "ed25519", "-N",
                                "",           "-C", comment, "-f",      "/proc/self/fd/3/.host.key.new",
                                NULL};
    r = run_program(&(struct program){.argv = argv, .fd3 = dir}, OUTPUT_MAX, &output, &len, err);
    if (r < 0)
        return r;
    if (r != 0 || fchmodat(dir, ".host.key.new", 0600, 0) < 0 ||
        fchmodat(dir, ".host.key.new.pub", 0644, 0) < 0)
        return bg_fail(err, -EIO, "ssh-keygen did not make a key");
    if (renameat(dir, ".host.key.new.pub", dir, "host.key.pub") < 0 ||
        renameat(dir, ".host.key.new", dir, "host.key") < 0 || fsync(dir) < 0)
        return bg_fail(err, -errno, "cannot rename the key: %s", strerrordesc_np(errno));
    say(stdout, "made its key: /%s/host.key", BG_ETC);
    return 0;
}

static int write_example(int dir, const char *name, const char *text, struct bg_sentence *err)
{
    int r;

    if (exists(dir, name))
        return 0;
    r = bg_file_write_at(dir, name, text, strlen(text), 0644);
    if (r < 0)
        return bg_fail(err, r, "cannot write /%s/%s: %s", BG_ETC, name, strerrordesc_np(-r));
    say(stdout, "wrote an example to fill in: /%s/%s", BG_ETC, name);
    return 0;
}

static void what_next(const struct bg_root *root, const char *name)
{
    bg_free_ char *key = NULL;
    size_t len = 0;

    printf("\nNext:\n"
           "  1. put people's keys into /etc/breakglass/signers, one line a key\n"
           "  2. put roles into /etc/breakglass/policy.conf\n"
           "  3. run breakglass policy check\n"
           "  4. run breakglass gate on sshd --accounts root\n");
    if (bg_file_read(root, BG_ETC "/host.key.pub", 4096, &key, &len) < 0)
        return;
    key[strcspn(key, "\n")] = 0;
    printf("For other hosts to accept what %s signs, put this line into their signers:\n", name);
    say(stdout, "  host:%s namespaces=\"breakglass-host\" %s", name, key);
}

static int init(const char *wanted)
{
    bg_cleanup_(bg_root_close) struct bg_root root = {.fd = -1};
    struct bg_sentence err = {0};
    bg_close_ int dir = -1;
    char name[BG_HOST_SIZE] = "";
    int r = destination_open_root(&root, &err);

    if (r >= 0) {
        dir = bg_dir_make(&root, BG_ETC, 0755);
        if (dir < 0)
            r = bg_fail(&err, dir, "cannot make /%s: %s", BG_ETC, strerrordesc_np(-dir));
    }
    if (r >= 0)
        r = settle_name(&root, dir, wanted, name, &err);
    if (r >= 0)
        r = make_key(dir, name, &err);
    if (r >= 0)
        r = write_example(dir, "policy.conf", policy_example, &err);
    if (r >= 0)
        r = write_example(dir, "signers", signers_example, &err);
    if (r >= 0)
        what_next(&root, name);
    else
        complain("%s", err.text);
    if (r == -EINVAL)
        return EXIT_USAGE;
    return r >= 0 ? EXIT_DONE : r == -EEXIST ? EXIT_REFUSED : EXIT_BROKEN;
}

int verb_init(int argc, char **argv)
{
    bg_cleanup_(bg_list_free) struct bg_list words = {0};
    const char *name = NULL;
    const struct option_spec specs[] = {{.name = "name", .value = &name}, {0}};
    struct bg_sentence err = {0};

    if (options_parse(specs, argc, argv, &words, &err) < 0)
        return verb_usage(argv[0], "%s", err.text);
    if (words.n)
        return verb_usage(argv[0], "takes no words; give the name as --name HOST");
    if (name && !bg_is_host(name))
        return verb_usage(argv[0], NOT_A_HOST, name);
    if (geteuid() == 0 || strcmp(destination_root(), "/") != 0)
        return init(name);
    complain("only root can give this host its name and key");
    return EXIT_REFUSED;
}
