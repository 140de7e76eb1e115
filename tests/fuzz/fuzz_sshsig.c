/* SPDX-License-Identifier: ISC */
/* SSH signatures and keys: armoured or not; a signature that parses goes through the verifier too. */
#include "policy/base/cleanup.h"
#include "policy/statement/sshsig.h"

#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_blob(const unsigned char *blob, size_t len)
{
    struct bg_sshsig sig;
    struct bg_sentence err = {""};

    if (bg_sshsig_parse(&sig, blob, len, &err) < 0) {
        if (err.text[0] == '\0' || sig.key.type != BG_KEY_NONE)
            abort();
        return;
    }
    (void)bg_sshsig_verify(&sig, &sig.key, sig.name_space, sig.key.type == BG_KEY_SK_ED25519, "message", 7,
                           &err);
    if (bg_sshsig_verify(&sig, &sig.key, "another", false, "message", 7, &err) == 0)
        abort();
}

static void try_armour(const char *text, size_t size)
{
    unsigned char blob[BG_SSHSIG_BLOB_MAX], again[BG_SSHSIG_BLOB_MAX];
    size_t len, again_len;
    bg_free_ char *armour = NULL;

    if (bg_sshsig_dearmour(blob, &len, text, size, NULL) < 0)
        return;
    armour = bg_sshsig_armour(blob, len);
    if (!armour || bg_sshsig_dearmour(again, &again_len, armour, strlen(armour), NULL) < 0 ||
        again_len != len || memcmp(blob, again, len) != 0)
        abort();
    try_blob(blob, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bg_free_ char *text = strndup((const char *)data, size);
    struct bg_key key;

    try_blob(data, size);
    try_armour((const char *)data, size);
    (void)bg_key_parse(&key, data, size, NULL);
    if (text)
        (void)bg_key_parse_text(&key, text, NULL);
    return 0;
}
