/* Statements made for people: texts to sign elsewhere, and those that the host signs for a person it knows.
 */
#pragma once

#include "broker/base/broker.h"
#include "policy/statement/statement.h"

#include <systemd/sd-bus.h>

/* What a person wants said; read from an a{sv}. Strings point into the message. */
struct draft {
    const char *by, *role, *reason, *ticket, *id, *verdict, *note;
    int64_t duration;
    bool drill;
    struct bg_list hosts, accounts;
};

/* Reads an a{sv}. Unknown keys and wrong types are -EINVAL with a sentence, so that a misspelt one is not
 * silently another wish. */
int draft_read(struct draft *draft, sd_bus_message *m, struct bg_sentence *err);
void draft_free(struct draft *draft);
/* Each fills *st and prints it; draft->by says it, `via` (may be NULL) is how this host knows them. */
int draft_request(struct bg_statement *st, const struct broker *b, const struct draft *draft, const char *via,
                  struct bg_sentence *err);
/* pending: nothing is open of that request yet; what a close says without a reason depends on it. */
int draft_about(struct bg_statement *st, enum bg_kind kind, const struct bg_statement *request, bool pending,
                const struct draft *draft, const char *via, struct bg_sentence *err);
