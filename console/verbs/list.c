/* SPDX-License-Identifier: ISC */
/* breakglass list, show: grants of several hosts in one list, and one grant in full. */
#include "console/base/option.h"
#include "console/base/print.h"
#include "console/client/connect_known.h"
#include "console/client/grants.h"
#include "console/verbs/verbs.h"
#include "console/words/grant.h"
#include "console/words/grant_text.h"
#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct list_terms {
    bool all, json;            /* all: the archive, too */
    const char *person, *role; /* NULL: every one */
};

/* As the console orders them (filter_arrange). */
static int rank_of(const struct grants_row *one)
{
    const char *state = one->row->state;

    if (strcmp(state, "pending") == 0)
        return 0;
    if (strcmp(state, "early") == 0)
        return 1;
    if (strcmp(state, "open") == 0)
        return 2;
    return one->review_due ? 3 : 4;
}

static int compare(int64_t x, int64_t y)
{
    return x < y ? -1 : x > y;
}

/* What waits, what is open, what wants a review (overdue ones first), the rest; the newest first. */
static int in_order(const void *a, const void *b)
{
    const struct grants_row *x = a, *y = b;
    int r = compare(rank_of(x), rank_of(y));

    if (r == 0 && rank_of(x) == 3)
        r = compare(x->review_due, y->review_due);
    if (r == 0)
        r = compare(y->row->requested, x->row->requested);
    return r ? r : strcmp(x->row->id, y->row->id);
}

/* Keeps the rows that were asked for. */
static void choose(struct grant_rows *grants, const struct list_terms *terms)
{
    size_t n = 0;

    for (size_t i = 0; i < grants->n; i++) {
        const struct bg_grant_row *row = grants->v[i].row;

        if ((!terms->person || strcmp(row->person, terms->person) == 0) &&
            (!terms->role || strcmp(row->role, terms->role) == 0))
            grants->v[n++] = grants->v[i];
    }
    grants->n = n;
    if (n > 0)
        qsort(grants->v, n, sizeof *grants->v, in_order);
}

int run_list(int argc, char **argv, struct bg_list *hosts, struct bg_sentence *err)
{
    struct list_terms terms = {0};
    bg_cleanup_(grant_rows_free) struct grant_rows grants = {0};
    bg_cleanup_(bg_list_free) struct bg_list words = {0};
    bg_cleanup_(calls_close) struct calls fan = {0};
    const struct option_spec specs[] = {
        {.name = "all", .flag = &terms.all},
        {.name = "json", .flag = &terms.json},
        {.name = "person", .value = &terms.person},
        {.name = "role", .value = &terms.role},
        {.name = hosts ? "at" : NULL, .letter = 'H', .list = hosts},
        {0},
    };
    int status;

    if (options_parse(specs, argc, argv, &words, err) < 0)
        return EXIT_USAGE;
    if (words.n)
        return bg_fail(err, EXIT_USAGE, "takes no words, only options");
    status = hosts ? connect_hosts(&fan, hosts) : connect_known(&fan, NULL);
    if (status != EXIT_DONE)
        return status;
    if (grants_fetch(&fan, terms.all ? "all" : "live", &grants) < 0)
        return EXIT_BROKEN;
    choose(&grants, &terms);
    if (terms.json)
        grants_print_json(&fan, &grants, false, 0);
    else if (connect_first(&fan))
        show_list(stdout, &grants, fan.n > 1, bg_now());
    return calls_status(&fan, 0);
}

/* Asks all. Gives the first that has it, or NULL. */
static const struct calls_link *ask_all(struct calls *fan, const char *id)
{
    calls_call(fan, NULL, &(struct call_args){BG_METHOD_SHOW, .text = {id}});
    for (size_t i = 0; i < fan->n; i++)
        if (calls_reply(&fan->link[i]))
            return &fan->link[i];
    return NULL;
}

int run_show(int argc, char **argv, struct bg_list *hosts, struct bg_sentence *err)
{
    bg_cleanup_(bg_list_free) struct bg_list words = {0};
    bg_cleanup_(calls_close) struct calls fan = {0};
    bool json = false;
    const struct option_spec specs[] = {
        {.name = "json", .flag = &json}, {.name = hosts ? "at" : NULL, .letter = 'H', .list = hosts}, {0}};
    const struct calls_link *shown;
    struct json j = {.to = stdout};
    int status;

    if (options_parse(specs, argc, argv, &words, err) < 0)
        return EXIT_USAGE;
    if (words.n != 1)
        return bg_fail(err, EXIT_USAGE, "which grant? say: show ID");
    status = connect_known(&fan, hosts);
    if (status != EXIT_DONE)
        return status;
    shown = ask_all(&fan, words.v[0]);
    if (shown && json) {
        json_open(&j, NULL, '{');
        json_fields(&j, &bg_shown_type, shown->reply->rows);
        json_shut(&j, '}');
    } else
        show_grant(stdout, &fan);
    return calls_status(&fan, 0);
}

int verb_list(int argc, char **argv)
{
    return verb_run(argc, argv, run_list);
}

int verb_show(int argc, char **argv)
{
    return verb_run(argc, argv, run_show);
}
