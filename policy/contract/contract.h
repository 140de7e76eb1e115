/* org.breakglass.Broker1(5) as one table: methods, signals, the fields of each kind of row, errors, limits.
 * The broker, the console, the brokers that tests play and the manual page's test read it; nobody else spells
 * a field's name. No libsystemd here. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BG_BUS_PATH "/org/breakglass/Broker1"
#define BG_BUS_INTERFACE "org.breakglass.Broker1"
#define BG_BUS_ERROR "org.breakglass.Error." /* and a name of BG_BUS_ERRORS */

#define BG_PUT_MAX (48 * 1024)  /* bytes that Put takes */
#define BG_PAGE_MAX (44 * 1024) /* bytes of a reply's rows, so that the whole stays under 48 KiB */
#define BG_LOG_LIMIT 100        /* entries of a page of Log that names no limit */
#define BG_LOG_LIMIT_MAX 500
#define BG_SESSIONS_SHOWN 16 /* in a reply of Show */

/* --- the values of fields --- */

struct bg_strings {
    const char *const *v; /* in what was read: NULL where it was not told */
    size_t n;
};
struct bg_pairs {
    const struct bg_pair {
        const char *first, *second;
    } * v;
    size_t n;
};

/* All lists of the contract have this form, whatever they point to; so tables can walk them. */
struct bg_any_list {
    const void *v;
    size_t n;
};

/* T(type, D-Bus type). TEXT is a statement, whose bytes are kept; a STRING is cleaned by who reads it. TIME
 * is in seconds since 1970 UTC, 0 for none; durations are seconds, too. Its C type is BG_C_type. */
#define BG_FIELD_TYPES(T)                                                                                    \
    T(STRING, "s")                                                                                           \
    T(TEXT, "s")                                                                                             \
    T(TIME, "x")                                                                                             \
    T(COUNT, "u")                                                                                            \
    T(FLAG, "b")                                                                                             \
    T(STRINGS, "as")                                                                                         \
    T(PAIRS, "a{ss}")                                                                                        \
    T(LINES, "aa{sv}")                                                                                       \
    T(STATEMENTS, "aa{sv}")                                                                                  \
    T(SESSIONS, "aa{sv}")

#define BG_C_STRING const char *
#define BG_C_TEXT const char *
#define BG_C_TIME int64_t
#define BG_C_COUNT uint32_t
#define BG_C_FLAG bool
#define BG_C_STRINGS struct bg_strings
#define BG_C_PAIRS struct bg_pairs
#define BG_C_LINES struct bg_lines
#define BG_C_STATEMENTS struct bg_statements
#define BG_C_SESSIONS struct bg_sessions

enum bg_field_type {
#define T(type, signature) BG_TYPE_##type,
    BG_FIELD_TYPES(T)
#undef T
};

/* What it means that a field is not there. */
enum bg_field_need {
    BG_MUST, /* the row is malformed */
    BG_MAY,  /* nothing: "", 0, false, or an empty list */
    BG_TRUE, /* a flag that is true unless the other side says otherwise */
};

/* --- the fields of rows: F(type, name, need) --- */

/* A line Approve= of a role, and how far it is met. */
#define BG_ROW_LINE(F)                                                                                       \
    F(STRING, text, MUST)                                                                                    \
    F(COUNT, need, MUST)                                                                                     \
    F(COUNT, filled, MUST)                                                                                   \
    F(STRINGS, who, MUST) /* who can still give what is missing */

#define BG_ROW_STATEMENT(F)                                                                                  \
    F(STRING, kind, MUST)                                                                                    \
    F(STRING, by, MUST)                                                                                      \
    F(STRING, via, MUST)                                                                                     \
    F(TIME, time, MUST)                                                                                      \
    F(STRING, digest, MUST)                                                                                  \
    F(STRING, key, MUST)                                                                                     \
    F(FLAG, valid, MUST)                                                                                     \
    F(STRING, why, MUST)                                                                                     \
    F(TEXT, text, MUST) /* empty where the reply would grow too large */

#define BG_ROW_SESSION(F)                                                                                    \
    F(STRING, account, MUST)                                                                                 \
    F(STRING, rhost, MUST)                                                                                   \
    F(TIME, opened, MUST)                                                                                    \
    F(TIME, ends, MUST)

