/* SPDX-License-Identifier: ISC */
/* What a role leads to, in words that are the same wherever it is requested. */
#include "console/action/request_role.h"

#include "policy/base/name.h"
#include "policy/base/timestamp.h"

#include <stdio.h>
#include <string.h>

bool role_fits(const struct bg_role_row *role, const char *host)
{
    for (size_t i = 0; i < role->hosts.n; i++)
        if (bg_glob(role->hosts.v[i], host))
            return true;
    return false;
}

bool role_names(const struct bg_role_row *role, const char *host)
{
    return strings_has(&role->hosts, host);
}

char *role_next(const struct bg_role_row *role, int64_t duration)
{
    char length[BG_DURATION_SIZE], *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);

    if (!to)
        return NULL;
    bg_duration_format(length, duration);
    for (size_t i = 0; i < role->who.n && !role->solo; i++)
        fprintf(to, "%s%s", i == 0 ? "Needs " : "; and ", role->who.v[i]);
    if (role->solo)
        fprintf(to,
                "Needs no approval: it opens at once for %s. All approvers are notified, and it is reviewed "
                "afterwards.",
                length);
    else
        fprintf(to, ". Then you have %s.", length);
    return fclose(to) == 0 ? text : NULL;
}
