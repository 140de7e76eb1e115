/* SPDX-License-Identifier: ISC */
/* Public keys as OpenSSH writes them, of the two types that count here. */
#include "policy/statement/sshkey.h"

#include "policy/base/base64.h"
#include "policy/base/wire.h"

#include <errno.h>
#include <sodium.h>
#include <stdint.h>
#include <string.h>

#define TYPE_MAX 64 /* longest key type name that a sentence repeats */

static const char *const type_names[] = {
    [BG_KEY_ED25519] = "ssh-ed25519",
    [BG_KEY_SK_ED25519] = "sk-ssh-ed25519@openssh.com",
};

const char *bg_key_type_name(enum bg_key_type type)
{
    return type == BG_KEY_ED25519 || type == BG_KEY_SK_ED25519 ? type_names[type] : "none";
}

static enum bg_key_type type_of(const void *name, size_t len)
{
    for (enum bg_key_type type = BG_KEY_ED25519; type <= BG_KEY_SK_ED25519; type++)
        if (len == strlen(type_names[type]) && memcmp(name, type_names[type], len) == 0)
            return type;
    return BG_KEY_NONE;
}

static int fail_type(struct bg_sentence *err, const void *name, size_t len)
{
    int shown = len > TYPE_MAX ? TYPE_MAX : (int)len;

    return bg_fail(err, -EOPNOTSUPP,
                   "a key of type %.*s cannot be used here: use ssh-ed25519 or sk-ssh-ed25519@openssh.com "
                   "(ssh-keygen -t ed25519, or -t ed25519-sk for a security key)",
                   shown, (const char *)name);
}

int bg_key_parse(struct bg_key *key, const unsigned char *blob, size_t len, struct bg_sentence *err)
{
    struct bg_wire w = {.p = blob, .left = len};
    const unsigned char *name, *pk, *application = NULL;
    size_t name_len, pk_len, application_len = 0;
    enum bg_key_type type;

    *key = (struct bg_key){0};
    if (bg_wire_string(&w, &name, &name_len) < 0 || name_len == 0)
        return bg_fail(err, -EINVAL, "the public key is malformed: it names no key type");
    type = type_of(name, name_len);
    if (type == BG_KEY_NONE)
        return fail_type(err, name, name_len);
    if (len > BG_KEY_BLOB_MAX)
        return bg_fail(err, -EINVAL, "the public key is longer than %d bytes", BG_KEY_BLOB_MAX);
    if (bg_wire_string(&w, &pk, &pk_len) < 0 || pk_len != sizeof key->pk)
        return bg_fail(err, -EINVAL, "the public key is malformed: an Ed25519 key has 32 bytes");
    if (type == BG_KEY_SK_ED25519 && bg_wire_string(&w, &application, &application_len) < 0)
        return bg_fail(err, -EINVAL, "the public key is malformed: it names no FIDO application");
    if (w.left != 0)
        return bg_fail(err, -EINVAL, "the public key is malformed: bytes follow its end");

    key->type = type;
    memcpy(key->blob, blob, len);
    key->blob_len = len;
    memcpy(key->pk, pk, pk_len);
    key->application = application ? (size_t)(application - blob) : 0;
    key->application_len = application_len;
    return 0;
}

static const char *skip_blanks(const char *p)
{
    return p + strspn(p, " \t");
}

int bg_key_parse_text(struct bg_key *key, const char *text, struct bg_sentence *err)
{
    const char *type = skip_blanks(text);
    size_t type_len = strcspn(type, " \t\r\n");
    const char *base64 = skip_blanks(type + type_len);
    size_t base64_len = strcspn(base64, " \t\r\n"), len = 0;
    unsigned char blob[BG_KEY_BLOB_MAX];
    int r;

    *key = (struct bg_key){0};
    if (type_len == 0)
        return bg_fail(err, -EINVAL, "there is no public key: the text is empty");
    if (type_of(type, type_len) == BG_KEY_NONE)
        return fail_type(err, type, type_len);
    if (base64_len == 0)
        return bg_fail(err, -EINVAL, "the public key is cut off after its type");
    if (bg_base64_decode(blob, sizeof blob, &len, base64, base64_len) < 0)
        return bg_fail(err, -EINVAL, "the public key is not base64, or longer than %d bytes",
                       BG_KEY_BLOB_MAX);
    r = bg_key_parse(key, blob, len, err);
    if (r < 0)
        return r;
    if (key->type != type_of(type, type_len)) {
        *key = (struct bg_key){0};
        return bg_fail(err, -EINVAL, "the public key is of another type than the word before it says");
    }
    return 0;
}

bool bg_key_equal(const struct bg_key *a, const struct bg_key *b)
{
    return a->type != BG_KEY_NONE && a->type == b->type && a->blob_len == b->blob_len &&
           memcmp(a->blob, b->blob, a->blob_len) == 0;
}

void bg_key_fingerprint(char out[BG_FINGERPRINT_SIZE], const unsigned char *blob, size_t len)
{
    unsigned char hash[crypto_hash_sha256_BYTES];

    (void)crypto_hash_sha256(hash, blob, len);
    memcpy(out, "SHA256:", 7);
    (void)sodium_bin2base64(out + 7, BG_FINGERPRINT_SIZE - 7, hash, sizeof hash,
                            sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
}
