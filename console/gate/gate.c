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
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRIAL_MIN 300 /* keys are not offered in a trial's last BG_LOGIN_TAKES seconds */

struct request_terms {
    const char *accounts, *trial; /* --for */
    bool observe, json, all;
    struct bg_list words; /* "on", "sshd" */
};

static const char *second(const struct request_terms *w)
{
    return w->words.n > 1 ? w->words.v[1] : NULL;
}

/* An option of one of them is an error for the others. */
static int check_wish(const struct request_terms *w)
{
    const char *what = w->words.n > 0 ? w->words.v[0] : "";
    bool on = strcmp(what, "on") == 0, off = strcmp(what, "off") == 0, keep = strcmp(what, "keep") == 0,
         status = strcmp(what, "status") == 0;

    if (!on && !off && !keep && !status)
        return verb_usage("gate", "say on, off, keep or status");
    if (w->words.n > 2 || (status && w->words.n > 1))
        return verb_usage("gate", "too many words");
    if ((on || keep) && w->words.n < 2)
        return verb_usage("gate", "which service? sshd");
    if (!on && (w->accounts || w->trial || w->observe))
        return verb_usage("gate", "--accounts, --for and --observe go with \"on\"");
    if ((w->json && !status) || (w->all && !off))
        return verb_usage("gate", "--json goes with \"status\", and --all with \"off\"");
    if (on && !w->accounts)
        return verb_usage("gate", "which accounts? --accounts root,postgres");
    if (w->all && w->words.n > 1)
        return verb_usage("gate", "--all, or one service");
    return EXIT_DONE;
}

static int on(struct gate_site *h, const struct request_terms *w)
{
    struct bg_gateline line;
    struct bg_sentence err;
    char accounts[4096];
    const char *argument = accounts;
    int64_t seconds;

    if ((size_t)snprintf(accounts, sizeof accounts, "accounts=%s", w->accounts) >= sizeof accounts)
        return verb_usage("gate", "too many accounts");
    if (bg_gateline_parse(&line, 1, &argument, &err) < 0)
        return verb_usage("gate", "%s", err.text);
    line.observe = w->observe;
    int status = EXIT_DONE;
    if (w->trial && bg_duration_parse(&seconds, w->trial) < 0)
        status = verb_usage("gate", "--for %s is not a duration as in 10m", w->trial);
    else if (w->trial && seconds < TRIAL_MIN)
        status = verb_usage(
            "gate", "--for %s is too short: a login may take three minutes, so choose 5m or more", w->trial);
    else if (w->trial)
        line.until = h->now + seconds;
    if (bg_list_has(&line.accounts, BG_DOOR_ACCOUNT))
        status =
            verb_usage("gate", "the front door is always the gate's; name the accounts that need a grant");
    if (status == EXIT_DONE)
        status = gate_turn_on(h, second(w), &line);
    bg_gateline_free(&line);
    return status;
}

static bool has_dropin(const struct gate_site *h)
{
    char *text = NULL;
    bool there = gate_sshd_read(&h->root, &text, NULL) < 0 || text;

    free(text);
    return there;
}

static int off(struct gate_site *h, const struct request_terms *w)
{
    struct bg_list services = {0};
    int r, status = EXIT_BROKEN;

    if (second(w)) {
        r = bg_list_add(&services, second(w), strlen(second(w)));
    } else {
        r = gate_pam_services(&h->root, &services);
        if (r >= 0 && !bg_list_has(&services, "sshd") && has_dropin(h))
            r = bg_list_add(&services, "sshd", 4);
    }
    if (r < 0)
        complain("%s", strerrordesc_np(-r));
    else
        status = gate_turn_off(h, &services);
    if (r >= 0 && services.n == 0)
        say(stdout, "No PAM service calls the gate.");
    bg_list_free(&services);
    return status;
}

static int run(const struct request_terms *w)
{
    const char *what = w->words.v[0];
    struct gate_site h;
    struct bg_sentence err;
    int status = EXIT_BROKEN;

    if (strcmp(what, "status") != 0 && geteuid() != 0) {
        complain("only root changes the gate");
        return EXIT_REFUSED;
    }
    if (gate_site_open(&h, &err) < 0)
        complain("%s", err.text);
    else if (strcmp(what, "on") == 0)
        status = on(&h, w);
    else if (strcmp(what, "off") == 0)
        status = off(&h, w);
    else if (strcmp(what, "keep") == 0)
        status = gate_keep(&h, second(w));
    else
        status = gate_show(&h, w->json);
    gate_site_close(&h);
    return status;
}

int verb_gate(int argc, char **argv)
{
    struct request_terms w = {0};
    const struct option_spec options[] = {
        {.name = "accounts", .value = &w.accounts},
        {.name = "for", .value = &w.trial},
        {.name = "observe", .flag = &w.observe},
        {.name = "json", .flag = &w.json},
        {.name = "all", .flag = &w.all},
        {0},
    };
    struct bg_sentence err;
    int status;

    if (options_parse(options, argc, argv, &w.words, &err) < 0)
        status = verb_usage("gate", "%s", err.text);
    else
        status = check_wish(&w);
    if (status == EXIT_DONE)
        status = run(&w);
    bg_list_free(&w.words);
    return status;
}
