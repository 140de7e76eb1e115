/* SPDX-License-Identifier: ISC */
/* breakglass deny, revoke, give-back: one statement, a close; people name it by who says it and when. */
#include "console/action/request.h"
#include "console/base/confirm.h"
#include "policy/base/clock.h"
#include "policy/base/cleanup.h"
#include "policy/decide/decide.h"
#include "console/client/grants.h"
#include "console/action/compose.h"
#include "console/action/fetch.h"
#include "console/action/deliver.h"
#include "console/client/connect_known.h"
#include "console/base/option.h"
#include "console/base/print.h"
#include "console/words/grant.h"
#include "console/action/sign.h"
#include "console/verbs/verbs.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct close_view {
    struct bg_list named, words;
    const char *verb, *identity, *by, *reason, *of;
    bool all, yes;
};

/* --- one grant --- */

/* What the hosts say of it before: when it ends by itself, how many are in, and whether it still waits on all
 * of them. */
struct before {
    int64_t ends, sessions;
    bool pending;
};

static void look(struct calls *fan, const char *id, struct before *before)
{
    size_t told = 0, pending = 0;

    *before = (struct before){0};
    calls_call(fan, NULL, &(struct call_args){BG_METHOD_SHOW, .text = {id}});
    for (size_t i = 0; i < fan->n; i++) {
        const struct bg_grant_row *grant = reply_grant(calls_reply(&fan->link[i]), 0);

        if (!grant)
            continue;
        if (grant->ends > before->ends)
            before->ends = grant->ends;
        told++;
        pending += strcmp(grant->state, "pending") == 0;
        before->sessions += grant->sessions;
        if (grant->sessions)
            say(stdout, "%s: %u %s will end", calls_label(&fan->link[i]), grant->sessions,
                grant->sessions == 1 ? "session" : "sessions");
    }
    before->pending = told > 0 && pending == told;
}

/* A reason is never demanded; what stands there without one fits what is done. */
static const char *reason_of(const struct close_view *c, bool pending)
{
    if (c->reason && *c->reason)
        return c->reason;
    if (strcmp(c->verb, "give-back") == 0)
        return bg_close_reason(true, pending);
    return bg_close_reason(false, strcmp(c->verb, "deny") == 0);
}

static int sign_close(const struct close_view *c, const struct fetched *f, const char *person,
                      const char *reason, struct bg_bundle_item *item, struct bg_sentence *err)
{
    struct bg_statement st = {0};
    int r = compose_close(&st, &f->request, person, reason, err);

    if (r >= 0)
        r = sign_statement(&st, c->identity, &f->from->is.who->keys, item, err);
    bg_statement_free(&st);
    return r;
}

/* Where nothing can be signed here, each host signs for a person it knows. */
static int close_host_signed(struct calls *fan, const char *id, const char *reason, int64_t ends,
                             struct outcomes *pushed)
{
    calls_call(fan, NULL, &(struct call_args){BG_METHOD_CLOSE, .text = {id, reason}});
    return deliver_said(fan, ends, pushed);
}

static void say_closed(struct outcomes *pushed, int64_t sessions, int64_t ms)
{
    struct bg_sentence closed = {0};

    pushed->sessions = sessions;
    outcomes_closed(&closed, pushed, ms);
    if (pushed->taken)
        say(stdout, "%s", closed.text);
}

static int close_fetched(const struct close_view *c, struct calls *fan, const struct fetched *f,
                         const char *person)
{
    char id[BG_ID_SIZE], shown[64];
    struct bg_bundle_item item = {0};
    struct bg_sentence err = {0};
    struct outcomes pushed = {0};
    struct before before;
    const char *reason;
    int64_t began;
    int status, r;

    bg_id_from_digest(id, f->request.digest);
    say(stdout, "%s: %s of %s", show_id(shown, id), f->request.terms.role, f->request.by);
    if (strcmp(c->verb, "give-back") == 0 && strcmp(f->request.by, person) != 0) {
        complain("that is %s's, not yours; say breakglass revoke %s", f->request.by, shown);
        return EXIT_REFUSED;
    }
    look(fan, id, &before);
    reason = reason_of(c, before.pending);
    r = sign_close(c, f, person, reason, &item, &err);
    began = (int64_t)(bg_monotonic() / 1000);
    if (r >= 0)
        status = deliver(fan, &c->named, &f->request, &item, before.ends, &pushed);
    else if (r == -ENOKEY || r == -EPERM || r == -ECANCELED) {
        complain("%s", err.text);
        complain("so each host signs for %s", person);
        status = close_host_signed(fan, id, reason, before.ends, &pushed);
    } else {
        complain("%s", err.text);
        status = EXIT_REFUSED;
    }
    say_closed(&pushed, before.sessions, (int64_t)(bg_monotonic() / 1000) - began);
    free(item.text);
    return status;
}

