/* SPDX-License-Identifier: ISC */
/* breakglass deny, revoke, give-back: one statement, a close; people name it by who says it and when. */
#include "console/base/confirm.h"
#include "console/base/exit_status.h"
#include "console/base/print.h"
#include "console/client/grants.h"
#include "console/verbs/answering.h"
#include "console/verbs/verbs.h"
#include "console/words/grant.h"
#include "policy/base/clock.h"
#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"

#include <string.h>
#include <unistd.h>

static void after(struct answering *v)
{
    struct bg_sentence closed = {0};

    v->outcomes.sessions = v->before.sessions;
    outcomes_closed(&closed, &v->outcomes, (int64_t)(bg_monotonic() - v->began) / 1000);
    if (v->outcomes.taken)
        say(stdout, "%s", closed.text);
}

/* --- several --- */

/* The live ones that are meant, to the front; gives how many. */
static size_t choose(const struct answering *v, struct grant_rows *grants)
{
    size_t n = 0;

    for (size_t i = 0; i < grants->n; i++) {
        struct grants_row row = grants->v[i];

        if (!grants_lives(row.row) || (v->of && strcmp(row.row->person, v->of) != 0))
            continue;
        grants->v[i] = grants->v[n];
        grants->v[n++] = row;
    }
    return n;
}

/* Their IDs, each once: two hosts may see one grant in two states. */
static int list_ids(const struct grant_rows *grants, struct bg_list *ids)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < grants->n; i++)
        if (!bg_list_has(ids, grants->v[i].row->id))
            r = bg_list_add(ids, grants->v[i].row->id, strlen(grants->v[i].row->id));
    return r;
}

/* Asked once for all of them; a script needs --yes only to close everything of everybody. */
static bool asks(struct answering *v, const struct grant_rows *grants, size_t n)
{
    char question[BG_PERSON_SIZE + 64];

    if (v->yes || (!v->all && !isatty(STDIN_FILENO)))
        return true;
    show_list(stdout, grants, v->hosts.n > 1, bg_now());
    say(stdout, "%s", ANSWER_FINAL);
    (void)snprintf(question, sizeof question, "Close %zu %s%s%s?", n, n == 1 ? "grant" : "grants",
                   v->of ? " of " : "", v->of ? v->of : "");
    v->yes = confirm(question, "yes");
    return v->yes;
}

static int close_several(struct answering *v)
{
    struct grant_rows grants bg_cleanup_(grant_rows_free) = {0};
    struct bg_list ids bg_cleanup_(bg_list_free) = {0};
    struct grant_rows chosen;
    int status;

    if (grants_fetch(&v->hosts, "live", &grants) < 0)
        return EXIT_BROKEN;
    chosen = (struct grant_rows){.v = grants.v, .n = choose(v, &grants)};
    if (list_ids(&chosen, &ids) < 0)
        return EXIT_BROKEN;
    status = calls_status(&v->hosts, 0) == EXIT_DONE ? EXIT_DONE : EXIT_BROKEN;
    if (ids.n == 0)
        say(stdout, "nothing is open or pending%s%s", v->of ? " of " : "", v->of ? v->of : "");
    else if (!asks(v, &chosen, ids.n))
        return EXIT_REFUSED;
    for (size_t i = 0; i < ids.n; i++)
        status = exit_worse(status, answering_one(v, ids.v[i]));
    return status;
}

static int close_one(struct answering *v)
{
    return answering_one(v, v->words.v[0]);
}

static int run(int argc, char **argv, enum answer_kind kind)
{
    struct answering v bg_cleanup_(answering_free) = {
        .answer.kind = kind, .show = answering_show, .after = after};
    const struct option_spec specs[] = {ANSWERING_OPTIONS(&v),
                                        {.name = "reason", .value = &v.answer.text},
                                        {.name = kind == ANSWER_REVOKE ? "all" : NULL, .flag = &v.all},
                                        {.name = "of", .value = &v.of},
                                        {0}};
    struct bg_sentence err = {0};

    if (answering_parse(&v, specs, argc, argv, &err) < 0)
        return verb_usage(argv[0], "%s", err.text);
    if (v.words.n + v.all + (v.of != NULL) != 1)
        return verb_usage(argv[0], kind == ANSWER_REVOKE ? "which? revoke ID, --of PERSON, or --all"
                                                         : "which grant? give its ID");
    return answering_run(&v, v.words.n ? close_one : close_several);
}

int verb_deny(int argc, char **argv)
{
    return run(argc, argv, ANSWER_DENY);
}

int verb_revoke(int argc, char **argv)
{
    return run(argc, argv, ANSWER_REVOKE);
}

int verb_give_back(int argc, char **argv)
{
    return run(argc, argv, ANSWER_GIVE_BACK);
}