/* A grant, as List, Ask and Close give it. */
#define BG_ROW_GRANT(F)                                                                                      \
    F(STRING, id, MUST)                                                                                      \
    F(STRING, person, MUST)                                                                                  \
    F(STRING, role, MUST)                                                                                    \
    F(STRINGS, hosts, MUST)                                                                                  \
    F(STRINGS, accounts, MUST)                                                                               \
    F(STRINGS, credentials, MUST)                                                                            \
    F(TIME, duration, MUST)                                                                                  \
    F(STRING, reason, MUST)                                                                                  \
    F(STRING, ticket, MUST)                                                                                  \
    F(TIME, requested, MUST)                                                                                 \
    F(FLAG, drill, MUST)                                                                                     \
    F(STRING, state, MUST)     /* bg_state_name */                                                           \
    F(STRING, closed_as, MUST) /* bg_closed_as_name */                                                       \
    F(STRING, why, MUST)       /* bg_why_name */                                                             \
    F(STRING, sentence, MUST)                                                                                \
    F(TIME, opens, MUST)                                                                                     \
    F(TIME, ends, MUST)                                                                                      \
    F(FLAG, solo, MUST)                                                                                      \
    F(STRINGS, got, MUST) /* whose approvals count */                                                        \
    F(LINES, lines, MUST)                                                                                    \
    F(COUNT, sessions, MUST) /* how many are in now */                                                       \
    F(TIME, review_due, MUST)                                                                                \
    F(STRING, reviewed, MUST) /* "", "ok" or "flag" */                                                       \
    F(FLAG, may_review, TRUE) /* the caller, once it has ended */                                            \
    F(FLAG, critical, MUST)                                                                                  \
    F(FLAG, archived, MUST)

/* What Show adds. */
#define BG_ROW_GRANT_DETAIL(F)                                                                               \
    F(FLAG, first, MUST) /* the person has no other request for this role here */                            \
    F(STATEMENTS, statements, MUST)                                                                          \
    F(PAIRS, contacts, MUST) /* person to Contact= */                                                        \
    F(SESSIONS, sessions_in, MUST)

#define BG_ROW_WHO(F)                                                                                        \
    F(STRING, host, MUST)                                                                                    \
    F(STRING, person, MUST) /* empty for nobody */                                                           \
    F(STRING, how, MUST)    /* peer_how_name */                                                              \
    F(STRING, key, MUST)                                                                                     \
    F(STRING, version, MUST)                                                                                 \
    F(STRING, policy, MUST) /* SHA-256, hex; so is signers */                                                \
    F(TIME, policy_time, MUST)                                                                               \
    F(STRING, signers, MUST)                                                                                 \
    F(TIME, signers_time, MUST)                                                                              \
    F(TIME, now, MUST)                                                                                       \
    F(FLAG, locked, MUST)                                                                                    \
    F(FLAG, signing, MUST)  /* SigningHost= */                                                               \
    F(FLAG, sees_all, MUST) /* Log shows the caller everybody's entries */                                   \
    F(FLAG, approver, MAY)                                                                                   \
    F(STRINGS, keys, MAY) /* fingerprints of the caller's keys that sign today */

#define BG_ROW_ROLE(F)                                                                                       \
    F(STRING, name, MUST)                                                                                    \
    F(STRING, description, MUST)                                                                             \
    F(STRINGS, hosts, MUST) /* globs */                                                                      \
    F(STRINGS, accounts, MUST)                                                                               \
    F(STRINGS, credentials, MUST)                                                                            \
    F(TIME, max_duration, MUST)                                                                              \
    F(STRINGS, approve, MUST) /* the texts of the Approve= lines */                                          \
    F(STRINGS, who, MUST)     /* for each, who can approve */                                                \
    F(FLAG, solo, MUST)                                                                                      \
    F(FLAG, critical, MUST)

/* What Put made of one statement; of a damaged one only two of these are there. */
#define BG_ROW_OUTCOME(F)                                                                                    \
    F(STRING, taken, MUST) /* bg_taken_name, or "damaged" */                                                 \
    F(STRING, kind, MAY)                                                                                     \
    F(STRING, id, MAY)                                                                                       \
    F(STRING, person, MAY)                                                                                   \
    F(STRING, state, MAY)                                                                                    \
    F(STRING, sentence, MUST)

#define BG_ROW_WHY(F)                                                                                        \
    F(FLAG, open, MUST)                                                                                      \
    F(STRING, state, MUST)                                                                                   \
    F(STRING, why, MUST)                                                                                     \
    F(STRING, sentence, MUST)                                                                                \
    F(STRING, id, MUST)                                                                                      \
    F(TIME, ends, MUST) /* 0: no grant, or no end yet */

