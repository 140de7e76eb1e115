/* SPDX-License-Identifier: ISC */
/* breakglass request, extend. */
#include "console/action/request.h"
#include "console/action/fetch.h"
#include "console/client/connect_known.h"
#include "console/base/option.h"
#include "console/base/destination.h"
#include "console/base/print.h"
#include "console/action/sign.h"
#include "console/verbs/verbs.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <string.h>

struct asked {
    struct request_terms wish;
    struct bg_list destinations, words;
    const char *identity;
    bool host_signed;
};

static void asked_free(struct asked *a)
{
    request_terms_free(&a->wish);
    bg_list_free(&a->destinations);
    bg_list_free(&a->words);
}

static int parse(int argc, char **argv, struct asked *a, struct bg_sentence *err)
{
    const struct option_spec specs[] = {
        {.name = "host", .list = &a->wish.hosts},
        {.name = "account", .list = &a->wish.accounts},
        {.name = "for", .value = &a->wish.duration_text},
        {.name = "reason", .value = &a->wish.reason},
        {.name = "ticket", .value = &a->wish.ticket},
        {.name = "as", .value = &a->wish.by},
        {.name = "drill", .flag = &a->wish.drill},
        {.name = "identity", .value = &a->identity},
        {.name = "host-signed", .flag = &a->host_signed},
        {.name = "at", .letter = 'H', .list = &a->destinations},
        {0},
    };

    return options_parse(specs, argc, argv, &a->words, err);
}

/* Without --host on a host: that host. */
static int default_host(struct calls *fan, struct request_terms *wish, struct bg_sentence *err)
{
    for (size_t i = 0; i < fan->n && wish->hosts.n == 0; i++) {
        const char *host = fan->link[i].is.who->host;

        if (*host && bg_list_add(&wish->hosts, host, strlen(host)) < 0)
            return bg_fail(err, -ENOMEM, "no memory left");
    }
    return wish->hosts.n ? 0 : bg_fail(err, -EINVAL, "on which host? say --host HOST");
}

static int ask(struct asked *a)
{
    /* Names of hosts are destinations too, unless -H says other ones; with neither, this machine's broker. */
    const struct bg_list *to = a->destinations.n ? &a->destinations : &a->wish.hosts;
    struct bg_sentence err = {0};
    struct calls fan = {0};
    int status;

    if (!a->host_signed && sign_allowed(&err) < 0) {
        complain("%s", err.text);
        return EXIT_REFUSED;
    }
    status = connect_known(&fan, to);
    if (status == EXIT_DONE && default_host(&fan, &a->wish, &err) < 0)
        status = verb_usage("request", "%s", err.text);
    else if (status == EXIT_DONE)
        status = a->host_signed ? request_host_signed(&fan, &a->wish)
                                : request_signed(&fan, &a->wish, a->identity);
    calls_close(&fan);
    return status;
}

int verb_request(int argc, char **argv)
{
    struct asked a = {0};
    struct bg_sentence err = {0};
    int status, r = parse(argc, argv, &a, &err);

    if (r >= 0 && a.words.n > 1)
        r = bg_fail(&err, -EINVAL, "one role at a time; put a reason of several words into quotes");
    a.wish.role = a.words.n ? a.words.v[0] : NULL;
    if (r >= 0)
        r = request_terms_check_options(&a.wish, &err);
    status = r < 0 ? verb_usage(argv[0], "%s", err.text) : ask(&a);
    asked_free(&a);
    return status;
}

static int copy_words(struct bg_list *to, const struct bg_list *from)
{
    int r = 0;

    for (size_t i = 0; i < from->n && r >= 0; i++)
        r = bg_list_add(to, from->v[i], strlen(from->v[i]));
    return r;
}

/* What was asked before, with what is asked otherwise now. The strings stay the statement's. */
static int again(struct request_terms *wish, const struct bg_statement *before,
                 char duration[BG_DURATION_SIZE])
{
    bg_duration_format(duration, before->terms.duration);
    wish->role = before->terms.role;
    if (!wish->duration_text)
        wish->duration_text = duration;
    if (!wish->reason)
        wish->reason = before->terms.reason;
    if (!wish->ticket)
        wish->ticket = before->ticket;
    wish->drill = wish->drill || before->drill;
    if (wish->hosts.n == 0 && copy_words(&wish->hosts, &before->terms.hosts) < 0)
        return -ENOMEM;
    if (wish->accounts.n == 0 && copy_words(&wish->accounts, &before->terms.accounts) < 0)
        return -ENOMEM;
    return 0;
}

/* The other hosts of that request are asked, too, though -H named one alone. */
static int add_rest(struct asked *a, const struct calls *fan, const struct bg_statement *before)
{
    const struct bg_list *hosts = &before->terms.hosts;
    int r = 0;

    for (size_t i = 0; i < hosts->n && r >= 0; i++) {
        bool named = false;

        for (size_t k = 0; k < fan->n && !named; k++)
            named = strcmp(calls_label(&fan->link[k]), hosts->v[i]) == 0 ||
                    strcmp(fan->link[k].is.who->host, hosts->v[i]) == 0 ||
                    (fan->link[k].host && destination_may_be(fan->link[k].host, hosts->v[i]));
        if (!named)
            r = bg_list_add(&a->destinations, hosts->v[i], strlen(hosts->v[i]));
    }
    return r;
}

/* Where the first request is looked for: -H, --host, this machine, or the hosts file. */
static int find_request(struct asked *a, struct fetched *before)
{
    const struct bg_list *from = a->destinations.n ? &a->destinations : &a->wish.hosts;
    struct bg_list file = {0};
    struct bg_sentence err = {0};
    struct calls fan = {0};
    int status, r = 0;

    if (!from->n && !destination_has_bus()) {
        r = destination_hosts_file(&file, &err);
        from = &file;
    }
    status = r < 0 ? EXIT_BROKEN : connect_known(&fan, from);
    if (status == EXIT_DONE && (r = fetch(&fan, a->words.v[0], before, &err)) < 0) {
        complain("%s", err.text);
        status = r == -EHOSTUNREACH ? EXIT_BROKEN : EXIT_REFUSED;
    }
    if (status == EXIT_DONE && a->destinations.n && !a->wish.hosts.n &&
        add_rest(a, &fan, &before->request) < 0)
        status = EXIT_BROKEN;
    calls_close(&fan);
    bg_list_free(&file);
    return status;
}

int verb_extend(int argc, char **argv)
{
    char duration[BG_DURATION_SIZE];
    struct fetched before = {0};
    struct asked a = {0};
    struct bg_sentence err = {0};
    int status, r = parse(argc, argv, &a, &err);

    if (r >= 0 && a.words.n != 1)
        r = bg_fail(&err, -EINVAL, "which grant? say: extend ID");
    if (r < 0)
        status = verb_usage(argv[0], "%s", err.text);
    else
        status = find_request(&a, &before);
    if (r >= 0 && status == EXIT_DONE) {
        if (again(&a.wish, &before.request, duration) < 0)
            status = EXIT_BROKEN;
        else
            status = request_terms_check_options(&a.wish, &err) < 0 ? verb_usage(argv[0], "%s", err.text)
                                                                    : ask(&a);
    }
    fetched_free(&before);
    asked_free(&a);
    return status;
}
