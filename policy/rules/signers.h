/* signers: who may sign what, in OpenSSH's allowed_signers form; breakglass-signers(5). */
#pragma once

#include "policy/base/file.h"
#include "policy/base/name.h"
#include "policy/base/problem.h"
#include "policy/statement/sshkey.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bits. */
enum bg_namespace {
    BG_NS_SIGN = 1,       /* breakglass */
    BG_NS_LOGIN = 2,      /* breakglass-login */
    BG_NS_SEAL = 4,       /* breakglass-seal */
    BG_NS_AUTOMATION = 8, /* breakglass-automation */
    BG_NS_HOST = 16,      /* breakglass-host */
};
const char *bg_namespace_name(enum bg_namespace ns);
unsigned bg_namespace_bit(const char *name); /* 0 for a name that is none of them */

#define BG_HOST_PREFIX "host:" /* begins the name in a host's line */

struct bg_signer {
    char *name;          /* a person, or a host without "host:", or an automation (namespace automation) */
    bool is_host;        /* the line says host:NAME */
    unsigned namespaces; /* bits of enum bg_namespace */
    struct bg_key key;
    int64_t valid_after;  /* inclusive; INT64_MIN where none */
    int64_t valid_before; /* inclusive; INT64_MAX where none */
    bool conflicted;      /* the same key stands under another name: counts for nobody */
    bool reported;        /* internal: the conflict was named once */
    char *comment;        /* after the key; cleaned; may be NULL */
    char *file;           /* where */
    unsigned line;
};

struct bg_signers {
    struct bg_signer *v;
    size_t n;
    struct bg_signer **by_key; /* internal: the n_by_key lines sorted by key, once settled */
    size_t n_by_key;
    struct bg_problems problems;           /* every line that counts for nothing, and why */
    unsigned char digest[BG_DIGEST_BYTES]; /* of the files as read: equal on hosts with the same files */
    int64_t changed; /* when the newest of the files read was modified; 0 where none was read */
    bool no_digest;  /* set before reading by who does not need it (the gate: it is 2/3 of the time) */
};

/* Parses one text into `signers` (adds). Lines with errors become problems, never a failure. -ENOMEM only. */
int bg_signers_parse(struct bg_signers *signers, const char *file, const char *text, size_t len);
/* Marks keys that stand under two names. After the last text. */
void bg_signers_settle(struct bg_signers *signers);
/* etc/breakglass/signers, then the drop-ins of signers.d (files.h), then settle. A missing file is empty; an
 * unsafe or unreadable one is a problem and counts for nothing. -ENOMEM only. */
int bg_signers_load(struct bg_signers *signers, const struct bg_root *root);
void bg_signer_clear(struct bg_signer *signer);
void bg_signers_free(struct bg_signers *signers);

/* The line that makes `key` count for `ns` at `now`: enrolled, in that namespace, valid then, not conflicted.
 * NULL for none; *err (may be NULL) then says why (unknown key, other namespace, expired since, listed
 * twice). */
const struct bg_signer *bg_signers_find(const struct bg_signers *signers, const struct bg_key *key,
                                        enum bg_namespace ns, int64_t now, struct bg_sentence *err);
/* Whether a person (is_host false) has any line that counts for ns at now. */
bool bg_signers_has(const struct bg_signers *signers, const char *person, enum bg_namespace ns, int64_t now);
