/* SPDX-License-Identifier: ISC */
#include "console/action/request.h"

#include "policy/base/cleanup.h"
#include "console/action/deliver.h"
#include "console/client/connect_known.h"
#include "console/words/instructions.h"
#include "console/base/print.h"
#include "console/words/grant.h"
#include "console/words/grant_text.h"
#include "console/action/sign.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *request_person(struct calls *fan, const char *by)
{
    const char *person = by;

    for (size_t i = 0; i < fan->n && (!person || !*person); i++)
        person = fan->link[i].is.who->person;
    if (!person || !*person) {
        complain("no host here knows who you are; say so with --as PERSON (the signature proves it)");
        return NULL;
    }
    for (size_t i = 0; i < fan->n; i++) {
        const char *other = fan->link[i].is.who->person;

        if (*other && strcmp(other, person) != 0)
            complain("note: %s knows you as %s, not as %s", calls_label(&fan->link[i]), other, person);
    }
    return person;
}

/* --- what happens next --- */

/* An ID to be read aloud over a telephone: alone, spaced, bold where the terminal can. */
static void say_large(const char *id)
{
    const char *term = getenv("TERM");
    bool bold = isatty(STDOUT_FILENO) && !getenv("NO_COLOR") && term && strcmp(term, "dumb") != 0;

    printf("\n%s      ", bold ? "\033[1m" : "");
    say(stdout, "%s", id);
    printf("%s\n", bold ? "\033[0m" : "");
}

/* The word for ssh that reached it, where one did. */
static const char *word_for(const struct calls *fan, const char *host)
{
    for (size_t i = 0; i < fan->n; i++) {
        const struct calls_link *link = &fan->link[i];

        if (link->host && instructions_word(link->host) && strcmp(calls_label(link), host) == 0)
            return link->host;
    }
    return host;
}

static void say_message(const struct calls *fan, const struct bg_statement *st, const char *id)
{
    bg_free_ char *verb = NULL, *stock = NULL;
    struct bg_list words bg_cleanup_(bg_list_free) = {0};
    char duration[BG_DURATION_SIZE];

    for (size_t i = 0; i < st->terms.hosts.n; i++) {
        const char *word = word_for(fan, st->terms.hosts.v[i]);

        if (bg_list_add(&words, word, strlen(word)) < 0)
            return;
    }
    bg_duration_format(duration, st->terms.duration);
    say(stdout, "A message to send them:");
    say(stdout, "    %s needs %s for %s: %s%s%s", st->by, st->terms.role, duration, st->terms.reason,
        st->ticket ? " " : "", st->ticket ? st->ticket : "");
    verb = instructions_verb("approve", id, &words);
    stock = instructions_stock("approve", id, words.n ? words.v[0] : "HOST", &words, "KEY");
    if (verb)
        say_block(stdout, "    ", verb);
    say(stdout, "  or, with nothing installed:");
    if (stock)
        say_block(stdout, "    ", stock);
}

static void say_next(struct calls *fan, struct calls_link *link, const struct bg_statement *st)
{
    char id[BG_ID_SIZE], shown[64];
    const struct bg_grant_row *grant;

    bg_id_from_digest(id, st->digest);
    (void)show_id(shown, id);
    say_large(shown);
    calls_call(fan, link, &(struct call_args){BG_METHOD_SHOW, .text = {id}});
    grant = reply_grant(calls_reply(link), 0);
    if (grant && strcmp(grant->state, "pending") == 0)
        show_missing(stdout, grant);
    else if (grant)
        say_folded(stdout, "", 78, grant->sentence);
    if (grant && strcmp(grant->state, "pending") == 0)
        say_message(fan, st, id);
    say(stdout, "See how it stands: breakglass show %s -H %s", shown,
        link->host ? link->host : calls_label(link));
    for (size_t i = 0; i < st->terms.hosts.n && st->terms.accounts.n; i++)
        say(stdout, "Once it is open:   ssh %s@%s", st->terms.accounts.v[0], st->terms.hosts.v[i]);
}

/* --- signed by the person --- */

static int draft(struct calls *fan, struct calls_link *link, const struct request_terms *wish,
                 const char *person, struct bg_statement *st)
{
    struct bg_draft_row params = request_terms_draft(wish);
    struct bg_sentence err = {0};

    calls_call(fan, link,
               &(struct call_args){BG_METHOD_DRAFT, .text = {bg_kind_name(BG_REQUEST)}, .draft = &params});
    if (!calls_reply(link)) {
        complain("%s: %s", calls_label(link), link->error.text);
        return link->state == FAN_REFUSED ? EXIT_REFUSED : EXIT_BROKEN;
    }
    if (request_terms_match(wish, person, bg_now(), link->reply->text, st, &err) < 0) {
        complain("%s: %s", calls_label(link), err.text);
        return EXIT_REFUSED;
    }
    return EXIT_DONE;
}

static int sign_and_put(struct calls *fan, struct calls_link *drafter, const struct bg_statement *st,
                        const char *identity)
{
    struct bg_bundle_item item = {0};
    struct outcomes all = {0};
    struct bg_sentence err = {0};
    int status;

    if (sign_statement(st, identity, &drafter->is.who->keys, &item, &err) < 0) {
        complain("%s", err.text);
        return EXIT_REFUSED;
    }
    status = deliver_item(fan, &item, 0, &all);
    free(item.text);
    return status;
}

int request_signed(struct calls *fan, struct request_terms *wish, const char *identity)
{
    struct calls_link *drafter = connect_first(fan);
    const char *person = request_person(fan, wish->by);
    struct bg_statement st = {0};
    int status;

    if (!person || !drafter)
        return EXIT_REFUSED;
    wish->by = person;
    status = draft(fan, drafter, wish, person, &st);
    if (status != EXIT_DONE)
        return status;
    show_request(stdout, &st);
    status = sign_and_put(fan, drafter, &st, identity);
    for (size_t i = 0; i < fan->n; i++)
        if (deliver_taken(&fan->link[i])) {
            say_next(fan, &fan->link[i], &st);
            break;
        }
    bg_statement_free(&st);
    return status;
}

/* --- signed by each host --- */

int request_host_signed(struct calls *fan, const struct request_terms *wish)
{
    struct bg_draft_row here = request_terms_draft(wish);

    here.by = NULL;
    for (size_t i = 0; i < fan->n; i++) {
        here.hosts = (struct bg_strings){&fan->link[i].is.who->host, 1};
        if (fan->link[i].state != FAN_UNREACHABLE && !fan->link[i].aside)
            calls_ask(&fan->link[i], &(struct call_args){BG_METHOD_ASK, .draft = &here});
    }
    calls_wait(fan);
    for (size_t i = 0; i < fan->n; i++) {
        struct calls_link *link = &fan->link[i];
        const struct bg_grant_row *row = reply_grant(calls_reply(link), 0);
        char id[64];

        if (!row)
            continue;
        say(stdout, "%s: %s  %s", calls_label(link), show_id(id, row->id), row->sentence);
        show_missing(stdout, row);
    }
    return calls_status(fan, 0);
}
