/* The events of a host, as rows of the contract. */
#pragma once

#include "policy/base/error.h"
#include "console/client/calls.h"

#include <stdint.h>

struct log_filter {
    const char *grant, *person, *role, *event; /* NULL: any */
    int64_t since, until;                      /* 0: open */
    unsigned limit;                            /* the last so many; 0: all */
};

struct log_rows {
    const struct bg_event_row **v; /* oldest first */
    size_t n, room;
    struct replies replies; /* the rows are in them */
};
void log_rows_free(struct log_rows *rows);

/* From this machine's journal; believes only entries that journald itself says root's breakglassd wrote. 0 or
 * -errno with a sentence; in any case to be freed. */
int log_rows_local(const struct log_filter *filter, struct log_rows *rows, struct bg_sentence *err);
/* From the host behind the link, by its broker. 0; -EHOSTUNREACH: the link says what failed; -ENOMEM. */
int log_rows_remote(struct calls *fan, struct calls_link *link, const struct log_filter *filter,
                    struct log_rows *rows);
