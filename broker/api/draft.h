/* Statements made for people: texts to sign elsewhere, and those that the host signs for a person it knows.
 */
#pragma once

#include "broker/base/broker.h"
#include "policy/contract/contract.h"
#include "policy/statement/statement.h"

#include <systemd/sd-bus.h>

/* What a person wants said. Its strings point into the message. */
struct draft {
    struct bg_draft_row row;
    struct bg_list words; /* of its lists */
};

/* Reads an a{sv}. -EINVAL with a sentence (bus_read_row). */
int draft_read(struct draft *draft, sd_bus_message *m, struct bg_sentence *err);
void draft_free(struct draft *draft);
/* Each fills *st and prints it; draft->row.by says it, `via` (may be NULL) is how this host knows them. */
int draft_request(struct bg_statement *st, const struct broker *b, const struct draft *draft, const char *via,
                  struct bg_sentence *err);
/* pending: nothing is open of that request yet; what a close says without a reason depends on it. */
int draft_about(struct bg_statement *st, enum bg_kind kind, const struct bg_statement *request, bool pending,
                const struct draft *draft, const char *via, struct bg_sentence *err);
