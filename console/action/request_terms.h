/* What somebody asks for, before it is a request: from the options, to the broker, and against what a host
 * drafted. */
#pragma once

#include "policy/base/error.h"
#include "console/client/values.h"
#include "policy/base/list.h"
#include "policy/statement/statement.h"

#include <stdbool.h>
#include <stdint.h>

struct request_terms {
    const char *role;
    struct bg_list hosts, accounts; /* accounts empty: all that the role has */
    const char *duration_text, *reason, *ticket, *by;
    int64_t duration;
    bool drill;
};

/* Checks that a role, a duration and a reason are there and well formed, and cleans nothing. -EINVAL with a
 * sentence. */
int request_terms_check(struct request_terms *wish, struct bg_sentence *err);
/* The parameters of Draft and Ask; they point to what the terms point to. */
struct bg_draft_row request_terms_draft(const struct request_terms *wish);
/* Whether a drafted text asks for exactly what was wished, by `by`, now: a host that lies in its draft must
 * not get a signature. `st` gets the parsed request. -EINVAL with a sentence that names the line. */
int request_terms_match(const struct request_terms *wish, const char *by, int64_t now, const char *text,
                        struct bg_statement *st, struct bg_sentence *err);
/* What to type where the key is: the three stock commands, and the verb, quoted for the shell. To be freed;
 * NULL without memory. */
char *request_terms_stock(const struct request_terms *wish);
char *request_terms_verb(const struct request_terms *wish);
void request_terms_free(struct request_terms *wish);
