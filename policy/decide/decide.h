/* The decision: whether a grant is open. Pure: no I/O, no clock, no globals; the same inputs give the same
 * answer everywhere. Everything else in breakglass is plumbing around this function. */
#pragma once

#include "policy/base/clock.h"
#include "policy/rules/policy.h"
#include "policy/rules/signers.h"
#include "policy/statement/sshsig.h"
#include "policy/statement/statement.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A statement and the signature that came with it. Verified only when decide needs it. */
struct bg_signed {
    struct bg_statement st;
    struct bg_sshsig sig;
    unsigned char blob[BG_SSHSIG_BLOB_MAX]; /* the signature as it came */
    size_t blob_len;
    bool malformed_sig; /* the signature did not parse: counts for nothing */
};

/* One request and all that was said about it, in any order. What is said about another request is ignored. */
struct bg_grant {
    char id[BG_ID_SIZE];
    struct bg_signed *request;    /* NULL: not seen here yet */
    struct bg_signed **responses; /* approvals, closes, reviews; owned */
    size_t n_responses;

    /* The host's own marks, which are root's. */
    bool closed;
    bool expired;
    int64_t expired_time; /* when its time ran out */
    struct bg_opened {
        bool noted;
        bool unreadable;    /* a mark is there that says nothing; never with `noted` */
        struct bg_clock at; /* the clocks when this host first saw it open */
    } opened;
    bool archived;
};
void bg_grant_free(struct bg_grant *grant);
void bg_signed_free(struct bg_signed *s); /* also frees s */

struct bg_question {
    const char *host;              /* this host's name */
    const struct bg_key *host_key; /* its own key, trusted without a line; NULL where there is none */
    const char *person;            /* who wants in; NULL: the request's own */
    const char *account;           /* NULL: any that the grant opens (for lists) */
    bool locked;                   /* etc/breakglass/locked is there */
    bool names_only;               /* the sentence names people without their Contact= */
    int64_t now;                   /* the time at which this grant is judged (bg_store_decide makes it) */
    int64_t ahead;                 /* the wall clock less `now`: 0 unless a clock was set since it opened */
};

/* Sparse values: no single flipped bit turns a no into a yes. */
enum bg_state {
    BG_STATE_REFUSED = 0,      /* not a valid request for this host, person or account today; ->why says it */
    BG_STATE_PENDING = 0x1b39, /* waits for approvals */
    BG_STATE_OPEN = 0x52a2925, /* the one yes */
    BG_STATE_EARLY = 0x2c47,   /* approved, and its window begins later (clocks) */
    BG_STATE_EXPIRED = 0x3d51, /* its time ran out */
    BG_STATE_CLOSED = 0x4e6b,  /* denied, revoked or given back */
    BG_STATE_LAPSED = 0x5f75,  /* not approved within a day */
    BG_STATE_DRILL = 0x608f,   /* a drill that went the whole way; never open */
};

/* The one reason for a no. Names (bg_why_name) are used in case files, journals and --json; never renumber.
 */
enum bg_why {
    BG_WHY_NONE = 0,              /* open */
    BG_WHY_NO_REQUEST,            /* no-request: none was made, or it was not seen here */
    BG_WHY_POLICY_BROKEN,         /* policy-broken */
    BG_WHY_LOCKED,                /* locked */
    BG_WHY_OTHER_PERSON,          /* other-person: the request is somebody else's */
    BG_WHY_BAD_SIGNATURE,         /* bad-signature: request not signed by a key of its person */
    BG_WHY_HOST_SIGNED_ELSEWHERE, /* host-signed-elsewhere */
    BG_WHY_NO_ROLE,               /* no-role */
    BG_WHY_ROLE_BROKEN,           /* role-broken */
    BG_WHY_NOT_REQUESTER,         /* not-requester */
    BG_WHY_HOST_NOT_REQUESTED,    /* host-not-requested */
    BG_WHY_HOST_NOT_ALLOWED,      /* host-not-allowed */
    BG_WHY_ACCOUNT_NOT_REQUESTED, /* account-not-requested */
    BG_WHY_ACCOUNT_NOT_ALLOWED,   /* account-not-allowed */
    BG_WHY_FUTURE,                /* future: request dated beyond ClockSkew */
    BG_WHY_CLOSED,                /* closed */
    BG_WHY_NEED_APPROVALS,        /* need-approvals */
    BG_WHY_LAPSED,                /* lapsed */
    BG_WHY_EARLY,                 /* early */
    BG_WHY_EXPIRED,               /* expired */
    BG_WHY_DRILL,                 /* drill */
    BG_WHY_SOLO_NOT_OWN_KEY,      /* solo-not-own-key: host-signed */
    BG_WHY_SOLO_NOT_VERIFIED,     /* solo-not-verified: no FIDO user verification */
    BG_WHY_NO_HOST,               /* no-host: this host does not know its own name */
    BG_WHY_MAX
};
const char *bg_why_name(enum bg_why why);
const char *bg_state_name(enum bg_state state); /* "refused", "pending", "open", … */

