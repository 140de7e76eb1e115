/* SSH public keys: the two types that breakglass knows, and fingerprints of any. */
#pragma once

#include "policy/base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum bg_key_type {
    BG_KEY_NONE = 0,
    BG_KEY_ED25519,    /* ssh-ed25519 */
    BG_KEY_SK_ED25519, /* sk-ssh-ed25519@openssh.com (FIDO) */
};

#define BG_KEY_BLOB_MAX 256 /* an ssh-ed25519 key takes 51; leaves 185 for a FIDO application */
#define BG_POINT_BYTES 32   /* an Ed25519 public key */
#define BG_SECRET_BYTES 64  /* an Ed25519 secret key as libsodium has it: seed and point */
#define BG_SIGNATURE_BYTES 64
#define BG_FINGERPRINT_SIZE 51 /* "SHA256:" and 43 characters, with NUL */

struct bg_key {
    enum bg_key_type type;
    unsigned char blob[BG_KEY_BLOB_MAX]; /* as on the wire; compared whole */
    size_t blob_len;
    unsigned char pk[BG_POINT_BYTES]; /* the Ed25519 point */
    size_t application;               /* FIDO: offset in blob of the application ("ssh:"); else 0 */
    size_t application_len;           /* may hold any bytes; else 0 */
};                                    /* no pointers: may be copied */

/* From a wire blob. On failure *key is empty (BG_KEY_NONE). -EINVAL with a sentence for malformed, trailing
 * bytes, over-long; -EOPNOTSUPP with one that names the two types that work for any other type (certificates,
 * RSA, ECDSA). */
int bg_key_parse(struct bg_key *key, const unsigned char *blob, size_t len, struct bg_sentence *err);
/* From "TYPE BASE64" (anything after the base64 word is ignored): authorized_keys, .pub files,
 * SSH_AUTH_INFO_0. */
int bg_key_parse_text(struct bg_key *key, const char *text, struct bg_sentence *err);
bool bg_key_equal(const struct bg_key *a, const struct bg_key *b);
/* The name on the wire, "ssh-ed25519" or "sk-ssh-ed25519@openssh.com". */
const char *bg_key_type_name(enum bg_key_type type);
/* As OpenSSH prints it: SHA256:base64 without padding, of the blob. */
void bg_key_fingerprint(char out[BG_FINGERPRINT_SIZE], const unsigned char *blob, size_t len);
