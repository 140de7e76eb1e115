/* SPDX-License-Identifier: ISC */
/* The host's name and key, from files that hold only on the machine they were made for. */
#include "policy/decide/host.h"

#include "policy/base/cleanup.h"
#include "policy/base/name.h"
#include "policy/statement/sshsig.h"
#include "policy/base/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#define HOST_FILE "host"
#define KEY_FILE "host.key"
#define PUB_FILE "host.key.pub"
#define SMALL_MAX 4096
#define NAMESPACE "breakglass-host"

/* --- the name --- */

/* Takes "KEY: VALUE\n" off the text. */
static int take_line(const char **text, const char *key, char *value, size_t size)
{
    size_t key_len = strlen(key), len;
    const char *p = *text;

    if (strncmp(p, key, key_len) != 0 || strncmp(p + key_len, ": ", 2) != 0)
        return -EINVAL;
    p += key_len + 2;
    len = strcspn(p, "\n");
    if (len == 0 || len >= size || p[len] != '\n')
        return -EINVAL;
    memcpy(value, p, len);
    value[len] = '\0';
    *text = p + len + 1;
    return 0;
}

static int load_name(struct bg_host *host, const struct bg_root *root, struct bg_sentence *err)
{
    bg_free_ char *text = NULL;
    const char *p;
    size_t len;
    int r = bg_file_read(root, BG_ETC "/" HOST_FILE, SMALL_MAX, &text, &len);

    if (r == -ENOENT)
        return bg_fail(
            err, r, "this host has no name yet: run breakglass init (there is no /" BG_ETC "/" HOST_FILE ")");
    if (r < 0)
        return bg_fail(err, r,
                       "/" BG_ETC "/" HOST_FILE
                       " cannot be used: %s (it has to be root's, not writable by others)",
                       strerrordesc_np(-r));
    p = text;
    if (strlen(text) != len || take_line(&p, "name", host->name, sizeof host->name) < 0 ||
        take_line(&p, "machine-id", host->machine_id, sizeof host->machine_id) < 0 || *p != '\0')
        return bg_fail(err, -EINVAL,
                       "/" BG_ETC "/" HOST_FILE " is not two lines `name: …` and `machine-id: …`: run "
                       "breakglass init again");
    if (!bg_is_host(host->name))
        return bg_fail(err, -EINVAL,
                       "/" BG_ETC "/" HOST_FILE ":1: %.100s is not a host's name (a-z 0-9 . _ -)",
                       host->name);
    return 0;
}

static int check_machine(const struct bg_host *host, const struct bg_root *root, struct bg_sentence *err)
{
    bg_free_ char *text = NULL;
    size_t len;
    int r = bg_file_read(root, "etc/machine-id", SMALL_MAX, &text, &len);

    if (r < 0)
        return bg_fail(err, r == -ENOENT ? -EINVAL : r, "/etc/machine-id cannot be read: %s",
                       strerrordesc_np(-r));
    text[strcspn(text, "\r\n")] = '\0';
    if (strcmp(text, host->machine_id) != 0)
        return bg_fail(
            err, -ESTALE,
            "this machine is not the one that was named %s (its machine-id is another): was the disk cloned? "
            "Run breakglass init to name this one",
            host->name);
    return 0;
}

static int load_public(struct bg_host *host, const struct bg_root *root, struct bg_sentence *err)
{
    bg_free_ char *text = NULL;
    struct bg_sentence why;
    size_t len;
    int r = bg_file_read(root, BG_ETC "/" PUB_FILE, SMALL_MAX, &text, &len);

    if (r == -ENOENT)
        return 0;
    if (r < 0)
        return bg_fail(err, r, "/" BG_ETC "/" PUB_FILE " cannot be used: %s", strerrordesc_np(-r));
    r = bg_key_parse_text(&host->key, text, &why);
    if (r >= 0 && host->key.type != BG_KEY_ED25519)
        r = bg_fail(&why, -EINVAL, "a host's key is of type ssh-ed25519");
    if (r < 0)
        return bg_fail(err, -EINVAL, "/" BG_ETC "/" PUB_FILE ": %s", why.text);
    host->has_key = true;
    return 0;
}

int bg_host_load(struct bg_host *host, const struct bg_root *root, struct bg_sentence *err)
{
    int r;

    *host = (struct bg_host){0};
    r = load_name(host, root, err);
    if (r >= 0)
        r = check_machine(host, root, err);
    if (r >= 0)
        r = load_public(host, root, err);
    if (r < 0)
        *host = (struct bg_host){0};
    return r;
}

/* --- the secret --- */

/* All that is secret, in one place that is locked and wiped as a whole (sodium_malloc). */
struct secret {
    unsigned char blob[SMALL_MAX];
    unsigned char key[BG_SECRET_BYTES]; /* libsodium's form: seed and public key, as OpenSSH stores it */
};

static bool is_string(struct bg_wire *w, const void *want, size_t want_len)
{
    const unsigned char *p;
    size_t len;

    return bg_wire_string(w, &p, &len) >= 0 && len == want_len && (len == 0 || memcmp(p, want, len) == 0);
}

/* The inner part of OpenSSH's PROTOCOL.key, section 3: check words, key, comment, padding 1 2 3 … */
static int parse_private(struct bg_wire *w, const struct bg_key *pub, unsigned char key[BG_SECRET_BYTES])
{
    const char *type = bg_key_type_name(BG_KEY_ED25519);
    const unsigned char *secret, *comment;
    uint32_t check[2];
    size_t len;

    if (bg_wire_u32(w, &check[0]) < 0 || bg_wire_u32(w, &check[1]) < 0 || check[0] != check[1])
        return -EINVAL;
    if (!is_string(w, type, strlen(type)) || !is_string(w, pub->pk, sizeof pub->pk))
        return -EINVAL;
    if (bg_wire_string(w, &secret, &len) < 0 || len != 64 ||
        memcmp(secret + 32, pub->pk, sizeof pub->pk) != 0)
        return -EINVAL;
    if (bg_wire_string(w, &comment, &len) < 0 || w->left > 255)
        return -EINVAL;
    for (size_t i = 0; i < w->left; i++)
        if (w->p[i] != i + 1)
            return -EINVAL;
    memcpy(key, secret, 64);
    return 0;
}

