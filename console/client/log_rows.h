/* The events of a host as rows: each BREAKGLASS_ field in lower case without the prefix, "message", and
 * "time" (seconds). */
#pragma once

#include "policy/base/error.h"
#include "console/client/values.h"
#include "console/client/calls.h"

#include <stdint.h>

struct log_filter {
    const char *grant, *person, *role, *event; /* NULL: any */
    int64_t since, until;                      /* 0: open */
    unsigned limit;                            /* the last so many; 0: all */
};

/* From this machine's journal; believes only entries that journald itself says root's breakglassd wrote.
 * Oldest first. To be put. 0 or -errno with a sentence. */
int log_rows_local(const struct log_filter *filter, json_object **rows, struct bg_sentence *err);
/* From the host behind the link, by its broker. The link says what failed. */
int log_rows_remote(struct calls *fan, struct calls_link *link, const struct log_filter *filter,
                    json_object **rows);
