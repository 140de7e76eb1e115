/* SPDX-License-Identifier: ISC */
/* Requesting and waiting at the plain form: one question a line, and the host signs. */
#include "console/door/door.h"

#include "console/action/request.h"
#include "console/base/option.h"
#include "console/base/print.h"
#include "console/client/connect_known.h"
#include "console/door/tty.h"
#include "console/words/grant.h"
#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_SECONDS 2
#define WORDS_SIZE 512
#define PROMPT_SIZE 96

/* --- the questions --- */

struct form {
    struct request_terms terms;
    const struct bg_role_row *role;
    char *typed[REQUEST_FIELDS];
};

/* What is typed, to be freed; NULL when cancelled. */
static char *question(const char *prompt)
{
    bg_free_ struct door_line *line = malloc(sizeof *line);

    return line && door_tty_line(prompt, line) == DOOR_LINE ? strdup(line->text) : NULL;
}

/* Asks until the field is right. */
static int fill(struct form *form, enum request_field field, const char **text, const char *prompt)
{
    struct bg_sentence err = {0};
    enum request_field bad;

    for (;;) {
        free(form->typed[field]);
        *text = form->typed[field] = question(prompt);
        if (!*text)
            return -ECANCELED;
        if (request_terms_check(&form->terms, form->role, &bad, &err) >= 0 || bad > field)
            return 0;
        say(stdout, "%s", err.text);
    }
}

static void say_roles(const struct reply *roles, const char *host)
{
    char words[WORDS_SIZE], longest[BG_DURATION_SIZE];

    say(stdout, "What you may request on %s:", host);
    for (size_t i = 0; i < roles->n; i++) {
        const struct bg_role_row *role = reply_role(roles, i);

        bg_duration_format(longest, role->max_duration);
        say(stdout, " %2zu  %-16s %s (accounts %s, at most %s)", i + 1, role->name, role->description,
            strings_join(&role->accounts, " ", words, sizeof words), longest);
    }
}

static const struct bg_role_row *choose_role(const struct reply *roles)
{
    for (;;) {
        bg_free_ char *typed = question("Role (number or name): ");
        unsigned number;

        if (!typed)
            return NULL;
        if (option_number(typed, (unsigned)roles->n, &number))
            return reply_role(roles, number - 1);
        for (size_t i = 0; i < roles->n; i++)
            if (strcmp(reply_role(roles, i)->name, typed) == 0)
                return reply_role(roles, i);
        say(stdout, "there is no role of that name here");
    }
}

static int fill_all(struct form *form, const struct reply *roles, const char *host)
{
    char longest[BG_DURATION_SIZE], prompt[PROMPT_SIZE];
    bg_free_ char *next = NULL;

    form->role = choose_role(roles);
    if (!form->role || bg_list_add(&form->terms.hosts, host, strlen(host)) < 0)
        return -ECANCELED;
    form->terms.role = form->role->name;
    bg_duration_format(longest, form->role->max_duration);
    (void)snprintf(prompt, sizeof prompt, "For how long (such as 20m; Enter: %s): ", longest);
    if (fill(form, REQUEST_DURATION, &form->terms.duration_text, prompt) < 0)
        return -ECANCELED;
    next = request_next(form->role, form->terms.duration);
    say_folded(stdout, "", 78, form->role->solo ? REQUEST_SIGN_YOURSELF : next ? next : "");
    if (fill(form, REQUEST_REASON, &form->terms.reason,
             "Reason (everyone who reads the journal sees this): ") < 0)
        return -ECANCELED;
    return fill(form, REQUEST_TICKET, &form->terms.ticket, "Ticket (Enter: none): ");
}

/* A request that no host signs is signed where the key is. */
static void say_elsewhere(const struct request_terms *terms)
{
    bg_free_ char *stock = request_terms_stock(terms), *verb = request_terms_verb(terms);

    say(stdout, "Nothing is requested yet. On your own machine, with nothing but OpenSSH:");
    say_block(stdout, "    ", stock ? stock : "");
    say(stdout, "  or, with breakglass installed there:");
    say(stdout, "    %s", verb ? verb : "");
}

static void request(struct calls *fan, char id[BG_ID_SIZE])
{
    const struct calls_link *link = &fan->link[0];
    reply_ struct reply *roles = NULL;
    struct form form = {0};

    calls_call(fan, NULL, &(struct call_args){.method = BG_METHOD_ROLES});
    roles = reply_ref(calls_reply(link));
    if (!roles) {
        (void)calls_status(fan, 0);
        return;
    }
    if (roles->n == 0) {
        say(stdout, "no role on this host names you as a requester");
        return;
    }
    say_roles(roles, calls_label(link));
    if (fill_all(&form, roles, link->is.who->host) < 0)
        say(stdout, "Nothing was requested.");
    else if (form.role->solo)
        say_elsewhere(&form.terms);
    else
        (void)request_host_signed(fan, &form.terms, id);
    request_terms_free(&form.terms);
    for (size_t i = 0; i < REQUEST_FIELDS; i++)
        free(form.typed[i]);
}

void door_request(char last[BG_ID_SIZE])
{
    const struct bg_list none = {0};
    struct calls fan = {0};
    char id[BG_ID_SIZE] = "";

    if (connect_known(&fan, &none) == EXIT_DONE)
        request(&fan, id);
    calls_close(&fan);
    if (!*id)
        return;
    memcpy(last, id, sizeof id);
    door_wait(id);
}

/* --- waiting --- */

/* One look. False when there is nothing more to wait for. `said` is what was said last: only news is said. */
static bool look(const char *id, char said[BG_SENTENCE_SIZE])
{
    const struct bg_list none = {0};
    struct calls fan = {0};
    const struct bg_grant_row *grant = NULL;
    bool waits = false, open;

    if (connect_known(&fan, &none) == EXIT_DONE) {
        calls_call(&fan, NULL, &(struct call_args){BG_METHOD_SHOW, .text = {id}});
        (void)calls_status(&fan, 0);
        grant = reply_grant(calls_reply(&fan.link[0]), 0);
    }
    if (grant) {
        open = strcmp(grant->state, "open") == 0;
        waits = strcmp(grant->state, "pending") == 0 || strcmp(grant->state, "early") == 0;
        if (strcmp(said, grant->sentence) != 0)
            say_folded(stdout, "", 78, grant->sentence);
        (void)snprintf(said, BG_SENTENCE_SIZE, "%s", grant->sentence);
        for (size_t i = 0; open && i < grant->accounts.n; i++)
            say(stdout, "Open. Type: ssh %s@%s", grant->accounts.v[i], calls_label(&fan.link[0]));
        if (open)
            putchar('\a');
    }
    calls_close(&fan);
    return waits;
}

void door_wait(const char *id)
{
    char said[BG_SENTENCE_SIZE] = "";

    if (!look(id, said))
        return;
    say(stdout, "Waiting (any key stops that; the request stays)");
    while (!door_tty_key(LOOK_SECONDS))
        if (!look(id, said))
            return;
}
