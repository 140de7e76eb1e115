/* SPDX-License-Identifier: ISC */
/* gate status: what is on, against what was turned on and what would hold. */
#include "console/gate/site.h"

#include "policy/base/cleanup.h"
#include "console/gate/pam.h"
#include "console/base/json.h"
#include "console/gate/record.h"
#include "console/base/print.h"
#include "console/gate/sshd.h"
#include "console/base/usage.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One service that calls our module, or should. */
struct row {
    const char *service;
    struct bg_gateline line;
    const char *state; /* "enforcing", "observing", "expired", "broken" */
    struct bg_sentence why;
    struct gate_findings found; /* for root */
};

static void judge(const struct gate_site *h, struct row *row, const char *text, size_t len)
{
    int r = gate_pam_line(text, len, &row->line, &row->why);

    row->state = "broken";
    if (r == -ENOENT)
        (void)bg_fail(&row->why, r, "/etc/pam.d/%s has no line of pam_breakglass.so", row->service);
    if (r < 0)
        return;
    if (strcmp(row->service, "sshd") != 0) {
        (void)bg_fail(&row->why, -1,
                      "this version cannot end its sessions, so it refuses the gated accounts there");
        return;
    }
    row->state = row->line.until <= h->now ? "expired" : row->line.observe ? "observing" : "enforcing";
    if (strcmp(row->state, "expired") != 0 && gate_site_enforces(h, row->service, &row->line, &row->why) < 0)
        row->state = "broken";
}

/* Whether the file says what was turned on. */
static bool check_record(struct row *row, const struct bg_list *lines)
{
    const char *should = gate_record_find(lines, row->service);
    bg_free_ char *is = gate_pam_call(row->service, &row->line);

    if (!should || (is && strcmp(is, should) == 0))
        return true;
    (void)bg_fail(&row->why, -1,
                  "turned on was \"%s\", and /etc/pam.d/%s differs: run breakglass gate on %s again", should,
                  row->service, row->service);
    return false;
}

/* Only root can ask sshd what it knows; for others the drop-in may say either. */
static bool names_service(const struct gate_site *h, const char *dropin)
{
    bg_free_ char *effective = NULL;

    if (geteuid() == 0 && gate_sshd_effective(BG_DOOR_ACCOUNT, h->host.name, &effective, NULL) >= 0)
        return gate_sshd_names_service(effective);
    return dropin && strstr(dropin, "\nPAMServiceName ");
}

/* Whether the drop-in is the one that this line wants. */
static bool check_dropin(const struct gate_site *h, struct row *row)
{
    bg_free_ char *is = NULL, *should = NULL;
    struct bg_sentence err;

    if (strcmp(row->service, "sshd") != 0 || strcmp(row->state, "broken") == 0)
        return true;
    int r = gate_sshd_read(&h->root, &is, &err);
    should = gate_sshd_dropin(&row->line.accounts, names_service(h, is));
    if (r >= 0 && is && should && strcmp(is, should) == 0)
        return true;
    (void)bg_fail(&row->why, -1,
                  "/" GATE_SSHD_FOLDER "/" GATE_SSHD_FILE " is %s: run breakglass gate on sshd again",
                  is ? "not the one for these accounts" : "missing");
    return false;
}

static void print_text(const struct row *row, bool good)
{
    bg_free_ char *accounts = bg_list_join(&row->line.accounts);
    char until[BG_TIME_SIZE];

    say(stdout, "%s: %s for %s", row->service, row->state, accounts && *accounts ? accounts : "nobody known");
    if (row->line.until != INT64_MAX) {
        bg_time_format(until, row->line.until);
        say(stdout, "  a trial until %s", until);
    }
    if (!good)
        say(stdout, "  %s", row->why.text);
    gate_findings_say(&row->found, strcmp(row->state, "enforcing") == 0);
}

static void print_json(struct json *j, const struct row *row, bool good)
{
    const struct bg_strings accounts = {(const char *const *)row->line.accounts.v, row->line.accounts.n};
    char until[BG_TIME_SIZE];

    json_open(j, NULL, '{');
    json_string(j, "service", row->service);
    json_strings(j, "accounts", &accounts);
    json_string(j, "state", row->state);
    if (row->line.until != INT64_MAX) {
        bg_time_format(until, row->line.until);
        json_string(j, "until", until);
    }
    const struct bg_strings problems = {(const char *const *)row->found.problems.v, row->found.problems.n};

    json_string(j, "why", good ? "" : row->why.text);
    json_strings(j, "problems", &problems);
    json_shut(j, '}');
}

static void row_free(struct row *row)
{
    gate_findings_free(&row->found);
    bg_gateline_free(&row->line);
}

/* Prints one service; json: NULL, in words. Whether all is well with it. */
static bool show_one(const struct gate_site *h, const char *service, const struct bg_list *record,
                     struct json *json)
{
    bg_cleanup_(row_free) struct row row = {.service = service, .line = {.until = INT64_MAX}};
    bg_cleanup_(gate_pam_free) struct gate_pam_file file;
    bool complete = true;

    if (gate_pam_read(&h->root, service, &file, &row.why) < 0)
        row.state = "broken";
    else
        judge(h, &row, file.text, file.len);
    bool good = strcmp(row.state, "broken") != 0 && check_dropin(h, &row) && check_record(&row, record);
    if (geteuid() == 0 && strcmp(service, "sshd") == 0)
        complete = gate_check(h, &row.line.accounts, &row.found) >= 0;
    if (json)
        print_json(json, &row, good);
    else
        print_text(&row, good);
    return good && complete && row.found.problems.n == 0;
}

/* The services that call our module, and those that should. */
static int list_services(const struct gate_site *h, struct bg_list *services, struct bg_list *record)
{
    struct bg_sentence err;
    int r = gate_pam_services(&h->root, services);

    if (r < 0) {
        complain("/etc/pam.d cannot be read: %s", strerrordesc_np(-r));
        return r;
    }
    r = gate_record_read(&h->root, record, &err);
    if (r < 0)
        complain("%s", err.text);
    for (size_t i = 0; r >= 0 && i < record->n; i++) {
        bg_free_ char *service = gate_record_service(record->v[i]);

        if (!service)
            r = -ENOMEM;
        else if (!bg_list_has(services, service))
            r = bg_list_add(services, service, strlen(service));
    }
    return r;
}

int gate_show(struct gate_site *h, bool json)
{
    struct json out = {.to = stdout};
    bg_cleanup_(bg_list_free) struct bg_list services = {0}, record = {0};
    int status = list_services(h, &services, &record) < 0 ? EXIT_BROKEN : EXIT_DONE;

    if (json)
        json_open(&out, NULL, '[');
    for (size_t i = 0; i < services.n; i++)
        if (!show_one(h, services.v[i], &record, json ? &out : NULL))
            status = status == EXIT_DONE ? EXIT_REFUSED : status;
    if (json)
        json_shut(&out, ']');
    else if (services.n == 0 && status == EXIT_DONE)
        say(stdout, "No PAM service calls the gate.");
    return status;
}
