/* What an approver should notice, in words. */
#pragma once

#include "fan.h"
#include "statement.h"

#include <stdint.h>
#include <stdio.h>

/* grant: Show's answer, or NULL; fan: for the clocks, may be NULL; approver: who is about to agree. */
void unusual(FILE *to, const struct bg_statement *request, json_object *grant, const struct fan *fan,
             const char *approver, int64_t now);
/* Whether it is this person's first request for this role, as far as the rows (grants_fetch "all") know. */
void unusual_first(FILE *to, const struct bg_statement *request, json_object *rows);
