/* SPDX-License-Identifier: ISC */
/* What helps a refused person: the roles that they may request, who approves them, and what to type. */
#include "pam_module/gate.h"

#include "policy/base/cleanup.h"
#include "policy/base/list.h"
#include "policy/rules/eligibility.h"
#include "policy/rules/phrase.h"

#define ROLES_TOLD 8
#define ROLE_TEXT_SIZE 480 /* gate_tell cuts at 500 */

/* "role db-admin needs 1 of @dba: alice (+49 …); 1 of @leads: dave" */
static void tell_role(const struct gate *g, const struct bg_policy *policy, const struct bg_role *role,
                      const char *person)
{
    bg_cleanup_(bg_list_free) struct bg_list lines = {0};
    char text[ROLE_TEXT_SIZE] = "";
    struct bg_phrase phrase = {.out = text, .size = sizeof text};

    bg_phrase_add(&phrase, "role %s needs ", role->name);
    if (bg_request_approvals(&lines, policy, role, person) < 0)
        bg_phrase_add(&phrase, "approval");
    for (size_t i = 0; i < lines.n; i++)
        bg_phrase_add(&phrase, "%s%s", i > 0 ? "; " : "", lines.v[i]);
    gate_tell(g, true, "%s", text);
}

void gate_tell_roles(const struct gate *g, const struct bg_policy *policy, const char *person)
{
    const struct bg_role *role = bg_next_role(policy, NULL, person, g->host, g->account), *first = role;
    unsigned n = 0;

    if (!first) {
        gate_tell(g, true, "no role in the policy of %s gives %s the account %s", g->host, person,
                  g->account);
        return;
    }
    for (; role && n < ROLES_TOLD; role = bg_next_role(policy, role, person, g->host, g->account), n++)
        tell_role(g, policy, role, person);
    gate_tell(g, true, "to request it: ssh -t breakglass@%s, or: breakglass request %s --host %s", g->host,
              n > 1 ? "ROLE" : first->name, g->host);
}
