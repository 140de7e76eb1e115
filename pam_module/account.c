/* SPDX-License-Identifier: ISC */
/* The account phase: a cheap early no, with words. Under pure publickey it sees no key, so it verifies
 * nothing. */
#include "pam_module/gate.h"

#include "policy/decide/host.h"
#include "policy/rules/policy.h"
#include "policy/store/store.h"

#include <syslog.h>

static int refuse(const struct gate *g, const char *sentence, const char *ask)
{
    struct bg_event event = {.id = BG_EVENT_GRANT_REFUSED};

    event.field[BG_FIELD_WHY] = sentence;
    (void)gate_event(g, &event);
    gate_log(g, LOG_NOTICE, "refused %s from %s: %s", g->account, g->rhost, sentence);
    gate_tell(g, true, "breakglass: %s", sentence);
    if (*ask)
        gate_tell(g, true, "%s", ask);
    return PAM_PERM_DENIED;
}

/* Whether a machine's key may pass here without a grant; open_session sees whether it is one. */
static bool is_automated(const struct gate *g, const struct bg_host *host)
{
    struct bg_policy policy;
    bool yes = bg_policy_load(&policy, &g->root) >= 0 && bg_policy_automated(&policy, host->name, g->account);

    bg_policy_free(&policy);
    return yes;
}

int gate_account(struct gate *g)
{
    struct bg_store store;
    struct bg_sentence err, ask;
    struct bg_host host;

    if (gate_is_door(g))
        return PAM_SUCCESS;
    if (g->line.observe)
        return PAM_IGNORE;
    if (gate_is_locked(g))
        return refuse(g, "this host is locked: nothing opens here until root says breakglass unlock", "");
    bg_root_pin(&g->root, BG_VAR);
    store = (struct bg_store){.root = g->root};
    if (bg_store_hinted(&store, g->account, g->now))
        return PAM_SUCCESS;
    if (bg_host_load(&host, &g->root, &err) < 0)
        return refuse(g, err.text, "");
    g->host = host.name;
    if (is_automated(g, &host))
        return PAM_SUCCESS;
    (void)bg_fail(&err, -1, "no grant opens %s on %s now", g->account, host.name);
    (void)bg_fail(&ask, -1, "ask: ssh -t breakglass@%s, or: breakglass request ROLE --host %s", host.name,
                  host.name);
    int r = refuse(g, err.text, ask.text);
    g->host = "";
    return r;
}
