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

/* The front door, and then each of the accounts that is named without a pattern; NULL at the end. *at counts
 * from 0. */
const char *gate_site_account(const struct bg_list *accounts, size_t *at);
/* Whether the service's file enforces what the line means, as the key command reads it. 0, or -errno with a
 * sentence. */
struct bg_gateline;
int gate_site_enforces(const struct gate_site *h, const char *service, const struct bg_gateline *line,
                       struct bg_sentence *err);

/* What `breakglass gate on`, `off` and `keep` do; each gives an exit status, having said everything. */
int gate_turn_on(struct gate_site *h, const char *service, const struct bg_gateline *line);
int gate_turn_off(struct gate_site *h, const struct bg_list *services);
int gate_keep(struct gate_site *h, const char *service);
int gate_show(struct gate_site *h, bool json);

/* What stands in the way of those who may log in, and of nobody else. Sentences. */
struct gate_findings {
    struct bg_list problems; /* what stops a login, or weakens the gate */
    struct bg_list refused;  /* keys in authorized_keys that open nothing by themselves any more */
    struct bg_list doubles;  /* ungated accounts with a gated one's uid */
};
/* Root only. Adds to *found what there is about these accounts and the front door; -ENOMEM, having said so.
 */
int gate_check(const struct gate_site *h, const struct bg_list *accounts, struct gate_findings *found);
void gate_findings_say(const struct gate_findings *found, bool enforcing);
void gate_findings_free(struct gate_findings *found);
