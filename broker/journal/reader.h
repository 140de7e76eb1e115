/* Our events read back from the journal. Only fields that journald itself vouches for decide what is ours:
 * anybody may log a MESSAGE_ID or a BREAKGLASS_ field. */
#pragma once

#include "broker/base/broker.h"

#include <systemd/sd-journal.h>

#define READER_UNIT "breakglassd.service"

/* Opens the journal of the broker's root with the two trusted matches. -errno where there is none. */
int reader_open(const struct broker *b, sd_journal **ret);
/* One field of the current entry, without its name; cut to size and NUL-terminated. -ENOENT where it is not
 * there. */
int reader_field(sd_journal *j, const char *name, char *out, size_t size);
/* The last entry of the chain in the journal. -ENOENT where there is none. */
int reader_last(const struct broker *b, struct bg_chain *chain);
/* Whether the journal holds the entry with that number and digest. */
bool reader_has(const struct broker *b, uint64_t seq, const unsigned char digest[BG_DIGEST_BYTES]);
