/* SPDX-License-Identifier: ISC */
/* Hosts that nobody but a pasted text names: ssh goes to none of them before the person says so. */
#include "console/screen/data/unknown_hosts.h"

#include "policy/base/name.h"
#include "console/base/destination.h"

#include <string.h>

/* The word in the hosts file that means that host, or NULL. */
static const char *word_for(const struct frame *frame, const char *name)
{
    for (size_t i = 0; i < frame->hosts_file.n; i++)
        if (destination_may_be(frame->hosts_file.v[i], name))
            return frame->hosts_file.v[i];
    return NULL;
}

/* A host that was only needed for one thing is our own while it is connected. */
static bool is_ours(const struct frame *frame, int host)
{
    return host >= 0 && (!frame->model.host[host].extra || frame->model.host[host].state == HOST_UP);
}

static bool is_own(const struct frame *frame, const char *name)
{
    return is_ours(frame, model_find_host(&frame->model, name)) || word_for(frame, name);
}

int own_host(struct frame *frame, const char *name)
{
    const char *word = is_ours(frame, model_find_host(&frame->model, name)) ? name : word_for(frame, name);

    return word ? live_reach(frame->live, word) : -1;
}

int unknown_hosts_add(struct bg_list *strangers, struct frame *frame, const struct bg_list *hosts)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < hosts->n; i++)
        if (bg_is_host(hosts->v[i]) && !is_own(frame, hosts->v[i]) && !bg_list_has(strangers, hosts->v[i]))
            r = bg_list_add(strangers, hosts->v[i], strlen(hosts->v[i]));
    return r;
}

void unknown_hosts_say(struct page *page, const struct bg_list *strangers)
{
    page_add(page, STYLE_WAITS, 1,
             "What was pasted names %s not yours: not given with -H, not in ~/.config/breakglass/hosts, not "
             "connected.",
             strangers->n == 1 ? "a host that is" : "hosts that are");
    for (size_t i = 0; i < strangers->n; i++)
        page_add(page, STYLE_STRONG, 3, "%s", strangers->v[i]);
    page_add(page, STYLE_PLAIN, 1,
             "Nobody has verified that text: whoever wrote it chose the %s. To bring it there, ssh connects "
             "and offers your keys.",
             strangers->n == 1 ? "name" : "names");
}
