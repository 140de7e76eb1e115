/* SPDX-License-Identifier: ISC */
/* The verb gate: what was typed, checked, and handed to switch.c and status.c. */
#include "console/gate/gate.h"

#include "policy/pamfile/gateline.h"
#include "console/gate/site.h"
#include "console/base/option.h"
#include "console/gate/pam.h"
#include "console/base/print.h"
#include "console/gate/sshd.h"
#include "console/base/usage.h"
#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRIAL_MIN 300 /* keys are not offered in a trial's last BG_LOGIN_TAKES seconds */

/* What was typed: "on", "sshd". */
struct given {
    const char *accounts, *trial; /* --for */
    bool observe, json, all;
    struct bg_list words;
    const char *service; /* or NULL */
};

/* An option of one of them is an error for the others. */
static int check(const struct given *g, const char *what)
{
    bool on = strcmp(what, "on") == 0, off = strcmp(what, "off") == 0, keep = strcmp(what, "keep") == 0,
         status = strcmp(what, "status") == 0;

    if (!on && !off && !keep && !status)
        return verb_usage("gate", "say on, off, keep or status");
    if (g->words.n > 2 || (status && g->service))
        return verb_usage("gate", "too many words");
    if ((on || keep) && !g->service)
        return verb_usage("gate", "which service? sshd");
    if (!on && (g->accounts || g->trial || g->observe))
        return verb_usage("gate", "--accounts, --for and --observe go with \"on\"");
    if ((g->json && !status) || (g->all && !off))
        return verb_usage("gate", "--json goes with \"status\", and --all with \"off\"");
    if (on && !g->accounts)
        return verb_usage("gate", "which accounts? --accounts root,postgres");
    if (g->all && g->service)
        return verb_usage("gate", "--all, or one service");
    return EXIT_DONE;
}

static int on(struct gate_site *h, const struct given *g)
{
    bg_cleanup_(bg_gateline_free) struct bg_gateline line = {0};
    bg_free_ char *accounts = NULL;
    struct bg_sentence err;
    int64_t seconds = 0;

    if (asprintf(&accounts, "accounts=%s", g->accounts) < 0)
        return EXIT_BROKEN;
    if (bg_gateline_parse(&line, 1, (const char *const *)&accounts, &err) < 0)
        return verb_usage("gate", "%s", err.text);
    if (g->trial && bg_duration_parse(&seconds, g->trial) < 0)
        return verb_usage("gate", "--for %s is not a duration as in 10m", g->trial);
    if (g->trial && seconds < TRIAL_MIN)
        return verb_usage(
            "gate", "--for %s is too short: a login may take three minutes, so choose 5m or more", g->trial);
    if (bg_list_has(&line.accounts, BG_DOOR_ACCOUNT))
        return verb_usage("gate", "the front door is always the gate's; name the accounts that need a grant");
    line.observe = g->observe;
    if (g->trial)
        line.until = h->now + seconds;
    return gate_turn_on(h, g->service, &line);
}

/* All that call the gate, and sshd where only the drop-in is left. */
static int find_services(const struct gate_site *h, struct bg_list *services)
{
    bg_free_ char *dropin = NULL;
    int r = gate_pam_services(&h->root, services);

    if (r >= 0 && !bg_list_has(services, "sshd") && (gate_sshd_read(&h->root, &dropin, NULL) < 0 || dropin))
        r = bg_list_add(services, "sshd", strlen("sshd"));
    return r;
}

static int off(struct gate_site *h, const char *service)
{
    bg_cleanup_(bg_list_free) struct bg_list services = {0};
    int r = service ? bg_list_add(&services, service, strlen(service)) : find_services(h, &services);

    if (r < 0) {
        complain("%s", strerrordesc_np(-r));
        return EXIT_BROKEN;
    }
    if (services.n == 0)
        say(stdout, "No PAM service calls the gate.");
    return gate_turn_off(h, &services);
}

static int run(const struct given *g, const char *what)
{
    bg_cleanup_(gate_site_close) struct gate_site h;
    struct bg_sentence err;

    if (gate_site_open(&h, &err) < 0) {
        complain("%s", err.text);
        return EXIT_BROKEN;
    }
    if (strcmp(what, "status") == 0)
        return gate_show(&h, g->json);
    if (geteuid() != 0) {
        complain("only root changes the gate");
        return EXIT_REFUSED;
    }
    if (strcmp(what, "on") == 0)
        return on(&h, g);
    return strcmp(what, "off") == 0 ? off(&h, g->service) : gate_keep(&h, g->service);
}

static void given_free(struct given *g)
{
    bg_list_free(&g->words);
}

int verb_gate(int argc, char **argv)
{
    bg_cleanup_(given_free) struct given g = {0};
    const struct option_spec options[] = {
        {.name = "accounts", .value = &g.accounts},
        {.name = "for", .value = &g.trial},
        {.name = "observe", .flag = &g.observe},
        {.name = "json", .flag = &g.json},
        {.name = "all", .flag = &g.all},
        {0},
    };
    struct bg_sentence err;

    if (options_parse(options, argc, argv, &g.words, &err) < 0)
        return verb_usage("gate", "%s", err.text);
    const char *what = g.words.n > 0 ? g.words.v[0] : "";
    g.service = g.words.n > 1 ? g.words.v[1] : NULL;
    int status = check(&g, what);
    return status == EXIT_DONE ? run(&g, what) : status;
}
