/* SPDX-License-Identifier: ISC */
/* SSH signatures: parsed without tolerance, verified by libsodium, made by a host's own key. */
#include "policy/statement/sshsig.h"

#include "policy/base/base64.h"
#include "policy/base/cleanup.h"
#include "policy/base/wire.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "SSHSIG"
#define MAGIC_LEN 6
#define BEGIN "-----BEGIN SSH SIGNATURE-----"
#define END "-----END SSH SIGNATURE-----"
#define COLUMNS 70
#define HASH_NAME "sha512"

enum { /* FIDO flags, PROTOCOL.u2f and WebAuthn */
       FLAG_USER_PRESENT = 0x01,
       FLAG_USER_VERIFIED = 0x04,
       FLAG_ATTESTED = 0x40,
       FLAG_EXTENSIONS = 0x80,
};

static bool is_word(const unsigned char *p, size_t len, const char *word)
{
    return len == strlen(word) && memcmp(p, word, len) == 0;
}

static int parse_namespace(struct bg_sshsig *sig, const unsigned char *p, size_t len, struct bg_sentence *err)
{
    if (len == 0 || len >= sizeof sig->name_space)
        return bg_fail(err, -EINVAL, "the signature's namespace is empty or too long");
    for (size_t i = 0; i < len; i++)
        if (p[i] < 0x21 || p[i] > 0x7e)
            return bg_fail(err, -EINVAL, "the signature's namespace holds characters that are not printable");
    memcpy(sig->name_space, p, len);
    sig->name_space[len] = '\0';
    return 0;
}

/* The innermost string: type, 64 bytes, and for FIDO flags and counter. */
static int parse_inner(struct bg_sshsig *sig, const unsigned char *p, size_t len, struct bg_sentence *err)
{
    struct bg_wire w = {.p = p, .left = len};
    const unsigned char *type, *raw, *counter;
    size_t type_len, raw_len;

    if (bg_wire_string(&w, &type, &type_len) < 0)
        return bg_fail(err, -EINVAL, "the signature is malformed: it names no signature type");
    if (!is_word(type, type_len, bg_key_type_name(sig->key.type)))
        return bg_fail(err, -EINVAL, "the signature is of another type than its key");
    if (bg_wire_string(&w, &raw, &raw_len) < 0 || raw_len != sizeof sig->sig)
        return bg_fail(err, -EINVAL, "the signature is malformed: an Ed25519 signature has 64 bytes");
    memcpy(sig->sig, raw, raw_len);
    if (sig->key.type == BG_KEY_SK_ED25519) {
        if (bg_wire_u8(&w, &sig->flags) < 0 || bg_wire_bytes(&w, sizeof sig->counter, &counter) < 0)
            return bg_fail(err, -EINVAL, "the signature is malformed: it has no FIDO flags and counter");
        memcpy(sig->counter, counter, sizeof sig->counter);
    }
    if (w.left != 0)
        return bg_fail(err, -EINVAL, "the signature is malformed: bytes follow the signature value");
    return 0;
}

static int parse_outer(struct bg_sshsig *sig, struct bg_wire *w, struct bg_sentence *err)
{
    const unsigned char *magic, *key, *ns, *reserved, *hash, *inner;
    size_t key_len, ns_len, reserved_len, hash_len, inner_len;
    uint32_t version;
    int r;

    if (bg_wire_bytes(w, MAGIC_LEN, &magic) < 0 || memcmp(magic, MAGIC, MAGIC_LEN) != 0)
        return bg_fail(err, -EINVAL, "this is not an SSH signature: it does not begin with SSHSIG");
    if (bg_wire_u32(w, &version) < 0 || version != 1)
        return bg_fail(err, -EINVAL, "the signature is not of version 1");
    if (bg_wire_string(w, &key, &key_len) < 0 || bg_wire_string(w, &ns, &ns_len) < 0 ||
        bg_wire_string(w, &reserved, &reserved_len) < 0 || bg_wire_string(w, &hash, &hash_len) < 0 ||
        bg_wire_string(w, &inner, &inner_len) < 0)
        return bg_fail(err, -EINVAL, "the signature is cut off");
    if (w->left != 0)
        return bg_fail(err, -EINVAL, "the signature is malformed: bytes follow its end");
    r = bg_key_parse(&sig->key, key, key_len, err);
    if (r < 0)
        return r;
    r = parse_namespace(sig, ns, ns_len, err);
    if (r < 0)
        return r;
    if (reserved_len != 0)
        return bg_fail(err, -EINVAL, "the signature's reserved field is not empty");
    if (!is_word(hash, hash_len, HASH_NAME))
        return bg_fail(err, -EOPNOTSUPP,
                       "the signature's hash is not sha512, which ssh-keygen -Y sign uses by itself");
    return parse_inner(sig, inner, inner_len, err);
}

