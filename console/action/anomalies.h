/* What an approver should notice, in words. */
#pragma once

#include "console/client/values.h"
#include "policy/statement/statement.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define ANOMALIES_HOSTS 256

/* What hosts answered to Show; the rows belong to others. */
struct anomalies_told {
    const struct bg_grant_row *v[ANOMALIES_HOSTS];
    size_t n;
};

/* approver: who is about to agree. Long sentences are folded to so many columns. */
void anomalies(FILE *to, const struct bg_statement *request, const struct anomalies_told *told,
               const char *approver, int64_t now, size_t width);
/* Whether the role is of class critical as far as any host says; where none tells, the worst is assumed. */
bool anomalies_critical(const struct anomalies_told *told);
/* A host's clock, which is so many seconds ahead of ours. Says nothing of less than a minute. */
void anomalies_clock(FILE *to, const struct bg_statement *request, const char *host, int64_t ahead);
/* Whether that person's approval could still count, as far as Show's answer tells. */
bool anomalies_can_approve(const struct bg_grant_row *grant, const char *person);
