/* SPDX-License-Identifier: ISC */
#include "console/door/ask.h"

#include "policy/base/cleanup.h"
#include "console/client/calls.h"
#include "console/client/connect_known.h"
#include "console/base/option.h"
#include "console/words/instructions.h"
#include "console/base/print.h"
#include "console/words/grant.h"
#include "console/words/grant_text.h"
#include "console/door/tty.h"
#include "policy/base/timestamp.h"
#include "console/action/request_terms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_SECONDS 2

/* --- the questions --- */

/* Asks until something is typed; empty is taken where `may_be_empty`. A copy to be freed, NULL when
 * cancelled. */
static char *question(const char *prompt, bool may_be_empty)
{
    bg_free_ struct door_line *line = malloc(sizeof(*line));

    for (;;) {
        enum door_typed typed = line ? door_tty_line(prompt, line) : DOOR_CANCEL;

        if (typed != DOOR_LINE)
            return NULL;
        if (line->len > 0 || may_be_empty)
            return strdup(line->text);
    }
}

static void say_roles(const struct reply *roles, const char *host)
{
    char words[512], longest[BG_DURATION_SIZE];

    say(stdout, "What you may ask for on %s:", host);
    for (size_t i = 0; i < roles->n; i++) {
        const struct bg_role_row *role = reply_role(roles, i);

        bg_duration_format(longest, role->max_duration);
        say(stdout, " %2zu  %-16s %s (accounts %s, at most %s)", i + 1, role->name, role->description,
            strings_join(&role->accounts, " ", words, sizeof(words)), longest);
    }
}

static const struct bg_role_row *choose_role(const struct reply *roles)
{
    for (;;) {
        bg_free_ char *typed = question("Role (number or name): ", false);
        unsigned number;

        if (!typed)
            return NULL;
        if (option_number(typed, (unsigned)roles->n, &number))
            return reply_role(roles, number - 1);
        for (size_t i = 0; i < roles->n; i++)
            if (strcmp(reply_role(roles, i)->name, typed) == 0)
                return reply_role(roles, i);
        say(stdout, "There is no role of that name here.");
    }
}

static int choose_duration(const struct bg_role_row *role, int64_t *duration)
{
    int64_t most = role->max_duration;
    char longest[BG_DURATION_SIZE], prompt[96];

    bg_duration_format(longest, most);
    (void)snprintf(prompt, sizeof(prompt), "For how long (such as 20m; Enter: %s): ", longest);
    for (;;) {
        bg_free_ char *typed = question(prompt, true);

        if (!typed)
            return -ECANCELED;
        *duration = most;
        if (!*typed)
            return 0;
        if (bg_duration_parse(duration, typed) < 0)
            say(stdout, "Write 90s, 30m or 1h.");
        else if (*duration > most)
            say(stdout, "At most %s.", longest);
        else
            return 0;
    }
}

static void say_what_happens(const struct bg_role_row *role, int64_t duration)
{
    char length[BG_DURATION_SIZE];

    bg_duration_format(length, duration);
    if (role->solo) {
        say(stdout,
            "Nobody else must agree, so you must sign it with your own key: no host signs it for you.");
        say(stdout, "After the reason stands here what to type on your own machine. Then you have %s.",
            length);
        return;
    }
    for (size_t i = 0; i < role->who.n; i++)
        say(stdout, "Must agree: %s", role->who.v[i]);
    say(stdout, "Then you have %s.", length);
}

static int fill(struct request_terms *wish, const struct reply *roles, const struct bg_role_row **chosen,
                char **reason, char **ticket)
{
    const struct bg_role_row *role = *chosen = choose_role(roles);
    int r = role ? choose_duration(role, &wish->duration) : -ECANCELED;

    if (r < 0)
        return r;
    wish->role = role->name;
    say_what_happens(role, wish->duration);
    *reason = question("Reason (everyone who reads the journal sees this): ", false);
    *ticket = *reason ? question("Ticket (Enter: none): ", true) : NULL;
    if (!*ticket)
        return -ECANCELED;
    wish->reason = *reason;
    wish->ticket = **ticket ? *ticket : NULL;
    return 0;
}

static void say_asked(const struct bg_grant_row *row, const char *host)
{
    const struct bg_list here = {.v = (char **)(uintptr_t)&host, .n = 1};
    bg_free_ char *verb = instructions_verb("approve", row->id, &here);
    bg_free_ char *stock = instructions_stock("approve", row->id, host, &here, "KEY");
    char id[64];

    (void)show_id(id, row->id);
    say(stdout, " ");
    say(stdout, "      %s", id);
    say(stdout, " ");
    show_missing(stdout, row);
    say(stdout, "A message to send them:");
    say(stdout, "    %s needs %s on %s: %s %s", row->person, row->role, host, row->reason, row->ticket);
    if (verb)
        say_block(stdout, "    ", verb);
    say(stdout, "  or, with nothing installed:");
    if (stock)
        say_block(stdout, "    ", stock);
}

