/* The state of the chain of events, kept over restarts: var/lib/breakglass/chain, or run/breakglass/chain
 * where /var takes no writes. */
#pragma once

#include "policy/record/event.h"
#include "policy/base/file.h"

#define CHAIN_NAME_MAX 256

struct chain_state {
    struct bg_chain last;                       /* of the last event that was surely written */
    char next[CHAIN_NAME_MAX];                  /* the spool record that was about to be written, or "" */
    unsigned char next_digest[BG_DIGEST_BYTES]; /* and the chain's digest after it */
};

/* The further state of the two places. -ENOENT where none can be read. */
int chain_load(const struct bg_root *root, struct chain_state *state);
/* 0 if at least one place has it. */
int chain_save(const struct bg_root *root, const struct chain_state *state);
/* The text form, for both and for tests. print: length written, or -ENOBUFS. */
int chain_print(char *out, size_t size, const struct chain_state *state);
int chain_parse(struct chain_state *state, char *text);
