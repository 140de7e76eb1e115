/* What an approver should notice, in words. */
#pragma once

#include "console/client/values.h"
#include "policy/statement/statement.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* grant: Show's answer, or NULL; approver: who is about to agree. Long sentences are folded to so many
 * columns. */
void anomalies(FILE *to, const struct bg_statement *request, const struct bg_grant_row *grant,
               const char *approver, int64_t now, size_t width);
/* A host's clock, which is so many seconds ahead of ours. Says nothing of less than a minute. */
void anomalies_clock(FILE *to, const struct bg_statement *request, const char *host, int64_t ahead);
/* Whether that person's approval could still count, as far as Show's answer tells. */
bool anomalies_can_approve(const struct bg_grant_row *grant, const char *person);