/* How a close came about, by who said it and when. */
enum bg_closed_as { BG_NOT_CLOSED, BG_DENIED, BG_REVOKED, BG_GIVEN_BACK, BG_CLOSED_BY_MARK };
const char *bg_closed_as_name(enum bg_closed_as as); /* "", "denied", "revoked", "given back", "closed" */
/* What a close says where nobody gave a reason. own: the requester's; pending: nothing was open yet. */
const char *bg_close_reason(bool own, bool pending);

#define BG_ANSWER_MAX 64 /* approvals and lines kept in an answer */

struct bg_answer {
    enum bg_state state;
    enum bg_why why;
    int64_t now;                /* the question's */
    int64_t opens, ends;        /* the window, opens <= now < ends when open; 0 where there is none yet */
    int64_t until;              /* `ends`; while it is open by the wall clock */
    int64_t requested;          /* the request's time */
    const struct bg_role *role; /* today's, or NULL */
    bool solo;
    enum bg_closed_as closed_as;
    const struct bg_signed *close; /* the close that counted, or NULL */
    struct bg_sentence sentence;   /* why not, and what to do; or "open until …" */

    /* The approvals that count today, by time, and of each Approve= line how many places they fill now. */
    const struct bg_signed *got[BG_ANSWER_MAX];
    size_t n_got;
    struct bg_line {
        const struct bg_approve *approve;
        unsigned filled;
    } lines[BG_ANSWER_MAX];
    size_t n_lines;
    /* Those that do not count, with the reason. */
    struct bg_ignored {
        const struct bg_signed *statement;
        struct bg_sentence why;
        bool spent; /* rightly signed, but too long before the others: its person cannot approve this again */
    } * ignored;    /* n_ignored; freed by bg_answer_free */
    size_t n_ignored;
};
void bg_answer_free(struct bg_answer *answer);

/* Makes the answer a refusal, and leaves alone what else it says. */
void bg_answer_refuse(struct bg_answer *answer, enum bg_why why, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void bg_answer_refuse_v(struct bg_answer *answer, enum bg_why why, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));
/* Likewise for a broken policy: names its first error. */
void bg_answer_refuse_policy(struct bg_answer *answer, const struct bg_policy *policy);
#define BG_LOCKED_SENTENCE "this host is locked: nothing opens here until root runs breakglass unlock"

#define BG_APPROVAL_DEADLINE 86400 /* seconds from the request to T, at most */

/* Fills *answer, which starts as a refusal. 0, or -ENOMEM (and the answer refuses). Pointers in the answer
 * point into the inputs. Signatures are verified only of a request that policy allows, and then of each
 * person's approvals up to the first that counts, and of closes by people who may close up to the first that
 * counts: a grant with two approvals costs three. A lock hides every state that could still open; what is
 * closed, expired or lapsed is said nonetheless. */
int bg_decide(struct bg_answer *answer, const struct bg_policy *policy, const struct bg_signers *signers,
              const struct bg_grant *grant, const struct bg_question *question);

/* Whether `s` is signed by who it says (by, via) at `now`; *err says why not. Used for every statement taken
 * in. `host`, `host_key`: this host's; host_key may be NULL. A host-signed request is signed by the one host
 * in it, which need not be this one (then signers has it); a host-signed close by this one. need_verified:
 * FIDO user verification is asked for. 0, -EKEYREJECTED, or -EOPNOTSUPP. *signer (may be NULL) gets the line,
 * NULL when this host's own key did it. */
int bg_signed_verify(const struct bg_signed *s, const struct bg_signers *signers, const char *host,
                     const struct bg_key *host_key, bool need_verified, int64_t now,
                     const struct bg_signer **signer, struct bg_sentence *err);

/* Whether `person` may close that request: its requester, one of its role's approvers, or an administrator.
 */
bool bg_may_close(const struct bg_policy *policy, const struct bg_statement *request, const char *person);
/* Whether `person` may approve any role that this host has. */
bool bg_may_approve(const struct bg_policy *policy, const char *host, const char *person);
/* Whether `person` may review: in Reviewers= (or Administrators= where there are none), not the requester and
 * not one who approved. */
bool bg_may_review(const struct bg_policy *policy, const struct bg_grant *grant, const char *person);
/* Persons who can still give an approval that a line lacks; appended to `list`, sorted. Only people with a
 * signing key today are named, never the requester, never one whose approval counts already. */
int bg_who_can(struct bg_list *list, const struct bg_answer *answer, const struct bg_grant *grant,
               const struct bg_line *line, const struct bg_signers *signers, int64_t now);
