/* SPDX-License-Identifier: ISC */
/* breakglass review: shows what was done with a grant and signs a verdict on it; or lists what waits for one.
 */
#include "console/action/sign.h"
#include "console/base/exit_status.h"
#include "console/base/print.h"
#include "console/client/connect_known.h"
#include "console/client/grants.h"
#include "console/client/log_rows.h"
#include "console/verbs/answering.h"
#include "console/verbs/verbs.h"
#include "console/words/grant.h"
#include "console/words/grant_text.h"
#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <string.h>

/* --- what was done --- */

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

/* The grant in full, and the events of every host that knows it. */
static void show(struct answering *v)
{
    struct calls *fan = &v->hosts;
    /* A host's clock may be up to a day behind; further back its journal need not be read. */
    struct log_filter filter = {.grant = v->id, .since = v->answer.request->time - 86400};
    const char *note = v->answer.text;

    show_grant(stdout, fan);
    for (size_t i = 0; i < fan->n; i++)
        if (fan->link[i].state == FAN_DONE)
            show_events(fan, &fan->link[i], &filter);
        else if (v->named.n)
            complain("%s: %s", calls_label(&fan->link[i]), fan->link[i].error.text);
    if (v->verdict)
        say(stdout, "%s's verdict: %s%s%s", v->answer.person, v->verdict, note ? ": " : "", note ? note : "");
    else
        say(stdout, "To review it, add --verdict ok, or --verdict flag --note TEXT.");
}

/* A host that was not reached goes on waiting; the review need not be signed again for it. */
static void after(struct answering *v)
{
    const struct calls_link *from = v->fetched.from;

    if (v->outcomes.taken && v->outcomes.missed)
        complain("for hosts that were not reached, later: breakglass get %s -H %s | breakglass put -H HOST",
                 v->shown, from->host ? from->host : calls_label(from));
}

static int review(struct answering *v)
{
    struct bg_sentence err = {0};

    if (!v->verdict)
        return answering_look(v, v->words.v[0]);
    if (sign_allowed(&err) >= 0)
        return answering_one(v, v->words.v[0]);
    complain("%s", err.text);
    return EXIT_REFUSED;
}

/* --- what waits --- */

static int list_waiting(struct answering *v)
{
    struct grant_rows waiting bg_cleanup_(grant_rows_free) = {0};
    const struct calls_link *first = connect_first(&v->hosts);
    const char *person = v->by ? v->by : first ? first->is.who->person : "";
    int64_t now = bg_now();

    if (grants_fetch_reviews(&v->hosts, &waiting) < 0)
        return EXIT_BROKEN;
    if (v->json)
        grants_print_json(&v->hosts, &waiting, true, now);
    else if (first)
        show_reviews(stdout, &waiting, person, now);
    return calls_status(&v->hosts, 0);
}

/* --- the words --- */

static int check_words(const struct answering *v, struct bg_sentence *err)
{
    if (v->words.n && v->json)
        return bg_fail(err, -EINVAL, "--json is for the list, without an ID");
    if (!v->words.n && (v->verdict || v->answer.text || v->yes || v->identity))
        return bg_fail(err, -EINVAL, "which grant? give its ID");
    if (v->verdict && !v->answer.flagged && strcmp(v->verdict, "ok") != 0)
        return bg_fail(err, -EINVAL, "--verdict %s: it is ok or flag", v->verdict);
    if (v->answer.flagged && !v->answer.text)
        return bg_fail(err, -EINVAL, "a flag says why: add --note TEXT");
    if (!v->verdict && (v->answer.text || v->yes))
        return bg_fail(err, -EINVAL, "a review has a verdict: --verdict ok or --verdict flag");
    return 0;
}

int verb_review(int argc, char **argv)
{
    struct answering v bg_cleanup_(answering_free) = {
        .answer.kind = ANSWER_REVIEW, .show = show, .after = after};
    const struct option_spec specs[] = {ANSWERING_OPTIONS(&v),
                                        {.name = "verdict", .value = &v.verdict},
                                        {.name = "note", .value = &v.answer.text},
                                        {.name = "json", .flag = &v.json},
                                        {0}};
    struct bg_sentence err = {0};
    int r = answering_parse(&v, specs, argc, argv, &err);

    v.answer.flagged = v.verdict && strcmp(v.verdict, "flag") == 0;
    if (r < 0 || check_words(&v, &err) < 0)
        return verb_usage(argv[0], "%s", err.text);
    return answering_run(&v, v.words.n ? review : list_waiting);
}
