/* SPDX-License-Identifier: ISC */
/* What was pasted: nothing breaks it, and what is found in it can be carried again. */
#include "policy/statement/token.h"
#include "policy/base/cleanup.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void carry_again(const struct bg_bundle_item *item)
{
    bg_cleanup_(bg_bundle_free) struct bg_bundle again = {0};
    bg_free_ char *token = NULL;

    if (bg_token_make(&token, item, 1) < 0 || bg_bundle_parse(&again, token, strlen(token), NULL) < 0)
        abort();
    if (again.n != 1 || again.n_damaged != 0 || again.v[0].len != item->len ||
        again.v[0].sig_len != item->sig_len || memcmp(again.v[0].text, item->text, item->len) != 0 ||
        memcmp(again.v[0].sig, item->sig, item->sig_len) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bg_cleanup_(bg_bundle_free) struct bg_bundle items;
    struct bg_sentence err = {""};

    if (bg_bundle_parse(&items, (const char *)data, size, &err) < 0) {
        if (err.text[0] == '\0' || items.n != 0 || items.n_damaged != 0)
            abort();
        return 0;
    }
    for (size_t i = 0; i < items.n; i++)
        carry_again(&items.v[i]);
    for (size_t i = 0; i < items.n_damaged; i++)
        if (items.damaged[i].text[0] == '\0')
            abort();
    return 0;
}
