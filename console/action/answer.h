/* A person's answer to a request, for verb and screen alike: who may give it, what must be typed first, and
 * what is signed. Each fills in what it knows, shows answer_text, and asks here what else there is. */
#pragma once

#include "console/client/model.h"
#include "policy/statement/statement.h"
#include "policy/statement/token.h"

#include <stdbool.h>
#include <stdint.h>

#define ANSWER_FINAL "This cannot be undone. A new request will be needed."

enum answer_kind { ANSWER_APPROVE, ANSWER_DENY, ANSWER_REVOKE, ANSWER_GIVE_BACK, ANSWER_REVIEW };

struct answer {
    enum answer_kind kind;
    bool flagged;                       /* of a review */
    bool pasted;                        /* no host has shown the request */
    const char *person;                 /* who answers */
    const char *text;                   /* a reason or a note; NULL or "": none */
    const struct bg_statement *request; /* as it was signed; NULL: not here yet */
    const struct bg_bundle *items;      /* the request and its answers, as one host has them; may be NULL */
    const struct model *model;          /* the hosts; NULL: none are known */
    const struct grant *grant;          /* in it; NULL: no host has it */
    struct reply *const *says;          /* each one's answer to Show, or NULL; MODEL_HOSTS of them */
};

/* Deny, revoke, give back: what they sign is a close. */
bool answer_closes(const struct answer *a);
/* "Approve", "Deny" …; one's own request that is pending is withdrawn. */
const char *answer_verb(const struct answer *a);
/* Whether it may be signed, as far as is known: the hosts judge. 0; -EPERM: another person must do it;
 * -EALREADY: it is decided already; -EBUSY: it has not ended yet; with a sentence. */
int answer_check(const struct answer *a, struct bg_sentence *err);
/* Whether the role is of class critical as far as any host says; where none shows the grant, the worst is
 * assumed. */
bool answer_is_critical(const struct answer *a);
/* What must be typed before it is signed. */
const char *answer_word(const struct answer *a);
/* The reason of a close: a default that fits it, where none is given. */
const char *answer_reason(const struct answer *a);
/* The statement, of this moment: printed, so that its text can be read and signed. To be freed; empty on
 * failure. 0; -EINVAL with a sentence for what no statement can hold; -ENOMEM. */
int answer_compose(const struct answer *a, struct bg_statement *st, struct bg_sentence *err);
/* Whether the hosts close it for the person after signing failed with `r`: there is no key, or it signs
 * nothing here. Interrupted, nothing is closed. */
bool answer_by_hosts(const struct answer *a, int r);
/* What a host shows of the grant, or NULL. */
const struct bg_grant_row *answer_says(const struct answer *a, size_t host);
/* That of a host that waits for this person before others; NULL: no host shows it. */
const struct bg_grant_row *answer_shown(const struct answer *a);
/* Whether that person's approval could still count, as far as Show's answer tells. */
bool answer_can_approve(const struct bg_grant_row *shown, const char *person);
