/* Before a request: may this person get that, and what must the request say? For `breakglass policy
 * test`, and for making drafts. */
#pragma once

#include "policy/base/error.h"
#include "policy/base/list.h"
#include "policy/rules/policy.h"
#include "policy/statement/statement.h"

#include <stdint.h>

/* May `person` request `role` on `hosts` for `duration` seconds? accounts NULL or empty: all that the role
 * has for that person, "personal" resolved. Fills role, hosts, accounts, credentials (all of the role's) and
 * duration of *terms, sorted and without repeats, as a request must state them; reason is left NULL, for the
 * caller to set. To be freed with bg_terms_clear. 0; -EPERM: not allowed; -EINVAL: malformed or unknown; with
 * a sentence. -ENOMEM. On failure *terms is empty. */
int bg_may_request(struct bg_terms *terms, const struct bg_policy *policy, const char *person,
                   const char *role, const struct bg_list *hosts, const struct bg_list *accounts,
                   int64_t duration, struct bg_sentence *err);
void bg_terms_clear(struct bg_terms *terms);

/* The next role after `after` (NULL: the first) that `person` may request for that account on that host; NULL
 * where there is none more. */
const struct bg_role *bg_next_role(const struct bg_policy *policy, const struct bg_role *after,
                                   const char *person, const char *host, const char *account);

/* Who must approve, when `person` requests the role: one text for each Approve= line, such as "1 of @leads:
 * dave (+49 …) or frank"; of a solo role "nobody: …". Appended to `lines`. */
int bg_request_approvals(struct bg_list *lines, const struct bg_policy *policy, const struct bg_role *role,
                         const char *person);
