/* What can be requested: a role as a host tells it, where it can be had, and what a request of it leads to.
 */
#pragma once

#include "console/client/values.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether it is for a host of that name, and whether it names that host in full. */
bool role_fits(const struct bg_role_row *role, const char *host);
bool role_names(const struct bg_role_row *role, const char *host);
/* Of a role that needs no approval hosts take only a request that is signed with the person's own key. */
#define ROLE_SIGN_YOURSELF                                                                                   \
    "This role needs no approval, so you must sign the request with your own key: no host signs it for you."
/* What must happen, and then: "Needs 1 of @dba: alice; and 1 of @leads: dave. Then you have 30m." To be
 * freed; NULL without memory. */
char *role_next(const struct bg_role_row *role, int64_t duration);
