/* SPDX-License-Identifier: ISC */
/* breakglass approve: of a grant that hosts have, or of pasted requests, which are answered by tokens. */
#include "console/action/sign.h"
#include "console/action/transfer.h"
#include "console/base/destination.h"
#include "console/base/print.h"
#include "console/verbs/answering.h"
#include "console/verbs/verbs.h"
#include "console/words/grant.h"
#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"

#include <string.h>
#include <unistd.h>

static int print_token(const struct bg_bundle_item *request, const struct bg_bundle_item *approval)
{
    const struct bg_bundle_item pair[2] = {*request, *approval};
    bg_free_ char *token = NULL;

    if (bg_token_make(&token, pair, 2) < 0)
        return EXIT_BROKEN;
    say_block(stdout, "", token);
    return EXIT_DONE;
}

static void after(struct answering *v)
{
    if (v->outcomes.missed)
        complain("send %s this token for the hosts that were not reached:", v->answer.request->by);
    if (v->outcomes.missed || v->token)
        (void)print_token(&v->fetched.items.v[0], &v->item);
}

static int approve_id(struct answering *v)
{
    return answering_one(v, v->words.v[0]);
}

/* --- pasted --- */

static int answer_item(struct answering *v, const struct bg_bundle_item *item)
{
    struct bg_sentence err = {0};
    char id[BG_ID_SIZE];
    int r = answer_check(&v->answer, &err), status = EXIT_REFUSED;

    bg_id_from_digest(id, v->answer.request->digest);
    bg_id_show(v->shown, id);
    if (r >= 0) {
        answering_show(v);
        if (!answering_asks(v))
            return EXIT_REFUSED;
        r = answering_sign(v, NULL, &err);
    }
    if (r < 0)
        complain("%s", err.text);
    else
        status = print_token(item, &v->item);
    item_free(&v->item);
    return status;
}

static int answer_all(struct answering *v, const struct bg_bundle *items)
{
    int status = items->n_damaged ? EXIT_REFUSED : EXIT_DONE;
    size_t requests = 0;

    for (size_t i = 0; i < items->n_damaged; i++)
        complain("%s", items->damaged[i].text);
    for (size_t i = 0; i < items->n; i++) {
        struct bg_statement st = {0};
        struct bg_sentence err = {0};
        int one = EXIT_DONE;

        if (bg_statement_parse(&st, items->v[i].text, items->v[i].len, &err) < 0) {
            complain("%s", err.text);
            one = EXIT_REFUSED;
        } else if (st.kind == BG_REQUEST) {
            requests++;
            v->answer.request = &st;
            one = answer_item(v, &items->v[i]);
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

/* No host is there to say who we are: --as, or the name of the account, which is shown before it is signed.
 */
static int approve_pasted(struct answering *v)
{
    bg_free_ char *input = NULL;
    struct bg_bundle items = {0};
    struct bg_sentence err = {0};
    size_t len = 0;
    int status;

    v->answer.pasted = true;
    v->answer.person = v->by ? v->by : destination_account();
    if (!v->answer.person) {
        complain("your name is not known: use --as PERSON (the signature proves it)");
        return EXIT_USAGE;
    }
    if (isatty(STDIN_FILENO))
        say(stderr, "Paste what you were sent, then press Ctrl-D on a line of its own:");
    if (read_input(NULL, 0, &input, &len, &err) < 0 || sign_allowed(&err) < 0 ||
        bg_bundle_parse(&items, input, len, &err) < 0) {
        complain("%s", err.text);
        return EXIT_REFUSED;
    }
    status = answer_all(v, &items);
    bg_bundle_free(&items);
    return status;
}

int verb_approve(int argc, char **argv)
{
    struct answering v bg_cleanup_(answering_free) = {
        .answer.kind = ANSWER_APPROVE, .show = answering_show, .after = after};
    const struct option_spec specs[] = {ANSWERING_OPTIONS(&v), {.name = "token", .flag = &v.token}, {0}};
    struct bg_sentence err = {0};

    if (answering_parse(&v, specs, argc, argv, &err) < 0)
        return verb_usage(argv[0], "%s", err.text);
    if (v.words.n == 0 && v.named.n)
        return verb_usage(argv[0],
                          "which grant? approve ID -H HOST (without an ID, paste what you were sent: "
                          "no host is asked)");
    if (v.words.n == 0)
        return approve_pasted(&v);
    if (sign_allowed(&err) >= 0)
        return answering_run(&v, approve_id);
    complain("%s", err.text);
    return EXIT_REFUSED;
}
