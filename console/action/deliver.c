/* SPDX-License-Identifier: ISC */
#include "console/action/deliver.h"

#include "console/action/transfer.h"
#include "console/base/print.h"
#include "console/base/exit_status.h"

#include <string.h>

static bool is_linked(const struct calls *fan, const char *host)
{
    for (size_t i = 0; i < fan->n; i++)
        if (strcmp(calls_label(&fan->link[i]), host) == 0)
            return true;
    return false;
}

static void count(const struct calls *fan, struct pushed *pushed)
{
    for (size_t i = 0; i < fan->n; i++) {
        if (fan->link[i].aside)
            continue;
        pushed->taken += put_taken(&fan->link[i]);
        pushed->missed += fan->link[i].state == FAN_UNREACHABLE;
    }
}

static int put(struct calls *fan, const struct bg_bundle_item *item, int64_t closes_by, struct pushed *pushed)
{
    int status;

    if (put_item(fan, NULL, item) < 0)
        return EXIT_BROKEN;
    status = put_said(fan, closes_by);
    count(fan, pushed);
    return status;
}

static int put_rest(const struct bg_list *rest, const struct bg_bundle_item *item, int64_t closes_by,
                    struct pushed *pushed)
{
    struct bg_sentence err = {0};
    struct calls fan = {0};
    int status;

    if (calls_open(&fan, rest, &err) < 0) {
        complain("%s", err.text);
        status = EXIT_BROKEN;
    } else
        status = put(&fan, item, closes_by, pushed);
    calls_close(&fan);
    return status;
}

/* A link that was opened from the hosts file need not be to a host of the request. Its ssh word and the name
 * that it says count alike: a host that says another's name gets a statement that it can do nothing with. */
static bool is_meant(const struct calls_link *link, const struct bg_statement *request)
{
    const struct bg_list *hosts = &request->terms.hosts;

    return bg_list_has(hosts, calls_label(link)) || bg_list_has(hosts, link->is.who->host);
}

/* Sets aside, or takes back, the links to other hosts. Gives how many are not aside. */
static size_t set_aside(struct calls *fan, const struct bg_statement *request, bool others)
{
    size_t n = 0;

    for (size_t i = 0; i < fan->n; i++) {
        fan->link[i].aside = others && !is_meant(&fan->link[i], request);
        n += !fan->link[i].aside;
    }
    return n;
}

/* The request's hosts that no link is. */
static int gather(struct bg_list *rest, const struct calls *fan, const struct bg_statement *request)
{
    const struct bg_list *hosts = &request->terms.hosts;
    int r = 0;

    for (size_t i = 0; r >= 0 && i < hosts->n; i++)
        if (!is_linked(fan, hosts->v[i]))
            r = bg_list_add(rest, hosts->v[i], strlen(hosts->v[i]));
    return r;
}

int deliver(struct calls *fan, const struct bg_list *named, const struct bg_statement *request,
            const struct bg_bundle_item *item, int64_t closes_by, struct pushed *pushed)
{
    struct bg_list rest = {0};
    int status = EXIT_DONE, other = EXIT_DONE;

    if (set_aside(fan, request, !named->n) > 0)
        status = put(fan, item, closes_by, pushed);
    (void)set_aside(fan, request, false);
    if (!named->n && gather(&rest, fan, request) < 0)
        other = EXIT_BROKEN;
    if (rest.n)
        other = put_rest(&rest, item, closes_by, pushed);
    bg_list_free(&rest);
    return status == EXIT_DONE || other == EXIT_REFUSED ? other : status;
}
