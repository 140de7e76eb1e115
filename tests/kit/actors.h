/* Symbolic keys for tests: a name is a key. "alice" is an ssh-ed25519 key, and "alice:sk" a FIDO key
 * (sk-ssh-ed25519@openssh.com) made in software; "alice/2" is another key of hers. The same name always gives
 * the same key. */
#pragma once

#include "policy/statement/sshkey.h"
#include "policy/statement/sshsig.h"
#include "policy/base/wire.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ACTOR_PRESENT 0x01
#define ACTOR_VERIFIED 0x04

struct actor {
    struct bg_key key;
    unsigned char secret[64];
};

static inline void actor_make(struct actor *a, const char *name)
{
    unsigned char seed[32], blob[BG_KEY_BLOB_MAX], pk[32];
    struct bg_wire_out w = {.p = blob, .size = sizeof blob};
    size_t len = strlen(name);
    bool sk = len > 3 && strcmp(name + len - 3, ":sk") == 0;
    const char *type = bg_key_type_name(sk ? BG_KEY_SK_ED25519 : BG_KEY_ED25519);

    (void)crypto_hash_sha256(seed, (const unsigned char *)name, len);
    (void)crypto_sign_seed_keypair(pk, a->secret, seed);
    (void)bg_wire_put_string(&w, type, strlen(type));
    (void)bg_wire_put_string(&w, pk, sizeof pk);
    if (sk)
        (void)bg_wire_put_string(&w, "ssh:", 4);
    if (bg_key_parse(&a->key, blob, w.len, NULL) < 0)
        abort();
}

/* "TYPE BASE64", as in signers and .pub files. */
static inline void actor_public(const struct actor *a, char *out, size_t size)
{
    char b64[2 * BG_KEY_BLOB_MAX];
    int n;

    sodium_bin2base64(b64, sizeof b64, a->key.blob, a->key.blob_len, sodium_base64_VARIANT_ORIGINAL);
    n = snprintf(out, size, "%s %s", bg_key_type_name(a->key.type), b64);
    if (n < 0 || (size_t)n >= size)
        abort();
}

/* An SSHSIG blob. `flags` are a FIDO key's. */
static inline void actor_sign(const struct actor *a, const char *name_space, unsigned char flags,
                              const void *text, size_t len, unsigned char blob[BG_SSHSIG_BLOB_MAX],
                              size_t *blob_len)
{
    unsigned char data[512], hash[64], fido[69], raw[64], inner[256];
    struct bg_wire_out d = {.p = data, .size = sizeof data}, i = {.p = inner, .size = sizeof inner};
    struct bg_wire_out w = {.p = blob, .size = BG_SSHSIG_BLOB_MAX};
    const char *type = bg_key_type_name(a->key.type);
    static const unsigned char counter[4] = {0, 0, 0, 7};

    (void)crypto_hash_sha512(hash, text, len);
    (void)bg_wire_put(&d, "SSHSIG", 6);
    (void)bg_wire_put_string(&d, name_space, strlen(name_space));
    (void)bg_wire_put_string(&d, "", 0);
    (void)bg_wire_put_string(&d, "sha512", 6);
    (void)bg_wire_put_string(&d, hash, sizeof hash);
    (void)bg_wire_put_string(&i, type, strlen(type));
    if (a->key.type == BG_KEY_SK_ED25519) {
        (void)crypto_hash_sha256(fido, (const unsigned char *)"ssh:", 4);
        fido[32] = flags;
        memcpy(fido + 33, counter, 4);
        (void)crypto_hash_sha256(fido + 37, data, d.len);
        (void)crypto_sign_detached(raw, NULL, fido, sizeof fido, a->secret);
        (void)bg_wire_put_string(&i, raw, sizeof raw);
        (void)bg_wire_put(&i, &flags, 1);
        (void)bg_wire_put(&i, counter, 4);
    } else {
        (void)crypto_sign_detached(raw, NULL, data, d.len, a->secret);
        (void)bg_wire_put_string(&i, raw, sizeof raw);
    }
    (void)bg_wire_put(&w, "SSHSIG", 6);
    (void)bg_wire_put_u32(&w, 1);
    (void)bg_wire_put_string(&w, a->key.blob, a->key.blob_len);
    (void)bg_wire_put_string(&w, name_space, strlen(name_space));
    (void)bg_wire_put_string(&w, "", 0);
    (void)bg_wire_put_string(&w, "sha512", 6);
    (void)bg_wire_put_string(&w, inner, i.len);
    *blob_len = w.len;
}
