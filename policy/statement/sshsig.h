/* SSHSIG, the signature format of `ssh-keygen -Y sign` (OpenSSH's PROTOCOL.sshsig and PROTOCOL.u2f): a parser
 * and a verifier that are stricter than OpenSSH, and a signer for the host's own key.
 *
 * Stricter: version 1 only; no trailing bytes at any level; `reserved` empty; hash sha512; key type equal in
 * the public key and the signature; FIDO flags must say "user present", must not say "attested data" or
 * "extensions", and "user verified" where asked. What OpenSSH's ssh-keygen makes passes. */
#pragma once

#include "policy/base/error.h"
#include "policy/statement/sshkey.h"

#include <stdbool.h>
#include <stddef.h>

#define BG_SSHSIG_ARMOUR_MAX 8192
#define BG_SSHSIG_BLOB_MAX 1024

/* A parsed signature; nothing is verified yet. */
struct bg_sshsig {
    struct bg_key key;   /* which claims to have made it */
    char name_space[64]; /* NUL-terminated, printable */
    unsigned char sig[BG_SIGNATURE_BYTES];
    unsigned char flags; /* FIDO, else 0 */
    unsigned char counter[4];
};

/* -EINVAL or -EOPNOTSUPP, with a sentence. */
int bg_sshsig_parse(struct bg_sshsig *sig, const unsigned char *blob, size_t len, struct bg_sentence *err);
/* Armoured text to the blob (room for BG_SSHSIG_BLOB_MAX): BEGIN line first, only white space after the END
 * line. Gives what stands between, not parsed. -EINVAL with a sentence. */
int bg_sshsig_dearmour(unsigned char *blob, size_t *blob_len, const char *text, size_t len,
                       struct bg_sentence *err);
/* The armour as OpenSSH writes it (70 columns, LF), to be freed. NULL without memory. */
char *bg_sshsig_armour(const unsigned char *blob, size_t len);

/* Whether `sig` is a signature of `message` by exactly `key` in namespace `name_space`, with FIDO user
 * verification if asked. 0 = yes; -EKEYREJECTED with the reason otherwise. sodium_init() is the caller's. */
int bg_sshsig_verify(const struct bg_sshsig *sig, const struct bg_key *key, const char *name_space,
                     bool need_user_verified, const void *message, size_t len, struct bg_sentence *err);

/* Signs `message` in namespace `name_space` with an ssh-ed25519 key and its libsodium secret (64 bytes, the
 * caller keeps it locked); the blob has room for BG_SSHSIG_BLOB_MAX. 0 or -EINVAL. */
int bg_sshsig_sign(unsigned char *blob, size_t *blob_len, const struct bg_key *key,
                   const unsigned char secret[BG_SECRET_BYTES], const char *name_space, const void *message,
                   size_t len);
