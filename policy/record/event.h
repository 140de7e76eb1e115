/* Events: names, message IDs, fields, and the journal's native encoding. No libsystemd: the gate uses this
 * too. */
#pragma once

#include "policy/base/name.h"
#include "policy/base/timestamp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(identifier, "name", "MESSAGE_ID", syslog priority, "sentence"). The one table; the catalog and its man
 * page are held against it by tests. An ID never changes its meaning. The sentence is MESSAGE=; @field@ is
 * replaced (event.c). */
#include "policy/record/event_table.h"

enum bg_event_id {
#define X(id, name, message_id, priority, sentence) BG_EVENT_##id,
    BG_EVENT_TABLE(X)
#undef X
        BG_EVENT_COUNT
};

/* X(identifier): the field BREAKGLASS_<identifier>. */
/* clang-format off */
#define BG_FIELD_TABLE(X)                                                                                    \
    X(GRANT)                                                                                                 \
    X(ROLE) X(PERSON) X(ACTOR) X(ACCOUNT) X(HOST) X(KEY) X(REASON) X(TICKET) X(EXPIRES) X(CREDENTIAL)        \
        X(RHOST) X(SERVICE) X(POLICY) X(SESSION) X(WHY)
/* clang-format on */

enum bg_field {
#define X(id) BG_FIELD_##id,
    BG_FIELD_TABLE(X)
#undef X
        BG_FIELD_COUNT
};

#define BG_FIELD_MAX 2048 /* bytes of a value; longer is cut */

struct bg_event {
    enum bg_event_id id;
    int64_t time;                      /* BREAKGLASS_TIME, when it happened, seconds */
    bool alert;                        /* priority alert instead of the table's: a solo role opened */
    const char *field[BG_FIELD_COUNT]; /* NULL: not there. Not owned; cleaned when encoded */
};

/* Fills in what an event says of a grant: GRANT, PERSON, ROLE, REASON, TICKET, and EXPIRES where `ends` is
 * not 0
 * (`expires` may be NULL where it is). Strings stay the caller's. */
struct bg_statement;
void bg_event_of_grant(struct bg_event *e, const char *id, const struct bg_statement *request, int64_t ends,
                       char expires[BG_TIME_SIZE]);

const char *bg_event_name(enum bg_event_id id);       /* "grant.used" */
const char *bg_event_message_id(enum bg_event_id id); /* 32 lower-case hex digits */
int bg_event_priority(const struct bg_event *event);
/* -1 for none. */
int bg_event_by_name(const char *name);
const char *bg_field_name(enum bg_field field); /* "GRANT" */

/* The human sentence (MESSAGE=), cleaned: @FIELD@ in the table's sentence is replaced by the field, or by
 * words for one that is not there. Times and IDs stand as people see them. Gives its length. */
size_t bg_event_sentence(const struct bg_event *event, char *out, size_t size);

/* --- the spool: events as text, in files of run/breakglass/spool (or var/lib/breakglass/spool where /run is
 * full) --- */

/* Text: one "KEY=value" a line, in a fixed order: EVENT=, TIME= (RFC 3339), ALERT=yes where it is set, then
 * the fields in the table's order. Values are cleaned and cut; a field without value is left out. To be
 * freed; NULL without memory. */
char *bg_event_print(const struct bg_event *event);
/* The texts of two events, one after the other. */
char *bg_event_print_two(const struct bg_event *first, const struct bg_event *second);
/* Parses such a text; strings point into `text`, which is changed. 0 or -EINVAL (*event then is all zero). */
int bg_event_parse(struct bg_event *event, char *text);

/* --- the chain --- */

struct bg_chain {
    uint64_t seq;                          /* of the last event; 0 before the first */
    unsigned char digest[BG_DIGEST_BYTES]; /* of the last event */
};
/* Advances the chain by one event. Its digest there: SHA-256 over "SEQ=…\n" (decimal), "PREV=…\n" (64 hex
 * digits, the digest before; zeros before the first) and bg_event_print's text. 0, or -ENOMEM and the chain
 * is as before. */
int bg_chain_next(struct bg_chain *chain, const struct bg_event *event);

/* The datagram for journald's native socket with every field, also MESSAGE, MESSAGE_ID, PRIORITY,
 * SYSLOG_IDENTIFIER, SYSLOG_FACILITY and, from a chain that bg_chain_next has just advanced, SEQ, PREV (the
 * digest before) and DIGEST (chain NULL: none of the three). Values are length-prefixed, so no text can make
 * a field. To be freed. 0 or -ENOMEM. */
int bg_event_encode(const struct bg_event *event, const struct bg_chain *chain,
                    const unsigned char prev[BG_DIGEST_BYTES], void **data, size_t *len);
