/* SPDX-License-Identifier: ISC */
/* What methods have in common: who may see what, a grant by its ID, answers and errors. */
#include "broker/api/api.h"
#include "broker/bus/append.h"

#include "policy/base/cleanup.h"

#include <errno.h>

int api_fail(sd_bus_error *error, int r, const char *sentence)
{
    if (!sentence || sentence[0] == '\0')
        sentence = r == -ENOMEM ? "the host is out of memory; try again" : "it failed";
    return sd_bus_error_set(error, bg_bus_error(r), sentence);
}

int api_find(struct conn *c, const char *typed, char person[BG_PERSON_SIZE], char id[BG_ID_SIZE],
             sd_bus_error *error)
{
    char prefix[BG_ID_SIZE];
    struct bg_sentence err;

    if (bg_id_parse(prefix, typed) < 0) {
        (void)bg_fail(&err, -EINVAL, "\"%.40s\" is no grant ID; they look like K7Q4-M2XP-9D3F", typed);
        return api_fail(error, -EINVAL, err.text);
    }
    int r = bg_store_find(&c->b->site.store, prefix, person, id);

    if (r == 0)
        return 0;
    if (r == -ENOTUNIQ)
        (void)bg_fail(&err, r, "several grants begin with %s: give more of the ID", prefix);
    else
        (void)bg_fail(&err, r, "this host knows no grant %s", prefix);
    return api_fail(error, r == -ENOTUNIQ ? r : -ENOENT, err.text);
}

int api_reply_row(sd_bus_message *m, const struct bg_row_type *type, const void *row)
{
    sd_bus_message *reply bg_cleanup_(sd_bus_message_unrefp) = NULL;
    int r = sd_bus_message_new_method_return(m, &reply);

    if (r >= 0)
        r = bus_append_row(reply, type, row);
    return r < 0 ? r : sd_bus_message_send(reply);
}

int api_nobody(const struct conn *c, sd_bus_error *error)
{
    struct bg_sentence err;

    (void)bg_fail(&err, -ENXIO,
                  "this host does not know who you are (uid %u): come through ssh breakglass@%s with a key "
                  "that names you",
                  (unsigned)c->peer.uid, c->b->site.has_host ? c->b->site.host.name : "HOST");
    return api_fail(error, -ENXIO, err.text);
}

bool api_sees_all(const struct conn *c)
{
    const char *me = c->peer.person;
    const struct bg_policy *policy = &c->b->site.policy;

    if (c->peer.how == PEER_ROOT)
        return true;
    return !policy->broken &&
           (bg_list_has(&policy->administrators, me) || bg_list_has(&policy->reviewers, me));
}
