/* SPDX-License-Identifier: ISC */
/* breakglass approve: show all of it, ask, sign, bring it to the hosts; or answer pasted tokens with tokens.
 */
#include "console/action/request.h"
#include "policy/base/cleanup.h"
#include "console/base/confirm.h"
#include "console/action/transfer.h"
#include "console/action/compose.h"
#include "console/action/fetch.h"
#include "console/action/deliver.h"
#include "console/client/connect_known.h"
#include "console/base/option.h"
#include "console/base/destination.h"
#include "console/base/print.h"
#include "console/words/grant.h"
#include "console/words/grant_text.h"
#include "console/action/sign.h"
#include "console/action/anomalies.h"
#include "console/verbs/verbs.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct approving {
    struct bg_list named, words; /* -H; the ID */
    const char *identity, *by;
    bool yes, token;
};

/* The approval of `request` by `person`, signed. */
static int sign_approval(const struct approving *a, const struct bg_statement *request, const char *person,
                         const struct bg_strings *known, struct bg_bundle_item *item)
{
    struct bg_statement st = {0};
    struct bg_sentence err = {0};
    int r = compose_approve(&st, request, person, &err);

    if (r >= 0)
        r = sign_statement(&st, a->identity, known, item, &err);
    bg_statement_free(&st);
    if (r < 0)
        complain("%s", err.text);
    return r;
}

static bool agrees(const struct approving *a, const struct bg_statement *request,
                   const struct anomalies_told *told)
{
    if (a->yes)
        return true;
    if (confirm("Agree?", anomalies_critical(told) ? request->terms.role : "yes"))
        return true;
    complain("not agreed; nothing was signed");
    return false;
}

static int own_request(const struct bg_statement *request, const char *person)
{
    if (strcmp(request->by, person) != 0)
        return EXIT_DONE;
    complain("%s asked for this; another person must agree", person);
    return EXIT_REFUSED;
}

/* --- with hosts --- */

/* Everything that the approver should see, of all hosts that answer: `told` points into the fan's answers. */
static void show_all(struct calls *fan, const struct bg_statement *request, const char *person,
                     struct anomalies_told *told)
{
    char id[BG_ID_SIZE];

    told->n = 0;
    bg_id_from_digest(id, request->digest);
    show_request(stdout, request);
    calls_call(fan, NULL, &(struct call_args){BG_METHOD_SHOW, .text = {id}});
    for (size_t i = 0; i < fan->n && told->n < ANOMALIES_HOSTS; i++)
        if (reply_grant(calls_reply(&fan->link[i]), 0))
            told->v[told->n++] = reply_grant(calls_reply(&fan->link[i]), 0);
    anomalies(stdout, request, told, person, bg_now(), 74);
    for (size_t i = 0; i < fan->n; i++)
        anomalies_clock(stdout, request, calls_label(&fan->link[i]), fan->link[i].is.ahead);
    if (told->n)
        show_missing(stdout, told->v[0]);
}

static int print_token(const struct bg_bundle_item *request, const struct bg_bundle_item *approval)
{
    const struct bg_bundle_item pair[2] = {*request, *approval};
    bg_free_ char *token = NULL;

    if (bg_token_make(&token, pair, 2) < 0)
        return EXIT_BROKEN;
    say_block(stdout, "", token);
    return EXIT_DONE;
}

static int push_approval(const struct approving *a, struct calls *fan, struct fetched *f,
                         const struct bg_bundle_item *approval)
{
    struct outcomes pushed = {0};
    int status = deliver(fan, &a->named, &f->request, approval, 0, &pushed);

    if (pushed.missed || a->token) {
        if (pushed.missed)
            complain("for the hosts that were not reached, send %s this token:", f->request.by);
        (void)print_token(&f->items.v[0], approval);
    }
    return status;
}

static int approve_fetched(const struct approving *a, struct calls *fan, struct fetched *f)
{
    const char *person = request_person(fan, a->by);
    struct bg_bundle_item approval = {0};
    struct anomalies_told told;
    int status = person ? own_request(&f->request, person) : EXIT_REFUSED;

    if (status != EXIT_DONE)
        return status;
    show_all(fan, &f->request, person, &told);
    if (!agrees(a, &f->request, &told))
        return EXIT_REFUSED;
    if (sign_approval(a, &f->request, person, &f->from->is.who->keys, &approval) < 0)
        return EXIT_REFUSED;
    status = push_approval(a, fan, f, &approval);
    free(approval.text);
    return status;
}