int bg_sshsig_parse(struct bg_sshsig *sig, const unsigned char *blob, size_t len, struct bg_sentence *err)
{
    struct bg_wire w = {.p = blob, .left = len};
    int r;

    *sig = (struct bg_sshsig){0};
    if (len > BG_SSHSIG_BLOB_MAX)
        return bg_fail(err, -EINVAL,
                       "the signature is longer than %d bytes: is its key ssh-ed25519 or "
                       "sk-ssh-ed25519@openssh.com?",
                       BG_SSHSIG_BLOB_MAX);
    r = parse_outer(sig, &w, err);
    if (r < 0)
        *sig = (struct bg_sshsig){0};
    return r;
}

int bg_sshsig_dearmour(unsigned char *blob, size_t *blob_len, const char *text, size_t len,
                       struct bg_sentence *err)
{
    const size_t begin_len = strlen(BEGIN), end_len = strlen(END);
    const char *body, *end, *stop = text + len, *rest;

    *blob_len = 0;
    if (len > BG_SSHSIG_ARMOUR_MAX)
        return bg_fail(err, -EINVAL, "the armoured signature is longer than %d bytes", BG_SSHSIG_ARMOUR_MAX);
    if (len <= begin_len || memcmp(text, BEGIN, begin_len) != 0)
        return bg_fail(err, -EINVAL, "the armoured signature does not begin with " BEGIN);
    body = text + begin_len;
    if (*body == '\r' && body + 1 < stop)
        body++;
    if (*body != '\n')
        return bg_fail(err, -EINVAL, "the armoured signature's first line goes on after " BEGIN);
    end = memmem(body, (size_t)(stop - body), "\n" END, end_len + 1);
    if (!end)
        return bg_fail(err, -EINVAL, "the armoured signature has no line " END);
    for (rest = end + 1 + end_len; rest < stop; rest++)
        if (!memchr(" \t\r\n", *rest, 4))
            return bg_fail(err, -EINVAL, "something follows the armoured signature's last line");
    if (bg_base64_decode(blob, BG_SSHSIG_BLOB_MAX, blob_len, body, (size_t)(end - body)) < 0)
        return bg_fail(err, -EINVAL,
                       "the armoured signature is not base64, or longer than %d bytes: is its key "
                       "ssh-ed25519 or sk-ssh-ed25519@openssh.com?",
                       BG_SSHSIG_BLOB_MAX);
    return 0;
}

char *bg_sshsig_armour(const unsigned char *blob, size_t len)
{
    size_t base64_size = sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);
    size_t base64_len = base64_size - 1, at = 0;
    bg_free_ char *base64 = malloc(base64_size);
    char *out = malloc(strlen(BEGIN) + 1 + base64_len + base64_len / COLUMNS + 1 + strlen(END) + 2);

    if (!base64 || !out) {
        free(out);
        return NULL;
    }
    (void)sodium_bin2base64(base64, base64_size, blob, len, sodium_base64_VARIANT_ORIGINAL);
    at = (size_t)(stpcpy(out, BEGIN "\n") - out);
    for (size_t i = 0; i < base64_len; i += COLUMNS) {
        size_t n = base64_len - i < COLUMNS ? base64_len - i : COLUMNS;

        memcpy(out + at, base64 + i, n);
        at += n;
        out[at++] = '\n';
    }
    (void)stpcpy(out + at, END "\n");
    return out;
}

/* What an SSH key signs: PROTOCOL.sshsig, section 3. The namespace is the caller's, reserved is empty. */
static int signed_data(struct bg_wire_out *w, const char *name_space, const void *message, size_t len)
{
    unsigned char hash[crypto_hash_sha512_BYTES];
    int r;

    (void)crypto_hash_sha512(hash, message, len);
    r = bg_wire_put(w, MAGIC, MAGIC_LEN);
    if (r >= 0)
        r = bg_wire_put_string(w, name_space, strlen(name_space));
    if (r >= 0)
        r = bg_wire_put_string(w, "", 0);
    if (r >= 0)
        r = bg_wire_put_string(w, HASH_NAME, strlen(HASH_NAME));
    if (r >= 0)
        r = bg_wire_put_string(w, hash, sizeof hash);
    return r;
}