static int parse_key_blob(const unsigned char *blob, size_t blob_len, struct bg_key *pub,
                          unsigned char key[BG_SECRET_BYTES], struct bg_sentence *err)
{
    static const char magic[] = "openssh-key-v1"; /* with its NUL */
    struct bg_wire w = {.p = blob, .left = blob_len}, inner;
    const unsigned char *p;
    size_t len;
    uint32_t n;

    if (bg_wire_bytes(&w, sizeof magic, &p) < 0 || memcmp(p, magic, sizeof magic) != 0)
        return bg_fail(err, -EINVAL, "/" BG_ETC "/" KEY_FILE " is not an OpenSSH private key");
    if (!is_string(&w, "none", 4) || !is_string(&w, "none", 4) || !is_string(&w, "", 0))
        return bg_fail(err, -EINVAL,
                       "/" BG_ETC "/" KEY_FILE " has a passphrase, which nobody can type for a host: make it "
                       "with ssh-keygen -t ed25519 -N ''");
    if (bg_wire_u32(&w, &n) < 0 || n != 1 || bg_wire_string(&w, &p, &len) < 0 ||
        bg_key_parse(pub, p, len, NULL) < 0 || pub->type != BG_KEY_ED25519)
        return bg_fail(err, -EINVAL, "/" BG_ETC "/" KEY_FILE " does not hold one ssh-ed25519 key");
    if (bg_wire_string(&w, &p, &len) < 0 || w.left != 0)
        return bg_fail(err, -EINVAL, "/" BG_ETC "/" KEY_FILE " is cut off, or something follows its end");
    inner = (struct bg_wire){.p = p, .left = len};
    if (parse_private(&inner, pub, key) < 0)
        return bg_fail(err, -EINVAL, "/" BG_ETC "/" KEY_FILE " is damaged: its two halves do not fit");
    return 0;
}

static int parse_pem(const char *text, size_t len, struct secret *secret, struct bg_key *pub,
                     struct bg_sentence *err)
{
    static const char begin[] = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
    static const char end[] = "-----END OPENSSH PRIVATE KEY-----";
    const char *body = text + sizeof begin - 1, *stop;
    size_t blob_len;

    if (len < sizeof begin || memcmp(text, begin, sizeof begin - 1) != 0)
        return bg_fail(err, -EINVAL,
                       "/" BG_ETC "/" KEY_FILE " does not begin as an OpenSSH private key does");
    stop = memmem(body, len - (sizeof begin - 1), end, sizeof end - 1);
    if (!stop || sodium_base642bin(secret->blob, sizeof secret->blob, body, (size_t)(stop - body), "\r\n",
                                   &blob_len, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
        return bg_fail(err, -EINVAL, "/" BG_ETC "/" KEY_FILE " is cut off or not base64");
    return parse_key_blob(secret->blob, blob_len, pub, secret->key, err);
}

/* Reads the file into memory that is locked from then on; *text is wiped and unlocked by the caller. */
static int read_secret(const struct bg_root *root, char **text, size_t *len, struct bg_sentence *err)
{
    bg_close_ int etc = bg_dir_open(root, BG_ETC);
    struct stat st;
    int r = etc < 0 ? etc : 0;

    if (r >= 0 && fstatat(etc, KEY_FILE, &st, AT_SYMLINK_NOFOLLOW) < 0)
        r = -errno;
    if (r >= 0 && (st.st_mode & 077) != 0)
        return bg_fail(err, -EPERM,
                       "/" BG_ETC "/" KEY_FILE
                       " can be read by others: chmod 600, and think about a new key");
    if (r >= 0)
        r = bg_file_read_at(root, etc, KEY_FILE, SMALL_MAX, text, len);
    if (r == -ENOENT)
        return bg_fail(err, r,
                       "this host has no key of its own: run breakglass init (there is no /" BG_ETC
                       "/" KEY_FILE ")");
    if (r < 0)
        return bg_fail(err, r, "/" BG_ETC "/" KEY_FILE " cannot be used: %s", strerrordesc_np(-r));
    /* Where locking is not allowed (RLIMIT_MEMLOCK) signing goes on: a lockout would be worse than swap. */
    (void)sodium_mlock(*text, *len + 1);
    return 0;
}

int bg_host_sign(const struct bg_root *root, const void *message, size_t len, unsigned char *blob,
                 size_t *blob_len, struct bg_sentence *err)
{
    bg_free_ char *text = NULL;
    struct secret *secret = NULL;
    struct bg_key pub;
    size_t text_len = 0;
    int r;

    *blob_len = 0;
    r = read_secret(root, &text, &text_len, err);
    if (r < 0)
        return r;
    secret = sodium_malloc(sizeof *secret); /* locked, between guard pages */
    r = secret ? parse_pem(text, text_len, secret, &pub, err)
               : bg_fail(err, -ENOMEM, "there is no locked memory for the host's key");
    if (r >= 0 && bg_sshsig_sign(blob, blob_len, &pub, secret->key, NAMESPACE, message, len) < 0)
        r = bg_fail(err, -EINVAL, "the host's key could not sign");
    sodium_free(secret);                      /* wipes */
    (void)sodium_munlock(text, text_len + 1); /* wipes */
    return r;
}
