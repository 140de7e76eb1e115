/* SPDX-License-Identifier: ISC */
/* gate on, off and keep: all or nothing, and in the order in which nothing stands open. */
#include "console/gate/site.h"

#include "policy/base/cleanup.h"
#include "console/gate/pam.h"
#include "console/gate/password.h"
#include "console/gate/record.h"
#include "console/base/print.h"
#include "console/gate/sshd.h"
#include "console/base/usage.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A service as it was before we began, and as it shall be. */
struct change {
    const char *service;
    struct gate_pam_file pam;
    char *pam_text;
    size_t pam_len;
    char *dropin_before, *dropin;
    bool told; /* a running sshd was asked to read it */
};

static void change_free(struct change *c)
{
    gate_pam_free(&c->pam);
    free(c->pam_text);
    free(c->dropin_before);
    free(c->dropin);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool changes_pam(const struct change *c)
{
    return c->pam_len != c->pam.len || memcmp(c->pam_text, c->pam.text, c->pam_len) != 0;
}

static bool changes_dropin(const struct change *c)
{
    return !same_text(c->dropin_before, c->dropin);
}

/* Reads what is there and makes what shall be. line NULL: the gate goes. */
static int change_prepare(struct gate_site *h, struct change *c, const char *service,
                          const struct bg_gateline *line, struct bg_sentence *err)
{
    bg_free_ char *call = NULL;
    int r = gate_pam_read(&h->root, service, &c->pam, err);

    c->service = service;
    if (r < 0)
        return r;
    if (line) {
        const char *module = gate_site_module(err);
        if (!module)
            return -ENOENT;
        bg_free_ char *effective = NULL;
        r = gate_sshd_effective(BG_DOOR_ACCOUNT, h->host.name, &effective, err);
        if (r < 0)
            return r;
        call = gate_pam_call(module, line);
        c->dropin = gate_sshd_dropin(&line->accounts, gate_sshd_names_service(effective));
        if (!call || !c->dropin)
            return bg_fail(err, -ENOMEM, "no memory left");
    }
    r = gate_pam_edit(&c->pam_text, &c->pam_len, c->pam.text, c->pam.len, call, err);
    return r < 0 || strcmp(service, "sshd") != 0 ? r : gate_sshd_read(&h->root, &c->dropin_before, err);
}

/* Puts back what was there. Nobody may be left with half a gate, so each step is tried whatever the others
 * did. */
static void roll_back(struct gate_site *h, const struct change *c)
{
    struct bg_sentence err;

    if (changes_dropin(c) && gate_sshd_write(&h->root, c->dropin_before, &err) < 0)
        complain("%s", err.text);
    if (changes_pam(c) &&
        gate_pam_write(&h->root, c->service, c->pam.text, c->pam.len, c->pam.mode, &err) < 0)
        complain("%s", err.text);
    /* Not otherwise: what else has changed in sshd's files since it read them is not ours to put in force. */
    if (c->told && gate_sshd_reload(&err) < 0)
        complain("%s", err.text);
    complain("everything is as it was before");
}

/* sshd must really ask PAM for each of these accounts: a file that it reads before ours may say otherwise. */
static int check_sshd_calls_gate(const struct gate_site *h, const struct bg_list *accounts,
                                 struct bg_sentence *err)
{
    const char *account;
    int r = 0;

    for (size_t i = 0; r >= 0 && (account = gate_site_account(accounts, &i));) {
        bg_free_ char *effective = NULL;

        r = gate_sshd_effective(account, h->host.name, &effective, err);
        if (r >= 0)
            r = gate_sshd_calls_gate(effective, account, err);
    }
    return r;
}

/* The PAM line first, then the drop-in: the key command must find it. */
static int change_make(struct gate_site *h, struct change *c, const struct bg_list *accounts,
                       struct bg_sentence *err)
{
    int r = 0;

    if (changes_pam(c))
        r = gate_pam_write(&h->root, c->service, c->pam_text, c->pam_len, c->pam.mode, err);
    if (r >= 0 && changes_dropin(c))
        r = gate_sshd_write(&h->root, c->dropin, err);
    if (r >= 0)
        r = gate_sshd_check(err);
    if (r >= 0)
        r = check_sshd_calls_gate(h, accounts, err);
    c->told = r >= 0 && changes_dropin(c);
    if (c->told)
        r = gate_sshd_reload(err);
    return r;
}

/* An admitted person with an expired password gets passwd in place of a shell. */
static int check_passwords(const struct gate_site *h, const struct bg_list *accounts, struct bg_sentence *err)
{
    const char *account;
    int r = 0;

    for (size_t i = 0; r >= 0 && (account = gate_site_account(accounts, &i));)
        r = gate_password_check(&h->root, account, h->now, err);
    return r;
}

static int keep_record(const struct gate_site *h, const char *service, const struct bg_gateline *line,
                       struct bg_sentence *err)
{
    bg_free_ char *text = gate_pam_call(service, line);

    return text ? gate_record_write(&h->root, service, text, err) : bg_fail(err, -ENOMEM, "no memory left");
}

static void say_findings(const struct gate_site *h, const struct bg_gateline *line)
{
    bg_cleanup_(gate_findings_free) struct gate_findings found = {0};

    (void)gate_check(h, &line->accounts, &found);
    gate_findings_say(&found, !line->observe);
}

static void say_on(const struct gate_site *h, const char *service, const struct bg_gateline *line,
                   bool changed)
{
    bg_free_ char *accounts = bg_list_join(&line->accounts);
    bg_free_ char *why = NULL;
    char until[BG_TIME_SIZE];

    say(stdout, "%s: %s %s for %s%s", service, changed ? "from now on the gate" : "the gate already",
        line->observe ? "observes" : "stands", accounts ? accounts : "",
        line->observe ? "; everybody is let in" : "");
    if (line->until != INT64_MAX) {
        bg_time_format(until, line->until);
        say(stdout, "A trial: it expires at %s, unless \"breakglass gate keep %s\" comes before.", until,
            service);
    }
    say(stdout, "The front door: ssh %s@%s", BG_DOOR_ACCOUNT, h->host.name);
    if (asprintf(&why, "%s for %s", line->observe ? "observes" : "on", accounts ? accounts : "") < 0)
        why = NULL;
    if (changed)
        gate_site_tell(h, service, why);
}

/* 0, or -errno with a sentence, and nothing was changed. */
static int prepare_on(struct gate_site *h, struct change *c, const char *service,
                      const struct bg_gateline *line, struct bg_sentence *err)
{
    int r = check_passwords(h, &line->accounts, err);

    if (r >= 0)
        r = gate_sshd_check(err);
    return r < 0 ? r : change_prepare(h, c, service, line, err);
}

int gate_turn_on(struct gate_site *h, const char *service, const struct bg_gateline *line)
{
    bg_cleanup_(change_free) struct change c = {0};
    struct bg_sentence err;

    if (strcmp(service, "sshd") != 0)
        complain("only sshd can be gated: this version cannot end the sessions of another service");
    else if (!h->named)
        complain("%s", h->unnamed.text);
    else if (prepare_on(h, &c, service, line, &err) < 0)
        complain("nothing was changed: %s", err.text);
    else if (change_make(h, &c, &line->accounts, &err) < 0 ||
             gate_site_enforces(h, service, line, &err) < 0 || keep_record(h, service, line, &err) < 0) {
        complain("%s", err.text);
        roll_back(h, &c);
        return EXIT_BROKEN;
    } else {
        say_on(h, service, line, changes_pam(&c) || changes_dropin(&c));
        say_findings(h, line);
        return EXIT_DONE;
    }
    return EXIT_REFUSED;
}

static void say_off(const struct gate_site *h, const struct change *c)
{
    bg_cleanup_(bg_gateline_free) struct bg_gateline line = {0};
    struct bg_sentence err;

    if (!changes_pam(c)) {
        say(stdout, "%s: the gate is off", c->service);
        return;
    }
    if (gate_pam_line(c->pam.text, c->pam.len, &line, &err) >= 0) {
        bg_free_ char *accounts = bg_list_join(&line.accounts);
        say(stdout, "%s: the gate is off. From now on %s alone decides who gets in, without a grant, as: %s",
            c->service, c->service, accounts ? accounts : "");
    } else {
        say(stdout, "%s: the gate is off; its line did not parse: %s", c->service, err.text);
    }
    gate_site_tell(h, c->service, "off");
}

/* The drop-in goes first: without the PAM line its keys would ask nobody for a grant. */
static int off_one(struct gate_site *h, const char *service)
{
    bg_cleanup_(change_free) struct change c = {0};
    struct bg_sentence err;
    int status = EXIT_DONE;

    int r = change_prepare(h, &c, service, NULL, &err);
    if (r >= 0 && changes_dropin(&c)) {
        r = gate_sshd_write(&h->root, NULL, &err);
        if (r >= 0 && (gate_sshd_check(&err) < 0 || gate_sshd_reload(&err) < 0)) {
            complain("the drop-in is away, but sshd did not read its files again: %s", err.text);
            status = EXIT_BROKEN;
        }
    }
    if (r >= 0 && changes_pam(&c))
        r = gate_pam_write(&h->root, service, c.pam_text, c.pam_len, c.pam.mode, &err);
    if (r >= 0)
        r = gate_record_write(&h->root, service, NULL, &err);
    if (r < 0) {
        complain("%s", err.text);
        return EXIT_BROKEN;
    }
    say_off(h, &c);
    return status;
}

int gate_turn_off(struct gate_site *h, const struct bg_list *services)
{
    int status = EXIT_DONE;

    for (size_t i = 0; i < services->n; i++) {
        int one = off_one(h, services->v[i]);
        status = one > status ? one : status;
    }
    return status;
}

int gate_keep(struct gate_site *h, const char *service)
{
    bg_cleanup_(gate_pam_free) struct gate_pam_file file;
    bg_cleanup_(bg_gateline_free) struct bg_gateline line = {0};
    struct bg_sentence err;

    if (gate_pam_read(&h->root, service, &file, &err) < 0) {
        complain("%s", err.text);
        return EXIT_BROKEN;
    }
    int r = gate_pam_line(file.text, file.len, &line, &err);
    if (r == -ENOENT)
        complain("there is no gate to keep");
    else if (r < 0)
        complain("%s", err.text);
    else if (line.until <= h->now)
        complain("the trial has expired; turn the gate on again");
    else {
        line.until = INT64_MAX;
        return gate_turn_on(h, service, &line);
    }
    return EXIT_REFUSED;
}
