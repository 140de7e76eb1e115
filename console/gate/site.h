/* What the verbs of the gate know of this host before they begin. */
#pragma once

#include "policy/base/error.h"
#include "policy/record/event.h"
#include "policy/base/file.h"
#include "policy/decide/host.h"
#include "policy/rules/policy.h"
#include "policy/rules/signers.h"

#include <stdbool.h>
#include <stdint.h>

struct gate_site {
    struct bg_root root;
    struct bg_host host;
    bool named; /* `host` is filled; else unnamed.text says why not */
    struct bg_sentence unnamed;
    struct bg_policy policy;
    struct bg_signers signers;
    int64_t now;
};

int gate_site_open(struct gate_site *h, struct bg_sentence *err);
void gate_site_close(struct gate_site *h);
/* How a PAM line names our module: bare where libpam looks, else the whole path. NULL with a sentence where
 * it is not installed: a line that names a missing module refuses everybody. */
const char *gate_site_module(struct bg_sentence *err);
/* Leaves an event in the spool, with the name of this host; where that fails, says so. */
void gate_site_spool(const struct gate_site *h, struct bg_event *event);
/* Likewise gate.changed. */
void gate_site_tell(const struct gate_site *h, const char *service, const char *why);

/* What `breakglass gate on`, `off` and `keep` do; each gives an exit status, having said everything. */
struct bg_gateline;
int gate_turn_on(struct gate_site *h, const char *service, const struct bg_gateline *line);
int gate_turn_off(struct gate_site *h, const struct bg_list *services);
int gate_keep(struct gate_site *h, const char *service);
int gate_show(struct gate_site *h, bool json);
/* Says what would stop a login as these accounts, and, where the gate enforces, which keys are refused; gives
 * how many sentences of the former. */
unsigned gate_check(const struct gate_site *h, const struct bg_list *accounts, bool enforcing);
