/* SPDX-License-Identifier: ISC */
/* sd-journal with two matches that nobody can forge: uid 0 and our unit. */
#include "broker/journal/reader.h"
#include "policy/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    r = sd_journal_add_match(j, "_UID=0", 0);
    if (r >= 0)
        r = sd_journal_add_match(j, "_SYSTEMD_UNIT=" READER_UNIT, 0);
    if (r < 0) {
        sd_journal_close(j);
        return r;
    }
    *ret = j;
    return 0;
}

int reader_field(sd_journal *j, const char *name, char *out, size_t size)
{
    const void *data = NULL;
    size_t len = 0, skip = strlen(name) + 1;
    int r = sd_journal_get_data(j, name, &data, &len);

    out[0] = '\0';
    if (r < 0)
        return r;
    if (len < skip)
        return -ENOENT;
    len -= skip;
    if (len >= size)
        len = size - 1;
    memcpy(out, (const char *)data + skip, len);
    out[len] = '\0';
    return 0;
}

static void close_journal(sd_journal **j)
{
    sd_journal_close(*j);
}

int reader_last(const struct broker *b, struct bg_chain *chain)
{
    sd_journal *j bg_cleanup_(close_journal) = NULL;
    char seq[32], digest[BG_DIGEST_HEX + 1];
    int r = reader_open(b, &j);

    if (r < 0 || (r = sd_journal_seek_tail(j)) < 0)
        return r;
    /* The unit's own lines (what systemd says of it) have no number: look a little further back. */
    for (unsigned i = 0; i < 1000; i++) {
        r = sd_journal_previous(j);
        if (r <= 0)
            return r < 0 ? r : -ENOENT;
        if (reader_field(j, "BREAKGLASS_SEQ", seq, sizeof seq) < 0 ||
            reader_field(j, "BREAKGLASS_DIGEST", digest, sizeof digest) < 0)
            continue;
        chain->seq = strtoull(seq, NULL, 10);
        return bg_unhex(chain->digest, digest);
    }
    return -ENOENT;
}

bool reader_has(const struct broker *b, uint64_t seq, const unsigned char digest[BG_DIGEST_BYTES])
{
    sd_journal *j bg_cleanup_(close_journal) = NULL;
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
