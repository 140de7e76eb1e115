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
#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <string.h>

struct requesting {
    struct request_terms terms;
    struct bg_list destinations, words;
    const char *identity;
    bool host_signed;
};

static void requesting_free(struct requesting *r)
{
    request_terms_free(&r->terms);
    bg_list_free(&r->destinations);
    bg_list_free(&r->words);
}

static int parse(int argc, char **argv, struct requesting *r, struct bg_sentence *err)
{
    const struct option_spec specs[] = {
        {.name = "host", .list = &r->terms.hosts},
        {.name = "account", .list = &r->terms.accounts},
        {.name = "for", .value = &r->terms.duration_text},
        {.name = "reason", .value = &r->terms.reason},
        {.name = "ticket", .value = &r->terms.ticket},
        {.name = "as", .value = &r->terms.by},
        {.name = "drill", .flag = &r->terms.drill},
        {.name = "identity", .value = &r->identity},
        {.name = "host-signed", .flag = &r->host_signed},
        {.name = "at", .letter = 'H', .list = &r->destinations},
        {0},
    };

    return options_parse(specs, argc, argv, &r->words, err);
}

/* Names of hosts are destinations too, unless -H says other ones. */
static const struct bg_list *destinations(const struct requesting *r)
{
    return r->destinations.n ? &r->destinations : &r->terms.hosts;
}

/* Without --host on a host: that host. */
static int default_host(struct calls *fan, struct request_terms *terms, struct bg_sentence *err)
{
    for (size_t i = 0; i < fan->n && terms->hosts.n == 0; i++) {
        const char *host = fan->link[i].is.who->host;

        if (*host && bg_list_add(&terms->hosts, host, strlen(host)) < 0)
            return bg_fail(err, -ENOMEM, "no memory left");
    }
    return terms->hosts.n ? 0 : bg_fail(err, -EINVAL, "on which host? say --host HOST");
}

static int send(const char *verb, struct requesting *r)
{
    struct bg_sentence err = {0};
    struct calls fan = {0};
    char id[BG_ID_SIZE];
    int status;

    if (request_terms_check_options(&r->terms, &err) < 0)
        return verb_usage(verb, "%s", err.text);
    if (!r->host_signed && sign_allowed(&err) < 0) {
        complain("%s", err.text);
        return EXIT_REFUSED;
    }
    status = connect_known(&fan, destinations(r));
    if (status == EXIT_DONE && default_host(&fan, &r->terms, &err) < 0)
        status = verb_usage(verb, "%s", err.text);
    else if (status == EXIT_DONE)
        status = r->host_signed ? request_host_signed(&fan, &r->terms, id)
                                : request_signed(&fan, &r->terms, r->identity);
    calls_close(&fan);
    return status;
}

int verb_request(int argc, char **argv)
{
    bg_cleanup_(requesting_free) struct requesting r = {0};
    struct bg_sentence err = {0};

    if (parse(argc, argv, &r, &err) < 0)
        return verb_usage(argv[0], "%s", err.text);
    if (r.words.n > 1)
        return verb_usage(argv[0], "one role at a time; put a reason of several words into quotes");
    r.terms.role = r.words.n ? r.words.v[0] : NULL;
    return send(argv[0], &r);
}

/* --- extend --- */

static void swap(struct bg_list *a, struct bg_list *b)
{
    struct bg_list was = *a;

    *a = *b;
    *b = was;
}

/* What was requested before, where nothing else is said now. Takes its hosts and accounts; its strings stay
 * the statement's. */
static void take_before(struct request_terms *terms, struct bg_statement *before,
                        char duration[BG_DURATION_SIZE])
{
    bg_duration_format(duration, before->terms.duration);
    terms->role = before->terms.role;
    if (!terms->duration_text)
        terms->duration_text = duration;
    if (!terms->reason)
        terms->reason = before->terms.reason;
    if (!terms->ticket)
        terms->ticket = before->ticket;
    terms->drill = terms->drill || before->drill;
    if (terms->hosts.n == 0)
        swap(&terms->hosts, &before->terms.hosts);
    if (terms->accounts.n == 0)
        swap(&terms->accounts, &before->terms.accounts);
}

static bool is_linked(const struct calls *fan, const char *host)
{
    for (size_t i = 0; i < fan->n; i++) {
        const struct calls_link *link = &fan->link[i];

        if (strcmp(calls_label(link), host) == 0 || strcmp(link->is.who->host, host) == 0 ||
            (link->host && destination_may_be(link->host, host)))
            return true;
    }
    return false;
}

/* Finds the first request: at -H, --host, this machine, or the hosts file. The new one goes to its other
 * hosts, too, though -H named one alone. */
static int find_request(struct requesting *r, struct fetched *before)
{
    struct bg_sentence err = {0};
    struct calls fan = {0};
    int status = connect_hosts(&fan, destinations(r)), found;

    if (status == EXIT_DONE && (found = fetch(&fan, r->words.v[0], before, &err)) < 0) {
        complain("%s", err.text);
        status = found == -EHOSTUNREACH ? EXIT_BROKEN : EXIT_REFUSED;
    }
    for (size_t i = 0; r->destinations.n && !r->terms.hosts.n && i < before->request.terms.hosts.n; i++) {
        const char *host = before->request.terms.hosts.v[i];

        if (!is_linked(&fan, host) && bg_list_add(&r->destinations, host, strlen(host)) < 0)
            status = EXIT_BROKEN;
    }
    calls_close(&fan);
    return status;
}

int verb_extend(int argc, char **argv)
{
    bg_cleanup_(fetched_free) struct fetched before = {0};
    bg_cleanup_(requesting_free) struct requesting r = {0};
    char duration[BG_DURATION_SIZE];
    struct bg_sentence err = {0};
    int status;

    if (parse(argc, argv, &r, &err) < 0)
        return verb_usage(argv[0], "%s", err.text);
    if (r.words.n != 1)
        return verb_usage(argv[0], "which grant? say: extend ID");
    status = find_request(&r, &before);
    if (status != EXIT_DONE)
        return status;
    take_before(&r.terms, &before.request, duration);
    return send(argv[0], &r);
}
