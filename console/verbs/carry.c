/* SPDX-License-Identifier: ISC */
/* breakglass text, get, put. */
#include "policy/base/cleanup.h"
#include "console/action/transfer.h"
#include "console/client/connect_known.h"
#include "console/base/option.h"
#include "console/base/destination.h"
#include "console/base/print.h"
#include "console/verbs/text_options.h"
#include "console/verbs/verbs.h"

#include <errno.h>
#include <unistd.h>

int verb_text(int argc, char **argv)
{
    struct bg_list hosts = {0};
    struct text_words words = {0};
    struct bg_sentence err = {0};
    struct calls fan = {0};
    enum bg_kind kind = BG_REQUEST;
    int status;

    /* The words are looked at first, so that a typing error costs no connection. */
    if (text_words_parse(argc, argv, &hosts, NULL, &kind, &words, &err) < 0)
        status = verb_usage(argv[0], "%s", err.text);
    else {
        status = connect_known(&fan, &hosts);
        if (status == EXIT_DONE)
            status = transfer_text(&fan, kind, &words.draft);
    }
    text_words_free(&words);
    calls_close(&fan);
    bg_list_free(&hosts);
    return status;
}

int verb_get(int argc, char **argv)
{
    struct bg_list hosts = {0}, words = {0};
    struct bg_sentence err = {0};
    struct calls fan = {0};
    bool token = false;
    const struct option_spec specs[] = {
        {.name = "at", .letter = 'H', .list = &hosts},
        {.name = "token", .flag = &token},
        {0},
    };
    int status;

    if (options_parse(specs, argc, argv, &words, &err) < 0)
        status = verb_usage(argv[0], "%s", err.text);
    else if (words.n != 1)
        status = verb_usage(argv[0], "which grant? say: get ID");
    else {
        status = connect_known(&fan, &hosts);
        if (status == EXIT_DONE)
            status = transfer_get(&fan, words.v[0], token);
    }
    calls_close(&fan);
    bg_list_free(&hosts);
    bg_list_free(&words);
    return status;
}

/* To the brokers; root with a dead broker takes it in itself: authority is in the signatures, not in the
 * road. */
static int put(const struct bg_list *hosts, const char *input, size_t len)
{
    struct calls fan = {0};
    struct bg_sentence err = {0};
    int status;

    if (calls_open(&fan, hosts, &err) < 0) {
        complain("%s", err.text);
        return EXIT_USAGE;
    }
    calls_who(&fan);
    if (connect_first(&fan))
        status = transfer_put(&fan, input, len);
    else if (!hosts->n && geteuid() == 0) {
        complain("%s; taking it in without the broker", fan.link[0].error.text);
        status = put_offline(input, len);
    } else {
        (void)calls_status(&fan, 0);
        status = EXIT_BROKEN;
    }
    calls_close(&fan);
    return status;
}

int verb_put(int argc, char **argv)
{
    struct bg_list hosts = {0}, words = {0};
    struct bg_sentence err = {0};
    bg_free_ char *input = NULL;
    size_t len = 0;
    const struct option_spec specs[] = {
        {.name = "at", .letter = 'H', .list = &hosts},
        {0},
    };
    int status, r;

    if (options_parse(specs, argc, argv, &words, &err) < 0)
        status = verb_usage(argv[0], "%s", err.text);
    else if (words.n > 1)
        status = verb_usage(argv[0], "one file at a time, or the input of a pipe");
    else if ((r = read_input(words.n ? words.v[0] : NULL, &input, &len, &err)) < 0) {
        complain("%s", err.text);
        status = r == -E2BIG ? EXIT_REFUSED : EXIT_BROKEN;
    } else
        status = put(&hosts, input, len);
    bg_list_free(&hosts);
    bg_list_free(&words);
    return status;
}