static int approve_id(const struct approving *a)
{
    struct fetched f = {0};
    struct calls fan = {0};
    struct bg_sentence err = {0};
    int status, r;

    if (sign_allowed(&err) < 0) {
        complain("%s", err.text);
        return EXIT_REFUSED;
    }
    status = connect_hosts(&fan, &a->named);
    if (status == EXIT_DONE) {
        r = fetch(&fan, a->words.v[0], &f, &err);
        if (r < 0) {
            complain("%s", err.text);
            status = r == -EHOSTUNREACH ? EXIT_BROKEN : EXIT_REFUSED;
        } else
            status = approve_fetched(a, &fan, &f);
    }
    fetched_free(&f);
    calls_close(&fan);
    return status;
}

/* --- pasted --- */

/* Our name, where no host is there to say it: --as, or the name of the account, which is shown before it is
 * signed. */
static const char *own_name(const struct approving *a)
{
    const char *name = a->by ? a->by : destination_account();

    if (!name)
        complain("who are you? say so with --as PERSON (the signature proves it)");
    return name;
}

/* Everything for people goes to standard error: standard output is the token, to be piped or copied. */
static int answer(const struct approving *a, const struct bg_bundle_item *item,
                  const struct bg_statement *request, const char *person)
{
    const struct anomalies_told told = {0}; /* no host is there to say anything */
    struct bg_bundle_item approval = {0};
    int status = own_request(request, person);

    if (status != EXIT_DONE)
        return status;
    show_request(stderr, request);
    anomalies(stderr, request, &told, person, bg_now(), 74);
    say(stderr, "  to be signed as %s; whether %s's signature on the request is good, the hosts will judge",
        person, request->by);
    if (!agrees(a, request, &told))
        return EXIT_REFUSED;
    if (sign_approval(a, request, person, NULL, &approval) < 0)
        return EXIT_REFUSED;
    status = print_token(item, &approval);
    free(approval.text);
    return status;
}

static int answer_all(const struct approving *a, const struct bg_bundle *items, const char *person)
{
    int status = EXIT_DONE;
    size_t requests = 0;

    for (size_t i = 0; i < items->n_damaged; i++) {
        complain("%s", items->damaged[i].text);
        status = EXIT_REFUSED;
    }
    for (size_t i = 0; i < items->n; i++) {
        struct bg_statement st = {0};
        struct bg_sentence err = {0};
        int one = EXIT_DONE;

        if (bg_statement_parse(&st, items->v[i].text, items->v[i].len, &err) < 0) {
            complain("%s", err.text);
            one = EXIT_REFUSED;
        } else if (st.kind == BG_REQUEST) {
            requests++;
            one = answer(a, &items->v[i], &st, person);
        }
        bg_statement_free(&st);
        status = status ? status : one;
    }
    if (requests == 0 && status == EXIT_DONE) {
        complain("there is no request in what was pasted");
        status = EXIT_REFUSED;
    }
    return status;
}

static int approve_pasted(const struct approving *a)
{
    const char *person = own_name(a);
    bg_free_ char *input = NULL;
    struct bg_bundle items = {0};
    struct bg_sentence err = {0};
    size_t len = 0;
    int status;

    if (!person)
        return EXIT_USAGE;
    if (isatty(STDIN_FILENO))
        say(stderr, "Paste what you were sent, then press Ctrl-D on a line of its own:");
    if (read_input(NULL, &input, &len, &err) < 0 || sign_allowed(&err) < 0 ||
        bg_bundle_parse(&items, input, len, &err) < 0) {
        complain("%s", err.text);
        return EXIT_REFUSED;
    }
    status = answer_all(a, &items, person);
    bg_bundle_free(&items);
    return status;
}

int verb_approve(int argc, char **argv)
{
    struct approving a = {0};
    struct bg_sentence err = {0};
    const struct option_spec specs[] = {
        {.name = "at", .letter = 'H', .list = &a.named},
        {.name = "identity", .value = &a.identity},
        {.name = "as", .value = &a.by},
        {.name = "yes", .flag = &a.yes},
        {.name = "token", .flag = &a.token},
        {0},
    };
    int status;

    if (options_parse(specs, argc, argv, &a.words, &err) < 0)
        status = verb_usage(argv[0], "%s", err.text);
    else if (a.words.n > 1)
        status = verb_usage(argv[0], "one grant at a time");
    else if (a.by && !bg_is_person(a.by))
        status = verb_usage(argv[0], "--as %s: no person's name", a.by);
    else if (a.words.n == 0 && a.named.n)
        status = verb_usage(
            argv[0],
            "which grant? say: approve ID -H HOST (without an ID tokens are pasted, and no host is asked)");
    else
        status = a.words.n ? approve_id(&a) : approve_pasted(&a);
    bg_list_free(&a.named);
    bg_list_free(&a.words);
    return status;
}
