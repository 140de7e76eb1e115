/* SPDX-License-Identifier: ISC */
/* ssh-keygen signs, with a file or the agent's first key that counts; what came back is checked. */
#include "console/action/sign.h"

#include "policy/base/cleanup.h"
#include "console/base/destination.h"
#include "policy/rules/load.h"
#include "console/base/run_program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMESPACE "breakglass"
#define AGENT_MAX 65536

/* Whether the host is one of ours: it has a key of its own. The folder may be looked at by everybody. */
static bool is_gated_host(const struct bg_root *root)
{
    struct stat st;

    return fstatat(root->fd, BG_ETC "/host.key", &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool policy_allows(const struct bg_root *root)
{
    struct bg_policy policy = {0};
    bool allows = bg_policy_load(&policy, root) >= 0 && !policy.broken && policy.signing_host;

    bg_policy_free(&policy);
    return allows;
}

int sign_allowed(struct bg_sentence *err)
{
    struct bg_root root = {.fd = -1};
    bool refuse;

    if (!getenv("SSH_CONNECTION") && !getenv("SSH_CLIENT") && !getenv("SSH_TTY"))
        return 0;
    if (destination_open_root(&root, err) < 0)
        return 0; /* without files there is no gate to protect */
    refuse = is_gated_host(&root) && !policy_allows(&root);
    bg_root_close(&root);
    if (!refuse)
        return 0;
    return bg_fail(
        err, -EPERM,
        "people sign where they sit: root on this host could use a key that is forwarded to it. "
        "Sign on your own machine, with -H; requests this host can sign for you, with --host-signed");
}

bool sign_key_fits(const char *line, const struct bg_strings *known)
{
    char fingerprint[BG_FINGERPRINT_SIZE];
    struct bg_key key;

    if (bg_key_parse_text(&key, line, NULL) < 0)
        return false;
    bg_key_fingerprint(fingerprint, key.blob, key.blob_len);
    return !known || !known->v || strings_has(known, fingerprint);
}

/* An unnamed file that holds one public key, for ssh-keygen -f. */
static int key_file(const char *line)
{
    bg_close_ int fd = memfd_create("key", MFD_CLOEXEC);
    size_t len = strlen(line);

    if (fd < 0)
        return -errno;
    if (write(fd, line, len) != (ssize_t)len || write(fd, "\n", 1) != 1)
        return -EIO;
    return BG_TAKE_FD(fd);
}

static int no_key(struct bg_sentence *err, bool some)
{
    if (some)
        return bg_fail(err, -ENOKEY,
                       "none of the agent's keys is enrolled to sign for you; name one with --identity FILE");
    return bg_fail(err, -ENOKEY,
                   "there is no key to sign with: start ssh-agent and ssh-add one, or say --identity FILE");
}

/* The agent's first key that fits, as an fd. */
static int agent_key(const struct bg_strings *known, struct bg_sentence *err)
{
    const struct program ssh_add = {.argv = (const char *const[]){"ssh-add", "-L", NULL}, .quiet = true};
    bg_free_ char *keys = NULL;
    size_t len = 0;
    int r = run_program(&ssh_add, AGENT_MAX, &keys, &len, err);

    if (r < 0)
        return r;
    if (r != 0)
        return no_key(err, false);
    for (char *p = keys, *line; (line = strsep(&p, "\n"));)
        if (sign_key_fits(line, known)) {
            r = key_file(line);
            return r < 0 ? bg_fail(err, r, "cannot keep the public key: %s", strerrordesc_np(-r)) : r;
        }
    return no_key(err, true);
}

/* What came back is a signature of exactly this text, in our namespace, by a key that counts. */
static int check(const struct bg_statement *st, const struct bg_bundle_item *item,
                 const struct bg_strings *known, struct bg_sentence *err)
{
    char fingerprint[BG_FINGERPRINT_SIZE];
    struct bg_sshsig sig;
    int r = bg_sshsig_parse(&sig, item->sig, item->sig_len, err);

    if (r >= 0)
        r = bg_sshsig_verify(&sig, &sig.key, NAMESPACE, false, st->text, st->text_len, err);
    bg_key_fingerprint(fingerprint, sig.key.blob, sig.key.blob_len);
    if (r < 0 || !known || !known->v || strings_has(known, fingerprint))
        return r;
    return bg_fail(err, -EKEYREJECTED, "the key %s is not one that signers lists for you", fingerprint);
}

static int sign_with(const char *key, int key_fd, const struct bg_statement *st, struct bg_bundle_item *item,
                     struct bg_sentence *err)
{
    const char *const argv[] = {"ssh-keygen", "-q", "-Y", "sign", "-n", NAMESPACE, "-f", key, NULL};
    const struct program keygen = {.argv = argv, .input = st->text, .input_len = st->text_len, .fd3 = key_fd};
    bg_free_ char *armour = NULL;
    size_t len = 0;
    int r = run_program(&keygen, BG_SSHSIG_ARMOUR_MAX, &armour, &len, err);

    if (r < 0)
        return r;
    if (r != 0)
        return bg_fail(err, -ECANCELED, "ssh-keygen did not sign (its words are above); nothing was sent");
    item->sig_len = sizeof item->sig;
    r = bg_sshsig_dearmour(item->sig, &item->sig_len, armour, len, err);
    if (r < 0)
        return r;
    item->text = strdup(st->text);
    item->len = st->text_len;
    return item->text ? 0 : bg_fail(err, -ENOMEM, "no memory left");
}

int sign_statement(const struct bg_statement *st, const char *identity, const struct bg_strings *known,
                   struct bg_bundle_item *item, struct bg_sentence *err)
{
    bg_close_ int fd = -1;
    int r = sign_allowed(err);

    *item = (struct bg_bundle_item){0};
    if (r < 0)
        return r;
    if (!identity || !*identity)
        identity = getenv("BREAKGLASS_IDENTITY");
    if (!identity || !*identity) {
        fd = agent_key(known, err);
        if (fd < 0)
            return fd;
        identity = "/dev/fd/3";
    }
    (void)fflush(stdout);
    r = sign_with(identity, fd, st, item, err);
    if (r >= 0)
        r = check(st, item, known, err);
    if (r < 0) {
        free(item->text);
        item->text = NULL;
    }
    return r;
}
