/* What the journal has of the broker's events. */
#pragma once

#include "broker/base/broker.h"

#include <systemd/sd-journal.h>

/* Opens the journal of the broker's root with the two trusted matches. -errno where there is none. */
int reader_open(const struct broker *b, sd_journal **ret);
/* The last entry of the chain in the journal. -ENOENT where there is none. */
int reader_last(const struct broker *b, struct bg_chain *chain);
/* Whether the journal holds the entry with that number and digest. */
bool reader_has(const struct broker *b, uint64_t seq, const unsigned char digest[BG_DIGEST_BYTES]);
