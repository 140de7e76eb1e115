/* What is carried by people: tokens for chat, and texts followed by their armoured signature;
 * breakglass-token(5). */
#pragma once

#include "policy/base/error.h"
#include "policy/statement/sshsig.h"
#include "policy/statement/statement.h"

#include <stddef.h>

#define BG_BUNDLE_MAX (1024 * 1024) /* bytes of input in one go */
#define BG_BUNDLE_ITEMS 64

struct bg_bundle_item {
    char *text; /* a statement's text, not parsed yet */
    size_t len;
    unsigned char sig[BG_SSHSIG_BLOB_MAX];
    size_t sig_len;
};

struct bg_bundle {
    struct bg_bundle_item *v;
    size_t n;
    struct bg_sentence
        *damaged; /* n_damaged sentences: "the second token is damaged: … have it sent again" */
    size_t n_damaged;
};

/* Finds every token and every text with its signature in a pasted or piped input, in the order of the input:
 * wrapped, quoted ("> "), CR LF, any mix, with other words between. Nothing is verified or parsed further.
 * What is damaged is named in ->damaged and does not keep the rest from being found. Nothing found and
 * nothing damaged: -ENOENT. Over the limits: -E2BIG. -ENOMEM. On failure *items is empty. */
int bg_bundle_parse(struct bg_bundle *items, const char *input, size_t len, struct bg_sentence *err);
void bg_bundle_free(struct bg_bundle *items);

/* Makes a token of one or two statements (an approval's request comes first); lines of at most 64 characters,
 * LF. To be freed. 0, -EINVAL (none, too many or too long), -ENOMEM. */
int bg_token_make(char **token, const struct bg_bundle_item *items, size_t n);
