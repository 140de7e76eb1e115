/* SPDX-License-Identifier: ISC */
/* This host as the verbs of the gate find it, and the events that they leave. */
#include "console/gate/site.h"

#include "console/base/print.h"
#include "policy/pamfile/gateline.h"
#include "policy/record/spool.h"
#include "console/gate/sshd.h"
#include "policy/base/timestamp.h"
#include "policy/rules/load.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int gate_site_open(struct gate_site *h, struct bg_sentence *err)
{
    *h = (struct gate_site){.now = bg_now(), .root = {.fd = -1}};
    int r = bg_root_open(&h->root, "/");
    if (r >= 0)
        r = bg_policy_load(&h->policy, &h->root);
    if (r >= 0)
        r = bg_signers_load(&h->signers, &h->root);
    if (r < 0)
        return bg_fail(err, r, "cannot read this host's files: %s", strerrordesc_np(-r));
    h->named = bg_host_load(&h->host, &h->root, &h->unnamed) >= 0;
    if (!h->named)
        h->host.name[0] = '\0';
    return 0;
}

void gate_site_close(struct gate_site *h)
{
    bg_signers_free(&h->signers);
    bg_policy_free(&h->policy);
    bg_root_close(&h->root);
}

const char *gate_site_module(struct bg_sentence *err)
{
    if (access(PAMDIR "/pam_breakglass.so", R_OK) < 0) {
        (void)bg_fail(err, -ENOENT,
                      PAMDIR "/pam_breakglass.so is missing; a PAM line that names it would refuse "
                             "everybody");
        return NULL;
    }
    /* Where Linux-PAM's own modules are is where it looks for a bare name. */
    return access(PAMDIR "/pam_permit.so", F_OK) == 0 ? "pam_breakglass.so" : PAMDIR "/pam_breakglass.so";
}

const char *gate_site_account(const struct bg_list *accounts, size_t *at)
{
    while (*at > 0 && *at <= accounts->n && strpbrk(accounts->v[*at - 1], "*?"))
        ++*at;
    if (*at > accounts->n)
        return NULL;
    return ++*at == 1 ? BG_DOOR_ACCOUNT : accounts->v[*at - 2];
}

int gate_site_enforces(const struct gate_site *h, const char *service, const struct bg_gateline *line,
                       struct bg_sentence *err)
{
    int r = bg_gateline_enforced(&h->root, service, BG_DOOR_ACCOUNT, h->now, err);

    for (size_t i = 0; r >= 0 && !line->observe && i < line->accounts.n; i++)
        r = bg_gateline_enforced(&h->root, service, line->accounts.v[i], h->now, err);
    return r;
}

void gate_site_spool(const struct gate_site *h, struct bg_event *event)
{
    if (h->named)
        event->field[BG_FIELD_HOST] = h->host.name;
    int r = bg_spool_write(&h->root, event);
    if (r < 0)
        complain("no spool took the event %s: %s", bg_event_name(event->id), strerrordesc_np(-r));
}

void gate_site_tell(const struct gate_site *h, const char *service, const char *why)
{
    struct bg_event event = {.id = BG_EVENT_GATE_CHANGED, .time = h->now};

    event.field[BG_FIELD_SERVICE] = service;
    event.field[BG_FIELD_WHY] = why;
    gate_site_spool(h, &event);
}
