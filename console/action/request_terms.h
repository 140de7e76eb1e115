/* What is requested: which fields there are, what each may hold, and what a host must draft of them. */
#pragma once

#include "policy/base/error.h"
#include "console/client/values.h"
#include "policy/base/list.h"
#include "policy/statement/statement.h"

#include <stdbool.h>
#include <stdint.h>

/* In the order in which a form has them. */
enum request_field {
    REQUEST_ROLE,
    REQUEST_HOSTS,
    REQUEST_DURATION,
    REQUEST_REASON,
    REQUEST_TICKET,
    REQUEST_FIELDS, /* none of these */
};

struct request_terms {
    const char *role;
    struct bg_list hosts, accounts; /* accounts empty: all that the role has */
    const char *duration_text, *reason, *ticket, *by;
    int64_t duration;
    bool drill;
};

/* "20" is 20 minutes, as "20m" is; nothing is `longest`. longest 0: no host has told it yet, so a duration is
 * needed, and the hosts cap it. -EINVAL with a sentence. */
int request_duration(int64_t *seconds, const char *text, int64_t longest, struct bg_sentence *err);
/* Checks every field and sets the duration. role: as a host tells it; NULL before any told, and then
 * hosts may be missing. -EINVAL with a sentence, and *bad is the first field that is wrong. */
int request_terms_check(struct request_terms *terms, const struct bg_role_row *role, enum request_field *bad,
                        struct bg_sentence *err);
/* As request_terms_check before any host told of the role; the sentence names the option. */
int request_terms_check_options(struct request_terms *terms, struct bg_sentence *err);

/* The parameters of Draft; they point to what the terms point to. */
struct bg_draft_row request_terms_draft(const struct request_terms *terms);
/* The parameters of Ask: one host signs for itself, for the person that it knows. */
struct bg_draft_row request_terms_ask(const struct request_terms *terms, const char *const *host);
/* What is said where several did. */
#define REQUEST_EACH_ITS_OWN                                                                                 \
    "Each host has signed a request of its own, and each of them needs its own approvals. Signed with your " \
    "own key it is one for all hosts."
/* Whether a drafted text requests exactly these terms, for `by`, now: a host that lies in its draft must not
 * get a signature. `st` gets the parsed request. -EINVAL with a sentence that names the line. */
int request_terms_match(const struct request_terms *terms, const char *by, int64_t now, const char *text,
                        struct bg_statement *st, struct bg_sentence *err);
/* Of a role that needs no approval hosts take only a request that is signed with the person's own key. */
#define REQUEST_SIGN_YOURSELF                                                                                \
    "This role needs no approval, so you must sign the request with your own key: no host signs it for you."
/* What must happen, and then: "Needs 1 of @dba: alice; and 1 of @leads: dave. Then you have 30m." To be
 * freed; NULL without memory. */
char *request_next(const struct bg_role_row *role, int64_t duration);
/* What to type where the key is: the three stock commands, and the verb, quoted for the shell. To be freed;
 * NULL without memory. */
char *request_terms_stock(const struct request_terms *terms);
char *request_terms_verb(const struct request_terms *terms);
void request_terms_free(struct request_terms *terms);
