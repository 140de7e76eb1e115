/* SPDX-License-Identifier: ISC */
/* The end of the chain in the journal, and whether an event is in it. */
#include "broker/journal/reader.h"
#include "policy/base/cleanup.h"
#include "policy/journal/entry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_MAX 1000 /* entries that are looked at for one of ours */

static int open_at(const struct broker *b, sd_journal **ret)
{
    char path[64];

    if (b->real)
        return sd_journal_open(ret, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d/var/log/journal", b->site.root.fd);
    return sd_journal_open_directory(ret, path, 0);
}

int reader_open(const struct broker *b, sd_journal **ret)
{
    sd_journal *j = NULL;
    int r = open_at(b, &j);

    if (r < 0)
        return r;
    r = bg_journal_trust(j);
    if (r < 0) {
        sd_journal_close(j);
        return r;
    }
    *ret = j;
    return 0;
}

int reader_last(const struct broker *b, struct bg_chain *chain)
{
    bg_cleanup_(bg_journal_closep) sd_journal *j = NULL;
    bg_free_ struct bg_entry *e = calloc(1, sizeof *e);
    int r = e ? reader_open(b, &j) : -ENOMEM;

    if (r < 0 || (r = sd_journal_seek_tail(j)) < 0)
        return r;
    /* The unit's own lines (what systemd says of it) have no number: look a little further back. */
    for (unsigned i = 0; i < LOOK_MAX; i++) {
        r = sd_journal_previous(j);
        if (r <= 0)
            return r < 0 ? r : -ENOENT;
        bg_entry_read(j, e);
        if (!*e->row.seq || !*e->row.digest)
            continue;
        chain->seq = strtoull(e->row.seq, NULL, 10);
        return bg_unhex(chain->digest, e->row.digest);
    }
    return -ENOENT;
}

bool reader_has(const struct broker *b, uint64_t seq, const unsigned char digest[BG_DIGEST_BYTES])
{
    bg_cleanup_(bg_journal_closep) sd_journal *j = NULL;
    char hex[BG_DIGEST_HEX], match[128];

    if (reader_open(b, &j) < 0)
        return false;
    bg_hex(hex, digest);
    (void)snprintf(match, sizeof match, "BREAKGLASS_DIGEST=%s", hex);
    if (sd_journal_add_match(j, match, 0) < 0)
        return false;
    (void)snprintf(match, sizeof match, "BREAKGLASS_SEQ=%llu", (unsigned long long)seq);
    return sd_journal_add_match(j, match, 0) >= 0 && sd_journal_seek_tail(j) >= 0 &&
           sd_journal_previous(j) > 0;
}
