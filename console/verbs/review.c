/* SPDX-License-Identifier: ISC */
/* breakglass review: show what was done with a grant, ask, sign, bring it to the hosts; or list what waits.
 */
#include "console/action/request.h"
#include "console/base/confirm.h"
#include "console/action/transfer.h"
#include "console/client/grants.h"
#include "console/action/compose.h"
#include "console/action/fetch.h"
#include "console/action/deliver.h"
#include "console/client/connect_known.h"
#include "console/client/log_rows.h"
#include "console/base/option.h"
#include "console/client/reviews.h"
#include "console/base/print.h"
#include "console/words/grant.h"
#include "console/action/sign.h"
#include "console/verbs/verbs.h"
#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct reviewing {
    struct bg_list named, words; /* -H; the ID */
    const char *identity, *by, *verdict, *note;
    bool yes, json;
};

/* --- what was done --- */

/* 0, or -EBUSY with the sentence of a host on which the grant waits or is open. */
static int check_over(const struct calls *fan, const char *id, struct bg_sentence *err)
{
    char shown[64];

    for (size_t i = 0; i < fan->n; i++) {
        const struct bg_grant_row *grant = reply_grant(calls_reply(&fan->link[i]), 0);

        if (grant && grants_lives(grant))
            return bg_fail(err, -EBUSY, "%s: %s is not over yet, so there is nothing to review: %s",
                           calls_label(&fan->link[i]), show_id(shown, id), grant->sentence);
    }
    return 0;
}

static void show_events(struct calls *fan, struct calls_link *link, const struct log_filter *filter)
{
    struct log_rows rows bg_cleanup_(log_rows_free) = {0};

    if (log_rows_remote(fan, link, filter, &rows) < 0)
        say(stdout, "%s: its journal was not shown: %s", calls_label(link), link->error.text);
    else if (rows.n == 0)
        say(stdout, "%s: its journal has nothing on it that you may see", calls_label(link));
    for (size_t i = 0; i < rows.n; i++)
        show_event(stdout, fan->n > 1 ? calls_label(link) : NULL, rows.v[i]);
}

/* The grant in full, and the events of every host that knows it. 0, or -EBUSY as above. */
static int show_done(const struct reviewing *v, struct calls *fan, const struct bg_statement *request,
                     struct bg_sentence *err)
{
    char id[BG_ID_SIZE];
    /* A host's clock may be up to a day behind; further back its journal need not be read. */
    struct log_filter filter = {.grant = id, .since = request->time - 86400};
    int over;

    bg_id_from_digest(id, request->digest);
    do_show_in_full(fan, id);
    over = check_over(fan, id, err); /* now: the journals' answers take the place of these */
    for (size_t i = 0; i < fan->n; i++)
        if (fan->link[i].state == FAN_DONE)
            show_events(fan, &fan->link[i], &filter);
        else if (v->named.n)
            complain("%s: %s", calls_label(&fan->link[i]), fan->link[i].error.text);
    return over;
}

/* --- the verdict --- */

/* The hosts judge who may review; this saves a signature that none of them would take. */
static bool took_part(const struct fetched *f, const char *person)
{
    if (strcmp(f->request.by, person) == 0) {
        complain("%s asked for this; another person must review it", person);
        return true;
    }
    for (size_t i = 1; i < f->items.n; i++) {
        struct bg_statement st = {0};
        bool agreed = bg_statement_parse(&st, f->items.v[i].text, f->items.v[i].len, NULL) >= 0 &&
                      st.kind == BG_APPROVE && strcmp(st.by, person) == 0;

        bg_statement_free(&st);
        if (!agreed)
            continue;
        complain("%s approved this; another person must review it", person);
        return true;
    }
    return false;
}

static bool stands_by_it(const struct reviewing *v, const char *person)
{
    say(stdout, "%s's verdict: %s%s%s", person, v->verdict, v->note ? ": " : "", v->note ? v->note : "");
    if (v->yes || confirm("Sign it?", "yes"))
        return true;
    complain("nothing was signed");
    return false;
}

static int sign_review(const struct reviewing *v, const struct fetched *f, const char *person,
                       struct bg_bundle_item *item)
{
    struct bg_statement st = {0};
    struct bg_sentence err = {0};
    int r = compose_review(&st, &f->request, person, strcmp(v->verdict, "flag") == 0, v->note, &err);

    if (r >= 0)
        r = sign_statement(&st, v->identity, &f->from->is.who->keys, item, &err);
    bg_statement_free(&st);
    if (r < 0)
        complain("%s", err.text);
    return r;
}