static int close_id(const struct close_view *c, struct calls *fan, const char *id)
{
    const char *person = request_person(fan, c->by);
    struct fetched f = {0};
    struct bg_sentence err = {0};
    int status, r;

    if (!person)
        return EXIT_REFUSED;
    r = fetch(fan, id, &f, &err);
    if (r < 0) {
        complain("%s", err.text);
        return r == -EHOSTUNREACH ? EXIT_BROKEN : EXIT_REFUSED;
    }
    status = close_fetched(c, fan, &f, person);
    fetched_free(&f);
    return status;
}

/* --- several --- */

/* The live ones that are meant, each once: two hosts may see one grant in two states. */
static int meant(const struct close_view *c, const struct grant_rows *grants, struct bg_list *ids)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < grants->n; i++) {
        const struct bg_grant_row *row = grants->v[i].row;

        if (!grants_lives(row) || (c->of && strcmp(row->person, c->of) != 0) || bg_list_has(ids, row->id))
            continue;
        r = bg_list_add(ids, row->id, strlen(row->id));
    }
    return r;
}

static int close_several(const struct close_view *c, struct calls *fan)
{
    struct grant_rows grants bg_cleanup_(grant_rows_free) = {0};
    struct bg_list ids = {0};
    int status = EXIT_DONE;

    if (grants_fetch(fan, "live", &grants) < 0 || meant(c, &grants, &ids) < 0)
        return EXIT_BROKEN;
    if (calls_status(fan, 0) != EXIT_DONE)
        status = EXIT_BROKEN;
    if (ids.n == 0)
        say(stdout, "nothing is open and nothing waits%s%s", c->of ? " of " : "", c->of ? c->of : "");
    else if (c->all && !c->yes) {
        show_list(stdout, &grants, fan->n > 1, bg_now());
        if (!confirm("Close everything that is open or waits?", "yes")) {
            bg_list_free(&ids);
            return EXIT_REFUSED;
        }
    }
    for (size_t i = 0; i < ids.n; i++) {
        int one = close_id(c, fan, ids.v[i]);

        if (one == EXIT_REFUSED || status == EXIT_DONE)
            status = one;
    }
    bg_list_free(&ids);
    return status;
}

static int close_all(const struct close_view *c)
{
    struct calls fan = {0};
    int status = connect_hosts(&fan, &c->named);

    if (status == EXIT_DONE)
        status = c->all || c->of ? close_several(c, &fan) : close_id(c, &fan, c->words.v[0]);
    calls_close(&fan);
    return status;
}

static int run(int argc, char **argv, bool several)
{
    struct close_view c = {.verb = argv[0]};
    struct bg_sentence err = {0};
    const struct option_spec specs[] = {
        {.name = "at", .letter = 'H', .list = &c.named},
        {.name = "identity", .value = &c.identity},
        {.name = "as", .value = &c.by},
        {.name = "reason", .value = &c.reason},
        {.name = several ? "yes" : NULL, .flag = &c.yes},
        {.name = "all", .flag = &c.all},
        {.name = "of", .value = &c.of},
        {0},
    };
    int status;

    if (options_parse(specs, argc, argv, &c.words, &err) < 0)
        status = verb_usage(argv[0], "%s", err.text);
    else if ((c.words.n == 1) + c.all + (c.of != NULL) != 1 || c.words.n > 1)
        status = verb_usage(argv[0], several ? "which? say: revoke ID, or --of PERSON, or --all"
                                             : "which grant? give its ID");
    else if (c.by && !bg_is_person(c.by))
        status = verb_usage(argv[0], "--as %s: no person's name", c.by);
    else
        status = close_all(&c);
    bg_list_free(&c.named);
    bg_list_free(&c.words);
    return status;
}

int verb_deny(int argc, char **argv)
{
    return run(argc, argv, false);
}

int verb_revoke(int argc, char **argv)
{
    return run(argc, argv, true);
}

int verb_give_back(int argc, char **argv)
{
    return run(argc, argv, false);
}
