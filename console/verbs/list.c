/* SPDX-License-Identifier: ISC */
/* breakglass list, show. */
#include "console/action/transfer.h"
#include "console/client/connect_known.h"
#include "console/base/option.h"
#include "console/verbs/verbs.h"

int verb_list(int argc, char **argv)
{
    struct list_terms wish = {0};
    struct bg_list hosts = {0}, words = {0};
    struct bg_sentence err = {0};
    struct calls fan = {0};
    const struct option_spec specs[] = {
        {.name = "at", .letter = 'H', .list = &hosts}, {.name = "all", .flag = &wish.all},
        {.name = "json", .flag = &wish.json},          {.name = "person", .value = &wish.person},
        {.name = "role", .value = &wish.role},         {0},
    };
    int status;

    if (options_parse(specs, argc, argv, &words, &err) < 0)
        status = verb_usage(argv[0], "%s", err.text);
    else if (words.n)
        status = verb_usage(argv[0], "takes no words, only options");
    else {
        status = connect_hosts(&fan, &hosts);
        if (status == EXIT_DONE)
            status = do_list(&fan, &wish);
    }
    calls_close(&fan);
    bg_list_free(&hosts);
    bg_list_free(&words);
    return status;
}

int verb_show(int argc, char **argv)
{
    struct bg_list hosts = {0}, words = {0};
    struct bg_sentence err = {0};
    struct calls fan = {0};
    bool json = false;
    const struct option_spec specs[] = {
        {.name = "at", .letter = 'H', .list = &hosts},
        {.name = "json", .flag = &json},
        {0},
    };
    int status;

    if (options_parse(specs, argc, argv, &words, &err) < 0)
        status = verb_usage(argv[0], "%s", err.text);
    else if (words.n != 1)
        status = verb_usage(argv[0], "which grant? say: show ID");
    else {
        status = connect_known(&fan, &hosts);
        if (status == EXIT_DONE)
            status = do_show(&fan, words.v[0], json);
    }
    calls_close(&fan);
    bg_list_free(&hosts);
    bg_list_free(&words);
    return status;
}