/* An entry of the journal: BG_FIELD_TABLE and the links of the chain, each as it stands there. */
#define BG_ROW_EVENT(F)                                                                                      \
    F(STRING, event, MUST)                                                                                   \
    F(STRING, grant, MAY)                                                                                    \
    F(STRING, role, MAY)                                                                                     \
    F(STRING, person, MAY)                                                                                   \
    F(STRING, actor, MAY)                                                                                    \
    F(STRING, account, MAY)                                                                                  \
    F(STRING, host, MAY)                                                                                     \
    F(STRING, key, MAY)                                                                                      \
    F(STRING, reason, MAY)                                                                                   \
    F(STRING, ticket, MAY)                                                                                   \
    F(STRING, expires, MAY)                                                                                  \
    F(STRING, credential, MAY)                                                                               \
    F(STRING, rhost, MAY)                                                                                    \
    F(STRING, service, MAY)                                                                                  \
    F(STRING, policy, MAY)                                                                                   \
    F(STRING, session, MAY)                                                                                  \
    F(STRING, why, MAY)                                                                                      \
    F(STRING, alert, MAY)                                                                                    \
    F(STRING, seq, MUST)                                                                                     \
    F(STRING, prev, MAY)                                                                                     \
    F(STRING, digest, MAY)                                                                                   \
    F(STRING, message, MUST)                                                                                 \
    F(TIME, time, MUST)

/* The parameters of Draft and Ask; which of them a kind of statement takes stands in the manual page. */
#define BG_ROW_DRAFT(F)                                                                                      \
    F(STRING, by, MAY)                                                                                       \
    F(STRING, role, MAY)                                                                                     \
    F(STRINGS, hosts, MAY)                                                                                   \
    F(STRINGS, accounts, MAY)                                                                                \
    F(TIME, duration, MAY)                                                                                   \
    F(STRING, reason, MAY)                                                                                   \
    F(STRING, ticket, MAY)                                                                                   \
    F(FLAG, drill, MAY)                                                                                      \
    F(STRING, id, MAY)                                                                                       \
    F(STRING, verdict, MAY)                                                                                  \
    F(STRING, note, MAY)

/* The parameters of Log. */
#define BG_ROW_FILTER(F)                                                                                     \
    F(STRING, grant, MAY)                                                                                    \
    F(STRING, person, MAY)                                                                                   \
    F(STRING, role, MAY)                                                                                     \
    F(STRING, event, MAY)                                                                                    \
    F(TIME, since, MAY)                                                                                      \
    F(TIME, until, MAY)                                                                                      \
    F(COUNT, limit, MAY)                                                                                     \
    F(FLAG, oldest, MAY) /* oldest first */                                                                  \
    F(STRING, cursor, MAY)

/* --- the rows as structs --- */

#define F(type, name, need) BG_C_##type name;
struct bg_line_row {
    BG_ROW_LINE(F)
};
struct bg_statement_row {
    BG_ROW_STATEMENT(F)
};
struct bg_session_row {
    BG_ROW_SESSION(F)
};
struct bg_lines {
    const struct bg_line_row *v;
    size_t n;
};
struct bg_statements {
    const struct bg_statement_row *v;
    size_t n;
};
struct bg_sessions {
    const struct bg_session_row *v;
    size_t n;
};
/* Of Show; elsewhere the members of BG_ROW_GRANT_DETAIL are zero. */
struct bg_grant_row {
    BG_ROW_GRANT(F)
    BG_ROW_GRANT_DETAIL(F)
};
struct bg_who_row {
    BG_ROW_WHO(F)
};
struct bg_role_row {
    BG_ROW_ROLE(F)
};
struct bg_outcome_row {
    BG_ROW_OUTCOME(F)
};
struct bg_why_row {
    BG_ROW_WHY(F)
};
struct bg_event_row {
    BG_ROW_EVENT(F)
};
struct bg_draft_row {
    BG_ROW_DRAFT(F)
};
struct bg_filter_row {
    BG_ROW_FILTER(F)
};
#undef F

/* The name of a field for who writes rows by hand; one that the row does not have does not compile. */
#define BG_NAME(row, field) (&#field[0 * sizeof(((struct bg_##row##_row *)NULL)->field)])

/* --- the rows as tables --- */

struct bg_row_type {
    const char *name; /* for the errors of programmers and tests */
    size_t size;      /* of the struct */
    const struct bg_row_field {
        const char *name;
        enum bg_field_type type;
        enum bg_field_need need;
        size_t offset;
        const struct bg_row_type *of; /* of LINES, STATEMENTS and SESSIONS; else NULL */
    } * field;
    size_t n;
};

extern const struct bg_row_type bg_line_type, bg_statement_type, bg_session_type, bg_who_type, bg_role_type,
    bg_outcome_type, bg_why_type, bg_event_type, bg_draft_type, bg_filter_type;