static int send(struct calls *fan, struct request_terms *wish, char id[BG_ID_SIZE])
{
    struct calls_link *link = &fan->link[0];
    struct bg_draft_row draft = request_terms_draft(wish);
    const struct bg_grant_row *row;

    draft.hosts = (struct bg_strings){&link->is.who->host, 1};
    calls_call(fan, NULL, &(struct call_args){BG_METHOD_ASK, .draft = &draft});
    row = reply_grant(calls_reply(link), 0);
    if (!row || !bg_is_id(row->id)) {
        (void)calls_status(fan, 0);
        return -ECANCELED;
    }
    memcpy(id, row->id, BG_ID_SIZE);
    say_asked(row, link->is.who->host);
    return 0;
}

/* A request that no host signs is signed where the key is. */
static void say_elsewhere(struct request_terms *wish, const char *host)
{
    bg_free_ char *stock = NULL, *verb = NULL;
    char *here = (char *)(uintptr_t)host;

    wish->hosts = (struct bg_list){.v = &here, .n = 1};
    stock = request_terms_stock(wish);
    verb = request_terms_verb(wish);
    wish->hosts = (struct bg_list){0};
    say(stdout, "Nothing is asked for yet. On your own machine, with nothing but OpenSSH:");
    say_block(stdout, "    ", stock ? stock : "");
    say(stdout, "  or, with breakglass installed there:");
    say(stdout, "    %s", verb ? verb : "");
}

static int ask(struct calls *fan, char id[BG_ID_SIZE])
{
    struct calls_link *link = &fan->link[0];
    bg_free_ char *reason = NULL, *ticket = NULL;
    reply_ struct reply *roles = NULL;
    const struct bg_role_row *role = NULL;
    struct request_terms wish = {0};
    int r;

    calls_call(fan, NULL, &(struct call_args){.method = BG_METHOD_ROLES});
    if (!calls_reply(link)) {
        (void)calls_status(fan, 0);
        return -ECANCELED;
    }
    roles = reply_ref(link->reply);
    if (roles->n == 0) {
        say(stdout, "No role of this host's policy names you as one who may ask.");
        return -ECANCELED;
    }
    say_roles(roles, calls_label(link));
    r = fill(&wish, roles, &role, &reason, &ticket);
    if (r < 0) {
        say(stdout, "Nothing was asked for.");
        return r;
    }
    if (role->solo) {
        say_elsewhere(&wish, link->is.who->host);
        return -ECANCELED;
    }
    return send(fan, &wish, id);
}

int door_ask(char id[BG_ID_SIZE])
{
    struct bg_list none = {0};
    struct calls fan = {0};
    int r = connect_known(&fan, &none) == EXIT_DONE ? ask(&fan, id) : -ECANCELED;

    calls_close(&fan);
    return r;
}

/* --- waiting --- */

static void say_open(struct calls *fan, const struct bg_grant_row *grant)
{
    char until[SHOW_LEFT_SIZE];

    say(stdout, "Open until %s UTC.", show_clock(until, grant->ends, bg_now()));
    for (size_t i = 0; i < grant->accounts.n; i++)
        say(stdout, "Open. Type: ssh %s@%s", grant->accounts.v[i], calls_label(&fan->link[0]));
    putchar('\a');
}

/* One look. False when there is nothing more to wait for. `said` keeps what was said last, so that only news
 * is said. */
static bool look(const char *id, char said[1024])
{
    struct bg_list none = {0};
    struct calls fan = {0};
    const struct bg_grant_row *grant = NULL;
    char since[SHOW_LEFT_SIZE];
    bool pending = false;

    if (connect_known(&fan, &none) == EXIT_DONE)
        calls_call(&fan, NULL, &(struct call_args){BG_METHOD_SHOW, .text = {id}});
    if (fan.n)
        grant = reply_grant(calls_reply(&fan.link[0]), 0);
    if (!grant)
        (void)calls_status(&fan, 0);
    else if (strcmp(grant->state, "open") == 0)
        say_open(&fan, grant);
    else {
        pending = strcmp(grant->state, "pending") == 0 || strcmp(grant->state, "early") == 0;
        if (strcmp(said, grant->sentence) != 0) {
            (void)snprintf(said, 1024, "%s", grant->sentence);
            say(stdout, "%s since %s UTC", pending ? "Waiting" : "Asked",
                show_clock(since, grant->requested, bg_now()));
            say_folded(stdout, "  ", 76, said);
            show_missing(stdout, grant);
        }
    }
    calls_close(&fan);
    return pending;
}

void door_wait(const char *id)
{
    char said[1024] = "";

    if (!look(id, said))
        return;
    say(stdout, "(any key stops waiting; the request stays)");
    while (!door_tty_key(LOOK_SECONDS))
        if (!look(id, said))
            return;
}
