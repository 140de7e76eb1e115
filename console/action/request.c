/* SPDX-License-Identifier: ISC */
/* A request, line by line: drafted, checked and signed here, or signed by each host; then what happens next.
 */
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

static void say_message(const struct calls *fan, const struct bg_grant_row *grant)
{
    struct bg_list words bg_cleanup_(bg_list_free) = {0};
    bg_free_ char *text = NULL;

    for (size_t i = 0; i < grant->hosts.n; i++) {
        const char *word = word_for(fan, grant->hosts.v[i]);

        if (bg_list_add(&words, word, strlen(word)) < 0)
            return;
    }
    text = instructions_message(grant, &words, words.n ? words.v[0] : "HOST");
    say(stdout, "A message to send them:");
    say_block(stdout, "    ", text ? text : "");
}

/* Who can approve, what to send them, and what to type once it is open. */
static void say_next(struct calls *fan, struct calls_link *link, const char *id)
{
    const struct bg_grant_row *grant;
    char shown[BG_ID_SHOWN_SIZE];

    bg_id_show(shown, id);
    say_large(shown);
    calls_call(fan, link, &(struct call_args){BG_METHOD_SHOW, .text = {id}});
    grant = reply_grant(calls_reply(link), 0);
    if (!grant || strcmp(grant->id, id) != 0)
        return;
    if (strcmp(grant->state, "pending") == 0) {
        show_missing(stdout, grant);
        say_message(fan, grant);
    } else
        say_folded(stdout, "", 78, grant->sentence);
    say(stdout, "See how it stands: breakglass show %s -H %s", shown,
        link->host ? link->host : calls_label(link));
    for (size_t i = 0; i < grant->hosts.n && grant->accounts.n; i++)
        say(stdout, "Once it is open:   ssh %s@%s", grant->accounts.v[0], grant->hosts.v[i]);
}

/* --- signed by the person --- */

static int draft(struct calls *fan, struct calls_link *link, const struct request_terms *terms,
                 struct bg_statement *st)
{
    struct bg_draft_row params = request_terms_draft(terms);
    struct bg_sentence err = {0};

    calls_call(fan, link,
               &(struct call_args){BG_METHOD_DRAFT, .text = {bg_kind_name(BG_REQUEST)}, .draft = &params});
    if (!calls_reply(link)) {
        complain("%s: %s", calls_label(link), link->error.text);
        return link->state == FAN_REFUSED ? EXIT_REFUSED : EXIT_BROKEN;
    }
    if (request_terms_match(terms, terms->by, bg_now(), link->reply->text, st, &err) < 0) {
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

/* Of the first host that has it now. */
static void say_next_of(struct calls *fan, const struct bg_statement *st)
{
    struct calls_link *link = fan->link, *end = fan->link + fan->n;
    char id[BG_ID_SIZE];

    while (link < end && !deliver_taken(link))
        link++;
    if (link == end)
        return;
    bg_id_from_digest(id, st->digest);
    say_next(fan, link, id);
}

int request_signed(struct calls *fan, struct request_terms *terms, const char *identity)
{
    bg_cleanup_(bg_statement_free) struct bg_statement st = {0};
    struct calls_link *drafter = connect_first(fan);
    int status;

    terms->by = request_person(fan, terms->by);
    if (!terms->by || !drafter)
        return EXIT_REFUSED;
    status = draft(fan, drafter, terms, &st);
    if (status != EXIT_DONE)
        return status;
    show_request(stdout, &st);
    status = sign_and_put(fan, drafter, &st, identity);
    say_next_of(fan, &st);
    return status;
}

/* --- signed by each host --- */

/* The request that the link has signed, or NULL. */
static const struct bg_grant_row *signed_at(const struct calls_link *link)
{
    const struct bg_grant_row *grant = reply_grant(calls_reply(link), 0);

    return grant && bg_is_id(grant->id) ? grant : NULL;
}

int request_host_signed(struct calls *fan, const struct request_terms *terms, char id[BG_ID_SIZE])
{
    struct calls_link *first = NULL;
    size_t requests = 0;
    int status;

    for (size_t i = 0; i < fan->n; i++) {
        struct calls_link *link = &fan->link[i];
        struct bg_draft_row row = request_terms_ask(terms, &link->is.who->host);

        if (link->state != FAN_UNREACHABLE)
            calls_ask(link, &(struct call_args){BG_METHOD_ASK, .draft = &row});
    }
    calls_wait(fan);
    for (size_t i = 0; i < fan->n; i++) {
        const struct bg_grant_row *grant = signed_at(&fan->link[i]);

        if (grant && requests++ == 0) {
            first = &fan->link[i];
            memcpy(id, grant->id, BG_ID_SIZE);
        }
    }
    for (size_t i = 0; i < fan->n && requests > 1; i++) {
        const struct bg_grant_row *grant = signed_at(&fan->link[i]);

        if (grant)
            say(stdout, "%s: %s", calls_label(&fan->link[i]), grant->sentence);
    }
    if (requests > 1)
        say(stdout, "%s", REQUEST_EACH_ITS_OWN);
    status = calls_status(fan, 0);
    if (requests == 1)
        say_next(fan, first, id);
    return status;
}
