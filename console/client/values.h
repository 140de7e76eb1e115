/* What brokers answer and are asked, as the rows of the contract. */
#pragma once

#include "policy/contract/contract.h"

#include <systemd/sd-bus.h>

/* An answer: everything in it lives as long as it does. Strings are cleaned, as they come from a host that
 * may lie; only statements keep their bytes. Numbers are kept so small that sums of them do not overflow. */
struct reply {
    unsigned refs;
    const struct bg_method_type *method;
    size_t n;                  /* rows, or 1 */
    const void *rows;          /* of method->rows */
    const char *text;          /* of Draft; of pages the next one's cursor, "" at the end */
    struct bg_strings lines;   /* of Explain */
    uint32_t next;             /* of Explain */
    struct bg_pairs pairs;     /* of Get: texts with their armoured signatures */
    sd_bus_message *message;   /* strings that are clean as they came stay there */
    struct reply_chunk *chunk; /* and the rest here */
};

/* Reads the answer of a method. 0; -EBADMSG: it is not what the contract says (another signature, a field
 * that is missing or of another type); -ENOMEM. Fields that the contract does not know are passed over. */
int reply_read(struct reply **ret, sd_bus_message *m, enum bg_method method);
/* One without rows, for what is read elsewhere. NULL without memory. */
struct reply *reply_new(enum bg_method method);
/* Zeroed memory that lives as long as the reply. NULL without memory. */
void *reply_reserve(struct reply *reply, size_t size);
struct reply *reply_ref(struct reply *reply); /* NULL is NULL */
void reply_unref(struct reply *reply);
static inline void reply_unrefp(struct reply **reply)
{
    reply_unref(*reply);
}
#define reply_ __attribute__((cleanup(reply_unrefp)))
/* Keeps `what` (a reference of its own; NULL: nothing) in place of what was there. */
void reply_keep(struct reply **to, struct reply *what);

/* Several that are kept while their rows are looked at. */
struct replies {
    struct reply **v;
    size_t n;
};
int replies_add(struct replies *replies, struct reply *reply); /* a reference of its own. 0 or -ENOMEM */
void replies_free(struct replies *replies);

/* Row number i of the reply, NULL where there is none or where its rows are of another kind. */
const struct bg_grant_row *reply_grant(const struct reply *reply, size_t i);
const struct bg_who_row *reply_who(const struct reply *reply);
const struct bg_role_row *reply_role(const struct reply *reply, size_t i);
const struct bg_outcome_row *reply_outcome(const struct reply *reply, size_t i);
const struct bg_why_row *reply_why(const struct reply *reply);
const struct bg_event_row *reply_event(const struct reply *reply, size_t i);

/* Whom a host that has not said who it is takes us for: every string is "". */
extern const struct bg_who_row values_nobody;

/* Appends a row as a{sv}, without what is "", 0, false or empty. For parameters. */
int values_append_row(sd_bus_message *m, const struct bg_row_type *type, const void *row);
/* The strings joined by `glue`, cut at size; gives out. */
const char *strings_join(const struct bg_strings *strings, const char *glue, char *out, size_t size);
bool strings_has(const struct bg_strings *strings, const char *text);
/* The second of the last pair with that first, or "". */
const char *pairs_get(const struct bg_pairs *pairs, const char *first);
