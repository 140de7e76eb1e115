/* Whether a log is whole: every event carries its number, the digest of the one before, and its own. */
#pragma once

#include "console/client/values.h"
#include "policy/base/error.h"
#include "policy/base/name.h"

/* An event's place in the chain. */
struct log_link {
    unsigned long long seq; /* 0: none */
    unsigned char prev[BG_DIGEST_BYTES], digest[BG_DIGEST_BYTES];
};

/* rows: events of a host, oldest first. older, newer (may be NULL, or of seq 0): what stands beside them.
 * 0 and how far it goes in *finding; -EBADMSG and the
 * first gap or change there; -ENOENT: there are none. */
int log_chain_check(const struct bg_event_row *const *rows, size_t n, const struct log_link *older,
                    const struct log_link *newer, struct bg_sentence *finding);
/* 0 or -EBADMSG. */
int log_chain_link(const struct bg_event_row *row, struct log_link *link);
