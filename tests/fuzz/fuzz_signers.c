/* SPDX-License-Identifier: ISC */
/* signers: each line counts or is a problem, and every key that counts is found again. */
#include "policy/base/cleanup.h"
#include "policy/rules/signers.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bg_cleanup_(bg_signers_free) struct bg_signers signers = {0};

    if (bg_signers_parse(&signers, "signers", (const char *)data, size / 2) < 0 ||
        bg_signers_parse(&signers, "signers.d/a.conf", (const char *)data + size / 2, size - size / 2) < 0)
        abort();
    bg_signers_settle(&signers);
    for (size_t i = 0; i < signers.n; i++) {
        const struct bg_signer *s = &signers.v[i], *found;
        struct bg_sentence err = {""};

        if (!s->name || !s->namespaces || s->key.type == BG_KEY_NONE ||
            s->is_host != (s->namespaces == BG_NS_HOST))
            abort();
        found = bg_signers_find(&signers, &s->key, BG_NS_SIGN, s->valid_before, &err);
        if (!found && err.text[0] == '\0')
            abort();
        if (found &&
            (found->conflicted || !bg_key_equal(&found->key, &s->key) || strcmp(found->name, s->name) != 0))
            abort();
    }
    return 0;
}
