/* What an approver should notice, in words. */
#pragma once

#include "dict.h"
#include "statement.h"

#include <stdint.h>
#include <stdio.h>

/* grant: Show's answer, or NULL; approver: who is about to agree. */
void unusual(FILE *to, const struct bg_statement *request, json_object *grant, const char *approver,
             int64_t now);
/* A host's clock, which is so many seconds ahead of ours. Says nothing of less than a minute. */
void unusual_clock(FILE *to, const struct bg_statement *request, const char *host, int64_t ahead);