/* A host that was not reached goes on waiting; the review need not be signed again for it. */
static int push_review(const struct reviewing *v, struct calls *fan, const struct fetched *f,
                       const struct bg_bundle_item *item)
{
    struct outcomes pushed = {0};
    int status = deliver(fan, &v->named, &f->request, item, 0, &pushed);
    char id[BG_ID_SIZE], shown[64];

    bg_id_from_digest(id, f->request.digest);
    if (pushed.taken && pushed.missed)
        complain("for hosts that were not reached, later: breakglass get %s -H %s | breakglass put -H HOST",
                 show_id(shown, id), f->from->host ? f->from->host : calls_label(f->from));
    return status;
}

static int review_fetched(const struct reviewing *v, struct calls *fan, const struct fetched *f)
{
    const char *person = v->verdict ? request_person(fan, v->by) : NULL;
    struct bg_bundle_item item = {0};
    struct bg_sentence err = {0};
    int status;

    if (v->verdict && (!person || took_part(f, person)))
        return EXIT_REFUSED;
    if (show_done(v, fan, &f->request, &err) < 0) {
        complain("%s", err.text);
        return EXIT_REFUSED;
    }
    if (!v->verdict) {
        say(stdout, "What do you say? The same again, with --verdict ok, or --verdict flag --note TEXT.");
        return EXIT_DONE;
    }
    if (!stands_by_it(v, person) || sign_review(v, f, person, &item) < 0)
        return EXIT_REFUSED;
    status = push_review(v, fan, f, &item);
    free(item.text);
    return status;
}

static int review_id(const struct reviewing *v, struct calls *fan)
{
    struct fetched f = {0};
    struct bg_sentence err = {0};
    int status, r = v->verdict ? sign_allowed(&err) : 0;

    if (r >= 0)
        r = fetch(fan, v->words.v[0], &f, &err);
    if (r < 0) {
        complain("%s", err.text);
        return r == -EHOSTUNREACH ? EXIT_BROKEN : EXIT_REFUSED;
    }
    status = review_fetched(v, fan, &f);
    fetched_free(&f);
    return status;
}

/* --- what waits --- */

/* The archive too: what is overdue may have been put there to make room. */
static int list_waiting(const struct reviewing *v, struct calls *fan)
{
    struct grant_rows waiting bg_cleanup_(grant_rows_free) = {0};
    const struct calls_link *first = connect_first(fan);
    const char *person = v->by ? v->by : first ? first->is.who->person : "";
    int64_t now = bg_now();

    if (grants_fetch(fan, "all", &waiting) < 0 || reviews_waiting(&waiting) < 0)
        return EXIT_BROKEN;
    if (v->json)
        grants_print_json(fan, &waiting, true, now);
    else if (first)
        show_reviews(stdout, &waiting, person, now);
    return calls_status(fan, 0);
}

/* --- the words --- */

static int check_words(const struct reviewing *v, struct bg_sentence *err)
{
    if (v->words.n > 1)
        return bg_fail(err, -EINVAL, "one grant at a time");
    if (v->by && !bg_is_person(v->by))
        return bg_fail(err, -EINVAL, "--as %s: no person's name", v->by);
    if (v->words.n && v->json)
        return bg_fail(err, -EINVAL, "--json is for the list, without an ID");
    if (!v->words.n && (v->verdict || v->note || v->yes || v->identity))
        return bg_fail(err, -EINVAL, "which grant? give its ID");
    if (v->verdict && strcmp(v->verdict, "ok") != 0 && strcmp(v->verdict, "flag") != 0)
        return bg_fail(err, -EINVAL, "--verdict %s: it is ok or flag", v->verdict);
    if (v->verdict && strcmp(v->verdict, "flag") == 0 && !v->note)
        return bg_fail(err, -EINVAL, "a flag says why: add --note TEXT");
    if (!v->verdict && (v->note || v->yes))
        return bg_fail(err, -EINVAL, "a review has a verdict: --verdict ok or --verdict flag");
    return 0;
}

int verb_review(int argc, char **argv)
{
    struct reviewing v = {0};
    struct bg_sentence err = {0};
    struct calls fan = {0};
    const struct option_spec specs[] = {
        {.name = "at", .letter = 'H', .list = &v.named},
        {.name = "verdict", .value = &v.verdict},
        {.name = "note", .value = &v.note},
        {.name = "identity", .value = &v.identity},
        {.name = "as", .value = &v.by},
        {.name = "yes", .flag = &v.yes},
        {.name = "json", .flag = &v.json},
        {0},
    };
    int status;

    if (options_parse(specs, argc, argv, &v.words, &err) < 0 || check_words(&v, &err) < 0)
        status = verb_usage(argv[0], "%s", err.text);
    else
        status = connect_hosts(&fan, &v.named);
    if (status == EXIT_DONE)
        status = v.words.n ? review_id(&v, &fan) : list_waiting(&v, &fan);
    calls_close(&fan);
    bg_list_free(&v.named);
    bg_list_free(&v.words);
    return status;
}
