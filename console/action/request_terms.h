/* What somebody asks for, before it is a request: from the options, to the broker, and against what a host
 * drafted. */
#pragma once

#include "policy/base/error.h"
#include "console/client/values.h"
#include "policy/base/list.h"
#include "policy/statement/statement.h"

#include <stdbool.h>
#include <stdint.h>

struct wish {
    const char *role;
    struct bg_list hosts, accounts; /* accounts empty: all that the role has */
    const char *duration_text, *reason, *ticket, *by;
    int64_t duration;
    bool drill;
};

/* Checks that a role, a duration and a reason are there and well formed, and cleans nothing. -EINVAL with a
 * sentence. */
int wish_check(struct wish *wish, struct bg_error *err);
/* The Draft and Ask parameters; to be put. NULL without memory. */
json_object *wish_params(const struct wish *wish);
/* Whether a drafted text asks for exactly what was wished, by `by`, now: a host that lies in its draft must
 * not get a signature. `st` gets the parsed request. -EINVAL with a sentence that names the line. */
int wish_matches(const struct wish *wish, const char *by, int64_t now, const char *text,
                 struct bg_statement *st, struct bg_error *err);
/* What to type where the key is: the three stock commands, and the verb, quoted for the shell. To be freed;
 * NULL without memory. */
char *wish_stock(const struct wish *wish);
char *wish_verb(const struct wish *wish);
void wish_free(struct wish *wish);
