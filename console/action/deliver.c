/* SPDX-License-Identifier: ISC */
/* Sends a statement to the hosts of its request, over the links that are there and over new ones. */
#include "console/action/deliver.h"

#include "console/action/fetch.h"
#include "console/base/exit_status.h"
#include "console/base/print.h"
#include "policy/base/cleanup.h"

#include <errno.h>
#include <string.h>

static enum outcome made_of(const struct calls_link *link, const char **text)
{
    int r = link->state == FAN_DONE ? 0 : link->state == FAN_REFUSED ? -EREMOTEIO : -EHOSTUNREACH;

    return outcome_of(r, link->reply, link->error.text, text);
}

bool deliver_taken(const struct calls_link *link)
{
    const char *text;
    enum outcome one = made_of(link, &text);

    return one == OUTCOME_TAKEN || one == OUTCOME_KNOWN;
}

int deliver_said(struct calls *fan, int64_t closes_by, struct outcomes *all)
{
    int status = EXIT_DONE;

    for (size_t i = 0; i < fan->n; i++) {
        const struct calls_link *link = &fan->link[i];
        const char *text;
        enum outcome one = made_of(link, &text);

        if (link->aside)
            continue;
        outcomes_add(all, one, 0);
        if (link->state != FAN_DONE)
            continue;
        if (one == OUTCOME_REFUSED)
            status = EXIT_REFUSED;
        say(one == OUTCOME_REFUSED ? stderr : stdout, "%s: %s%s", calls_label(link), outcome_word(one), text);
    }
    (void)fflush(stdout);
    return exit_worse(status, calls_status(fan, closes_by));
}

int deliver_item(struct calls *fan, const struct bg_bundle_item *item, int64_t closes_by,
                 struct outcomes *all)
{
    bg_free_ char *carried = fetch_signed(item);

    if (!carried)
        return EXIT_BROKEN;
    calls_call(fan, NULL, &(struct call_args){BG_METHOD_PUT, .text = {carried}});
    return deliver_said(fan, closes_by, all);
}

static int deliver_rest(const struct bg_list *rest, const struct bg_bundle_item *item, int64_t closes_by,
                        struct outcomes *all)
{
    bg_cleanup_(calls_close) struct calls fan = {0};
    struct bg_sentence err = {0};

    if (calls_open(&fan, rest, &err) >= 0)
        return deliver_item(&fan, item, closes_by, all);
    complain("%s", err.text);
    return EXIT_BROKEN;
}

/* A link that was opened from the hosts file need not be to a host of the request. Its ssh word and the name
 * that it says count alike: a host that says another's name gets a statement that it can do nothing with. */
static bool is_meant(const struct calls_link *link, const struct bg_list *hosts)
{
    return bg_list_has(hosts, calls_label(link)) || bg_list_has(hosts, link->is.who->host);
}

static bool is_linked(const struct calls *fan, const char *host)
{
    for (size_t i = 0; i < fan->n; i++)
        if (strcmp(calls_label(&fan->link[i]), host) == 0)
            return true;
    return false;
}

int deliver(struct calls *fan, const struct bg_list *named, const struct bg_statement *request,
            const struct bg_bundle_item *item, int64_t closes_by, struct outcomes *all)
{
    const struct bg_list *hosts = &request->terms.hosts;
    bg_cleanup_(bg_list_free) struct bg_list rest = {0};
    int status = EXIT_DONE;
    size_t meant = 0;

    for (size_t i = 0; i < fan->n; i++) {
        fan->link[i].aside = !named->n && !is_meant(&fan->link[i], hosts);
        meant += !fan->link[i].aside;
    }
    if (meant)
        status = deliver_item(fan, item, closes_by, all);
    for (size_t i = 0; i < fan->n; i++)
        fan->link[i].aside = false;
    for (size_t i = 0; !named->n && i < hosts->n; i++)
        if (!is_linked(fan, hosts->v[i]) && bg_list_add(&rest, hosts->v[i], strlen(hosts->v[i])) < 0)
            status = exit_worse(status, EXIT_BROKEN);
    return rest.n ? exit_worse(status, deliver_rest(&rest, item, closes_by, all)) : status;
}
