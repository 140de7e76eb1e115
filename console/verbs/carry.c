/* SPDX-License-Identifier: ISC */
/* breakglass text, get, put: statements that people carry. */
#include "policy/base/cleanup.h"
#include "console/action/transfer.h"
#include "console/client/connect_known.h"
#include "console/base/option.h"
#include "console/base/print.h"
#include "console/verbs/text_options.h"
#include "console/verbs/verbs.h"

#include <errno.h>
#include <unistd.h>

int run_text(int argc, char **argv, struct bg_list *hosts, struct bg_sentence *err)
{
    bg_cleanup_(text_words_free) struct text_words words = {0};
    bg_cleanup_(calls_close) struct calls fan = {0};
    enum bg_kind kind = BG_REQUEST;
    /* A request at the door is for this host. Else a typing error costs no connection. */
    int status = hosts ? EXIT_DONE : connect_known(&fan, NULL);

    if (status != EXIT_DONE)
        return status;
    if (text_words_parse(argc, argv, hosts, hosts ? NULL : fan.link[0].is.who->host, &kind, &words, err) < 0)
        return EXIT_USAGE;
    if (hosts)
        status = connect_known(&fan, hosts);
    return status == EXIT_DONE ? transfer_text(&fan, kind, &words.draft) : status;
}

int run_get(int argc, char **argv, struct bg_list *hosts, struct bg_sentence *err)
{
    bg_cleanup_(bg_list_free) struct bg_list words = {0};
    bg_cleanup_(calls_close) struct calls fan = {0};
    bool token = false;
    const struct option_spec specs[] = {
        {.name = "token", .flag = &token}, {.name = hosts ? "at" : NULL, .letter = 'H', .list = hosts}, {0}};
    int status;

    if (options_parse(specs, argc, argv, &words, err) < 0)
        return EXIT_USAGE;
    if (words.n != 1)
        return bg_fail(err, EXIT_USAGE, "which grant? say: get ID");
    status = connect_known(&fan, hosts);
    return status == EXIT_DONE ? transfer_get(&fan, words.v[0], token) : status;
}

/* To the brokers; root with a dead broker takes it in itself: authority is in the signatures, not in the
 * road. */
static int put(const struct bg_list *hosts, const char *input, size_t len)
{
    bg_cleanup_(calls_close) struct calls fan = {0};
    struct bg_sentence err = {0};

    if (calls_open(&fan, hosts, &err) < 0) {
        complain("%s", err.text);
        return EXIT_USAGE;
    }
    calls_who(&fan);
    if (connect_first(&fan))
        return transfer_put(&fan, input, len);
    if (!hosts->n && geteuid() == 0) {
        complain("%s; taking it in without the broker", fan.link[0].error.text);
        return put_offline(input, len);
    }
    (void)calls_status(&fan, 0);
    return EXIT_BROKEN;
}

static int run_put(int argc, char **argv, struct bg_list *hosts, struct bg_sentence *err)
{
    bg_cleanup_(bg_list_free) struct bg_list words = {0};
    bg_free_ char *input = NULL;
    struct bg_sentence why = {0};
    size_t len = 0;
    const struct option_spec specs[] = {{.name = "at", .letter = 'H', .list = hosts}, {0}};
    int r;

    if (options_parse(specs, argc, argv, &words, err) < 0)
        return EXIT_USAGE;
    if (words.n > 1)
        return bg_fail(err, EXIT_USAGE, "one file at a time, or the input of a pipe");
    r = read_input(words.n ? words.v[0] : NULL, 0, &input, &len, &why);
    if (r >= 0)
        return put(hosts, input, len);
    complain("%s", why.text);
    return r == -E2BIG ? EXIT_REFUSED : EXIT_BROKEN;
}

int verb_text(int argc, char **argv)
{
    return verb_run(argc, argv, run_text);
}

int verb_get(int argc, char **argv)
{
    return verb_run(argc, argv, run_get);
}

int verb_put(int argc, char **argv)
{
    return verb_run(argc, argv, run_put);
}
