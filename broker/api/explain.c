/* SPDX-License-Identifier: ISC */
/* Explain: this host's policy in sentences, a page at a time. Contacts are for those whom a role concerns, as
 * in Show for those whom a request does. */
#include "broker/api/api.h"
#include "policy/base/cleanup.h"
#include "policy/rules/explain.h"

#include <string.h>

/* As many of the lines as one reply holds; *next is where the next page begins, or 0. */
static int append_page(sd_bus_message *m, const struct bg_list *lines, uint32_t from, uint32_t *next)
{
    size_t room = BG_PAGE_MAX;
    int r = sd_bus_message_open_container(m, 'a', "s");

    *next = 0;
    for (size_t i = from; r >= 0 && i < lines->n; i++) {
        size_t size = strlen(lines->v[i]) + 8;

        if (size > room) {
            *next = (uint32_t)i;
            break;
        }
        room -= size;
        r = sd_bus_message_append(m, "s", lines->v[i]);
    }
    return r < 0 ? r : sd_bus_message_close_container(m);
}

int api_explain(sd_bus_message *m, void *arg, sd_bus_error *error)
{
    struct conn *c = arg;
    sd_bus_message *reply bg_cleanup_(sd_bus_message_unrefp) = NULL;
    struct bg_list lines bg_cleanup_(bg_list_free) = {0};
    uint32_t from = 0, next = 0;
    int r = sd_bus_message_read(m, "u", &from);

    if (r < 0)
        return r;
    if (c->peer.how != PEER_ROOT && c->peer.person[0] == '\0')
        return api_nobody(c, error);
    r = bg_explain_to(&lines, &c->b->site.policy, api_sees_all(c) ? NULL : c->peer.person);
    if (r < 0)
        return api_fail(error, r, NULL);
    r = sd_bus_message_new_method_return(m, &reply);
    if (r >= 0)
        r = append_page(reply, &lines, from, &next);
    if (r >= 0)
        r = sd_bus_message_append(reply, "u", next);
    return r < 0 ? r : sd_bus_message_send(reply);
}
