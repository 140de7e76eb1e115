/* Statements: the signed facts. The format is breakglass-statement(5): one text, one encoding. */
#pragma once

#include "policy/base/error.h"
#include "policy/base/list.h"
#include "policy/base/name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BG_STATEMENT_MAX 16384 /* bytes, whole text */
#define BG_STATEMENT_LINE_MAX 4096
#define BG_LIST_MAX 64     /* hosts, accounts or credentials in one statement */
#define BG_REASON_MAX 1024 /* bytes of a reason or note */

enum bg_kind { BG_REQUEST, BG_APPROVE, BG_CLOSE, BG_REVIEW };

/* What a request names; an approval restates it. */
struct bg_terms {
    char *role;
    struct bg_list hosts;    /* exact names, sorted, no repeats */
    struct bg_list accounts; /* likewise; at least one of accounts and credentials is not empty */
    struct bg_list credentials;
    int64_t duration; /* seconds, > 0 */
    char *reason;
};

struct bg_statement {
    enum bg_kind kind;
    int64_t time;          /* when the signer says it was made */
    char *by;              /* the person who says it */
    char *via;             /* request and close, host-signed only: how the host knew the person; else NULL */
    char *nonce;           /* request: 32 lower-case hex digits */
    struct bg_terms terms; /* request and approve */
    char *ticket;          /* request; may be NULL */
    bool drill;            /* request */
    unsigned char request[BG_DIGEST_BYTES]; /* all but request: the digest of the request meant */
    char *for_person;                       /* approve: the request's `by` */
    char *shares; /* approve; may be NULL; opaque base64 until credentials are sealed */
    char *reason; /* close; never NULL there (makers put bg_close_reason when nobody gave one) */
    bool flagged; /* review: verdict "flag", else "ok" */
    char *note;   /* review; may be NULL */

    char *text; /* the exact bytes that are signed */
    size_t text_len;
    unsigned char digest[BG_DIGEST_BYTES]; /* SHA-256 of text */
};

/* Parses and owns a copy of the text. Everything is checked: first line, order, no unknown, missing or
 * repeated key, names, bounds, UTF-8 without controls, and that printing gives the same bytes. -EINVAL or
 * -E2BIG with a sentence that names the line; -ENOMEM. On failure *st is empty. */
int bg_statement_parse(struct bg_statement *st, const char *text, size_t len, struct bg_sentence *err);
/* Prints the fields (not ->text) in the one encoding, sets ->text, ->text_len and ->digest, having checked
 * everything that parsing checks. For makers of statements. Empty strings and lists are left out. On success
 * *st is made anew from the text: pointers taken from it before are gone. On failure it is as it was. */
int bg_statement_print(struct bg_statement *st, struct bg_sentence *err);
void bg_statement_free(struct bg_statement *st);

const char *bg_kind_name(enum bg_kind kind); /* "request", "approve", "close", "review" */
/* -1 for none. */
int bg_kind_parse(const char *name);
/* Whether a line of some kind may begin with this word ("kind" included). For finding a text's lines again.
 */
bool bg_statement_has_key(const char *word, size_t len);

/* Whether an approval restates exactly what `request` says (for, role, hosts, accounts, credentials,
 * duration, reason, digest). 0, or -EINVAL with a sentence that names the line that differs. */
int bg_statement_restates(const struct bg_statement *approve, const struct bg_statement *request,
                          struct bg_sentence *err);
/* Fills an approval of `request` in (all but by, time and shares); bg_statement_print finishes it. The
 * request has been parsed or printed. 0, -EINVAL (not a request), -ENOMEM. */
int bg_statement_approve(struct bg_statement *approve, const struct bg_statement *request);
/* Sets a random nonce (libsodium). */
int bg_statement_nonce(struct bg_statement *request);