/* What a FIDO key signs in its place: PROTOCOL.u2f. */
static void fido_data(unsigned char out[69], const struct bg_sshsig *sig, const unsigned char *data,
                      size_t len)
{
    const struct bg_key *key = &sig->key;

    (void)crypto_hash_sha256(out, key->blob + key->application, key->application_len);
    out[32] = sig->flags;
    memcpy(out + 33, sig->counter, sizeof sig->counter);
    (void)crypto_hash_sha256(out + 37, data, len);
}

static int check_flags(unsigned char flags, bool need_user_verified, struct bg_sentence *err)
{
    if (flags & (FLAG_ATTESTED | FLAG_EXTENSIONS))
        return bg_fail(err, -EKEYREJECTED,
                       "the security key's signature carries extensions, which are not taken");
    if (!(flags & FLAG_USER_PRESENT))
        return bg_fail(err, -EKEYREJECTED,
                       "the security key was not touched for this signature (no user presence)");
    if (need_user_verified && !(flags & FLAG_USER_VERIFIED))
        return bg_fail(err, -EKEYREJECTED,
                       "the security key did not ask for its PIN or fingerprint, which is needed "
                       "here (make the key with ssh-keygen -O verify-required)");
    return 0;
}

int bg_sshsig_verify(const struct bg_sshsig *sig, const struct bg_key *key, const char *name_space,
                     bool need_user_verified, const void *message, size_t len, struct bg_sentence *err)
{
    unsigned char data[256], fido[69];
    struct bg_wire_out w = {.p = data, .size = sizeof data};
    const unsigned char *what = data;
    size_t what_len;
    int r;

    if (!bg_key_equal(&sig->key, key))
        return bg_fail(err, -EKEYREJECTED, "the signature is by another key");
    if (strcmp(sig->name_space, name_space) != 0)
        return bg_fail(err, -EKEYREJECTED,
                       "the signature is for the namespace %s, and %s is needed "
                       "(ssh-keygen -Y sign -n %s)",
                       sig->name_space, name_space, name_space);
    if (signed_data(&w, name_space, message, len) < 0)
        return bg_fail(err, -EKEYREJECTED, "the namespace is too long");
    what_len = w.len;
    if (key->type == BG_KEY_SK_ED25519) {
        r = check_flags(sig->flags, need_user_verified, err);
        if (r < 0)
            return r;
        fido_data(fido, sig, data, w.len);
        what = fido;
        what_len = sizeof fido;
    } else if (need_user_verified) {
        return bg_fail(err, -EKEYREJECTED,
                       "the signature is by a key in a file, and a security key with PIN or "
                       "fingerprint is needed here");
    }
    if (crypto_sign_verify_detached(sig->sig, what, what_len, key->pk) != 0)
        return bg_fail(err, -EKEYREJECTED, "the signature does not fit the text: one of them was changed");
    return 0;
}

int bg_sshsig_sign(unsigned char *blob, size_t *blob_len, const struct bg_key *key,
                   const unsigned char secret[BG_SECRET_BYTES], const char *name_space, const void *message,
                   size_t len)
{
    unsigned char data[256], raw[BG_SIGNATURE_BYTES], inner[128];
    struct bg_wire_out d = {.p = data, .size = sizeof data};
    struct bg_wire_out i = {.p = inner, .size = sizeof inner};
    struct bg_wire_out w = {.p = blob, .size = BG_SSHSIG_BLOB_MAX};
    const char *type = bg_key_type_name(BG_KEY_ED25519);

    *blob_len = 0;
    if (key->type != BG_KEY_ED25519 || signed_data(&d, name_space, message, len) < 0 ||
        crypto_sign_detached(raw, NULL, data, d.len, secret) != 0)
        return -EINVAL;
    if (bg_wire_put_string(&i, type, strlen(type)) < 0 || bg_wire_put_string(&i, raw, sizeof raw) < 0 ||
        bg_wire_put(&w, MAGIC, MAGIC_LEN) < 0 || bg_wire_put_u32(&w, 1) < 0 ||
        bg_wire_put_string(&w, key->blob, key->blob_len) < 0 ||
        bg_wire_put_string(&w, name_space, strlen(name_space)) < 0 || bg_wire_put_string(&w, "", 0) < 0 ||
        bg_wire_put_string(&w, HASH_NAME, strlen(HASH_NAME)) < 0 || bg_wire_put_string(&w, inner, i.len) < 0)
        return -EINVAL;
    *blob_len = w.len;
    return 0;
}
