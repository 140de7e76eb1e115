/* The policy in sentences for people, as a runbook: who may get what, and who has to approve. */
#pragma once

#include "policy/rules/policy.h"

#define BG_EXPLAIN_MAX 1000          /* bytes of a line */
#define BG_EXPLAIN_ERRORS "# Errors" /* the first line, where errors disable all */

/* Appends the lines, each cleaned: "# …" is a heading (of the rules for all, of each role and each
 * automation), every other line is one or more sentences of what stands above it. A policy with errors that
 * disable all is not explained, but its errors are told. -ENOMEM only. */
int bg_explain(struct bg_list *lines, const struct bg_policy *policy);
/* The same for one person: how to reach people (Contact=) stands only in the roles that they may request or
 * approve, and beside the administrators where there is such a role. */
int bg_explain_to(struct bg_list *lines, const struct bg_policy *policy, const char *person);
