/* SPDX-License-Identifier: ISC */
/* What approve, deny, revoke, give-back and review have in common: check, show, ask, sign, deliver. */
#include "console/verbs/answering.h"

#include "console/action/answer_text.h"
#include "console/action/request.h"
#include "console/action/sign.h"
#include "console/base/confirm.h"
#include "console/base/exit_status.h"
#include "console/base/print.h"
#include "console/client/connect_known.h"
#include "policy/base/cleanup.h"
#include "policy/base/clock.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int answering_parse(struct answering *v, const struct option_spec *specs, int argc, char **argv,
                    struct bg_sentence *err)
{
    int r = options_parse(specs, argc, argv, &v->words, err);

    if (r >= 0 && v->words.n > 1)
        r = bg_fail(err, -EINVAL, "one grant at a time");
    if (r >= 0 && v->by && !bg_is_person(v->by))
        r = bg_fail(err, -EINVAL, "--as %s: no person's name", v->by);
    return r;
}

static int refused(int r, const struct bg_sentence *err)
{
    complain("%s", err->text);
    return r == -EHOSTUNREACH ? EXIT_BROKEN : EXIT_REFUSED;
}

static void forget(struct answering *v)
{
    fetched_free(&v->fetched);
    item_free(&v->item);
    for (size_t i = 0; i < MODEL_HOSTS; i++)
        reply_keep(&v->says[i], NULL);
    if (v->model)
        model_free(v->model);
    free(v->model);
    v->model = NULL;
    v->answer.grant = NULL;
    v->before = (struct sum){0};
    v->outcomes = (struct outcomes){0};
}

void answering_free(struct answering *v)
{
    forget(v);
    calls_close(&v->hosts);
    bg_list_free(&v->named);
    bg_list_free(&v->words);
}

int answering_run(struct answering *v, int (*what)(struct answering *v))
{
    int status = connect_hosts(&v->hosts, &v->named);

    return status == EXIT_DONE ? what(v) : status;
}

/* The request, and what each host shows of it, which stays when they are asked for more. */
static int fetch_all(struct answering *v, const char *id, struct bg_sentence *err)
{
    struct answer *a = &v->answer;
    int r;

    forget(v);
    r = fetch(&v->hosts, id, &v->fetched, err);
    if (r < 0)
        return r;
    v->model = calloc(1, sizeof *v->model);
    if (!v->model)
        return bg_fail(err, -ENOMEM, "no memory left");
    bg_id_from_digest(v->id, v->fetched.request.digest);
    bg_id_show(v->shown, v->id);
    calls_call(&v->hosts, NULL, &(struct call_args){BG_METHOD_SHOW, .text = {v->id}});
    calls_to_model(&v->hosts, v->model);
    for (size_t i = 0; i < v->model->n_hosts; i++)
        reply_keep(&v->says[i], calls_reply(&v->hosts.link[i]));
    a->request = &v->fetched.request;
    a->items = &v->fetched.items;
    a->model = v->model;
    a->grant = model_find(v->model, v->id);
    a->says = v->says;
    if (a->grant)
        model_sum(a->grant, bg_now(), &v->before);
    return 0;
}

int answering_look(struct answering *v, const char *id)
{
    struct bg_sentence err = {0};
    int r = fetch_all(v, id, &err);

    if (r < 0)
        return refused(r, &err);
    v->show(v);
    return EXIT_DONE;
}

/* Where standard output is a token, to be piped, it stands beside it. */
void answering_show(struct answering *v)
{
    bg_cleanup_(page_free) struct page page = {0};

    answer_text(&page, &v->answer);
    page_print(&page, v->answer.pasted ? stderr : stdout);
}

/* A script that closes must not stop for want of an option; one that approves must say --yes. */
bool answering_asks(const struct answering *v)
{
    char question[BG_PERSON_SIZE + 64];

    if (v->yes || (answer_closes(&v->answer) && !isatty(STDIN_FILENO)))
        return true;
    (void)snprintf(question, sizeof question, "%s %s as %s?", answer_verb(&v->answer), v->shown,
                   v->answer.person);
    if (confirm(question, answer_word(&v->answer)))
        return true;
    complain("nothing was signed");
    return false;
}

int answering_sign(struct answering *v, const struct bg_strings *known, struct bg_sentence *err)
{
    struct bg_statement st = {0};
    int r = answer_compose(&v->answer, &st, err);

    if (r >= 0)
        r = sign_statement(&st, v->identity, known, &v->item, err);
    bg_statement_free(&st);
    return r;
}

/* Where nothing can be signed here, each host signs for a person it knows. */
static int by_hosts(struct answering *v, int64_t ends)
{
    complain("so each host signs for %s", v->answer.person);
    calls_call(&v->hosts, NULL,
               &(struct call_args){BG_METHOD_CLOSE, .text = {v->id, answer_reason(&v->answer)}});
    return deliver_said(&v->hosts, ends, &v->outcomes);
}

static int sign_and_deliver(struct answering *v)
{
    struct bg_sentence err = {0};
    int r = answering_sign(v, &v->fetched.from->is.who->keys, &err), status;
    int64_t closes_by = answer_closes(&v->answer) ? v->before.ends : 0;

    v->began = bg_monotonic();
    if (r >= 0)
        status = deliver(&v->hosts, &v->named, v->answer.request, &v->item, closes_by, &v->outcomes);
    else {
        complain("%s", err.text);
        if (!answer_by_hosts(&v->answer, r))
            return EXIT_REFUSED;
        status = by_hosts(v, closes_by);
    }
    v->after(v);
    return status;
}

int answering_one(struct answering *v, const char *id)
{
    struct bg_sentence err = {0};
    int r;

    v->answer.person = request_person(&v->hosts, v->by);
    if (!v->answer.person)
        return EXIT_REFUSED;
    r = fetch_all(v, id, &err);
    if (r >= 0)
        r = answer_check(&v->answer, &err);
    if (r == -EALREADY && answer_closes(&v->answer)) {
        say(stdout, "%s: %s", v->shown, err.text);
        return EXIT_DONE;
    }
    if (r < 0)
        return refused(r, &err);
    v->show(v);
    return answering_asks(v) ? sign_and_deliver(v) : EXIT_REFUSED;
}
