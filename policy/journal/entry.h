/* Our events, read back from the journal. A library of its own, as it needs libsystemd and the gate does not.
 */
#pragma once

#include "policy/contract/contract.h"
#include "policy/record/event.h"

#include <systemd/sd-journal.h>

#define BG_JOURNAL_PREFIX "BREAKGLASS_"

/* Only fields that journald itself vouches for decide what is ours, uid 0 and our unit: anybody may log a
 * MESSAGE_ID or a BREAKGLASS_ field. 0 or -errno. */
int bg_journal_trust(sd_journal *j);
static inline void bg_journal_closep(sd_journal **j)
{
    sd_journal_close(*j);
}

struct bg_entry {
    struct bg_event_row row; /* cleaned; its time is the event's own, which the chain's digest covers */
    int64_t written;         /* when the journal took it: what is sought by */
    char value[sizeof(struct bg_event_row) / sizeof(char *)]
              [BG_FIELD_MAX + 1]; /* where the row's strings are */
};

/* The current entry. One without ->event or ->seq is systemd's own word about the unit. */
void bg_entry_read(sd_journal *j, struct bg_entry *e);
