/* What the verbs and the front door have in common: each speaks to the links of a fan, prints, and gives an
 * exit status. */
#pragma once

#include "policy/statement/token.h"
#include "console/client/calls.h"
#include "policy/statement/statement.h"

#include <stdbool.h>
#include <stddef.h>

/* Prints the text to sign, exactly, as the first reachable host drafts it. params: of Draft. */
int transfer_text(struct calls *fan, enum bg_kind kind, const struct bg_draft_row *params);
/* Prints what a host has of a grant: texts with their signatures, or tokens. */
int transfer_get(struct calls *fan, const char *id, bool token);
/* Takes tokens and signed texts out of `input` and puts each to every host; one line for each and host. */
int transfer_put(struct calls *fan, const char *input, size_t len);
/* As transfer_put, without a broker: root takes the statements in directly. */
int put_offline(const char *input, size_t len);
/* Reads all of a file (NULL or "-": standard input), at most BG_BUNDLE_MAX bytes. To be freed. 0 or -errno
 * with a sentence; -ETIMEDOUT where it does not end in so many seconds (0: as long as it takes). */
int read_input(const char *path, int seconds, char **data, size_t *len, struct bg_sentence *err);