extern const struct bg_row_type bg_grant_type; /* without what Show adds */
extern const struct bg_row_type bg_shown_type; /* with it */

/* "s", "aa{sv}", …: the D-Bus signature of a type. */
const char *bg_field_signature(enum bg_field_type type);
/* The field of that name, or NULL. `hint` (may be NULL) is where the last one was found: fields come in the
 * order of the table, mostly. */
const struct bg_row_field *bg_row_find(const struct bg_row_type *type, const char *name, size_t *hint);

/* The list that stands at `at`. */
struct bg_any_list bg_row_list(const void *at);
/* Whether what stands at `at` is "", 0, false or no rows. */
bool bg_row_is_empty(const struct bg_row_field *field, const void *at);
/* Makes it a row of which nothing is told: strings are "". */
void bg_row_clear(const struct bg_row_type *type, void *row);
/* The string of an event by its name, whatever the case; NULL: an event has none of that name. */
const char **bg_event_string(struct bg_event_row *row, const char *name, size_t len);

/* --- methods and signals --- */

/* M(id, "Name", arguments, their names, result, its names, type of the rows in the result or NULL). Names are
 * as SD_BUS_METHOD_WITH_NAMES wants them. */
#define BG_METHODS(M)                                                                                        \
    M(WHO, "Who", "", "", "a{sv}", "who\0", &bg_who_type)                                                    \
    M(ROLES, "Roles", "", "", "aa{sv}", "roles\0", &bg_role_type)                                            \
    M(EXPLAIN, "Explain", "u", "from\0", "asu", "lines\0next\0", NULL)                                       \
    M(LIST, "List", "ss", "which\0after\0", "aa{sv}s", "rows\0next\0", &bg_grant_type)                       \
    M(SHOW, "Show", "s", "id\0", "a{sv}", "grant\0", &bg_shown_type)                                         \
    M(GET, "Get", "s", "id\0", "a(ss)", "statements\0", NULL)                                                \
    M(DRAFT, "Draft", "sa{sv}", "kind\0parameters\0", "s", "text\0", NULL)                                   \
    M(PUT, "Put", "s", "input\0", "aa{sv}", "outcomes\0", &bg_outcome_type)                                  \
    M(ASK, "Ask", "a{sv}", "parameters\0", "a{sv}", "grant\0", &bg_grant_type)                               \
    M(CLOSE, "Close", "ss", "id\0reason\0", "a{sv}", "grant\0", &bg_grant_type)                              \
    M(WATCH, "Watch", "b", "on\0", "", "", NULL)                                                             \
    M(LOG, "Log", "a{sv}", "filter\0", "aa{sv}s", "rows\0next\0", &bg_event_type)                            \
    M(WHY, "Why", "ss", "person\0account\0", "a{sv}", "answer\0", &bg_why_type)

enum bg_method {
#define M(id, name, in, in_names, out, out_names, rows) BG_METHOD_##id,
    BG_METHODS(M)
#undef M
        BG_METHOD_COUNT
};

struct bg_method_type {
    const char *name, *in, *out;
    const struct bg_row_type *rows;
};
extern const struct bg_method_type bg_methods[BG_METHOD_COUNT];

/* S(id, "Name", arguments, their names) */
#define BG_SIGNALS(S)                                                                                        \
    S(CHANGED, "Changed", "sss", "person\0id\0state\0")                                                      \
    S(LOGGED, "Logged", "s", "grant\0")

enum bg_signal {
#define S(id, name, in, in_names) BG_SIGNAL_##id,
    BG_SIGNALS(S)
#undef S
        BG_SIGNAL_COUNT
};
extern const char *const bg_signal_names[BG_SIGNAL_COUNT];

/* --- errors --- */

/* E(id, "Name", what it means). The message of an error is a sentence for people. */
#define BG_BUS_ERRORS(E)                                                                                     \
    E(REFUSED, "Refused", "not allowed, or not possible on this host now")                                   \
    E(INVALID, "Invalid", "malformed")                                                                       \
    E(NOT_FOUND, "NotFound", "no such grant here")                                                           \
    E(AMBIGUOUS, "Ambiguous", "several grants begin like that")                                              \
    E(BUSY, "Busy", "too many in too short a time")                                                          \
    E(NOBODY_KNOWN, "NobodyKnown", "only for people, and the caller is none that the host knows")

/* The full name of the error for a negative errno: -EINVAL and its kin Invalid, -ENOENT NotFound, -ENOTUNIQ
 * Ambiguous, -EBUSY Busy, -ENXIO NobodyKnown, the rest Refused. */
const char *bg_bus_error(int r);
