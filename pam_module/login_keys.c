/* SPDX-License-Identifier: ISC */
/* login-keys ACCOUNT: sshd's AuthorizedKeysCommand. Prints the enrolled login keys, for the front door and
 * for gated accounts, and only while the PAM file really refuses whoever has no grant: an admitting gate
 * behind these keys would let every enrolled person in. Runs as nobody; exits 0 whatever happens, because
 * sshd then goes on to authorized_keys. */
#include "pam_module/datagram.h"
#include "policy/pamfile/gateline.h"
#include "policy/base/name.h"
#include "policy/rules/signers.h"
#include "policy/pamfile/use_pam.h"
#include "policy/base/timestamp.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

static void complain(const char *account, const char *why)
{
    struct bg_sentence sentence;

    bg_say(&sentence, "no enrolled keys for %s: %s", account, why);
    datagram_send("/dev/log", LOG_NOTICE, "breakglass-login-keys", sentence.text);
}

static void print_key(const struct bg_signer *signer, bool door)
{
    char text[BG_KEY_BLOB_MAX * 2];

    sodium_bin2base64(text, sizeof text, signer->key.blob, signer->key.blob_len,
                      sodium_base64_VARIANT_ORIGINAL);
    printf("%s%s %s %s\n", door ? "restrict,pty " : "", bg_key_type_name(signer->key.type), text,
           signer->name);
}

static void print_keys(const struct bg_signers *signers, bool door, int64_t now)
{
    for (size_t i = 0; i < signers->n; i++) {
        const struct bg_signer *signer = &signers->v[i];
        /* The same question that the gate will ask about this key. */
        if (!signer->is_host && bg_signers_find(signers, &signer->key, BG_NS_LOGIN, now, NULL) == signer)
            print_key(signer, door);
    }
}

int main(int argc, char **argv)
{
    struct bg_signers signers = {.no_digest = true};
    struct bg_sentence err;
    struct bg_root root;
    int64_t now = bg_now();

    if (argc != 2 || !bg_is_account(argv[1])) {
        complain("this account", "it is not a name that a grant can open");
        return 0;
    }
    if (sodium_init() < 0 || bg_root_open(&root, "/") < 0) {
        complain(argv[1], "cannot start");
        return 0;
    }
    if (bg_gateline_offers(&root, "sshd", argv[1], now, &err) < 0)
        complain(argv[1], err.text);
    else if (bg_use_pam_check(&root, &err) < 0)
        complain(argv[1], err.text);
    else if (bg_signers_load(&signers, &root) < 0)
        complain(argv[1], "no memory");
    else
        print_keys(&signers, strcmp(argv[1], BG_DOOR_ACCOUNT) == 0, now);
    bg_signers_free(&signers);
    bg_root_close(&root);
    return 0;
}
