/* SPDX-License-Identifier: ISC */
#include "broker/api/draft.h"
#include "policy/rules/eligibility.h"
#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void draft_free(struct draft *draft)
{
    bg_list_free(&draft->hosts);
    bg_list_free(&draft->accounts);
}

static int read_list(sd_bus_message *m, struct bg_list *list)
{
    const char *word = NULL;
    int r = sd_bus_message_enter_container(m, 'v', "as");

    if (r >= 0)
        r = sd_bus_message_enter_container(m, 'a', "s");
    while (r >= 0 && (r = sd_bus_message_read(m, "s", &word)) > 0) {
        if (list->n >= BG_LIST_MAX)
            return -E2BIG;
        r = bg_list_add(list, word, strlen(word));
    }
    if (r >= 0)
        r = sd_bus_message_exit_container(m);
    return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_value(struct draft *draft, sd_bus_message *m, const char *key)
{
    const struct {
        const char *key;
        const char **value;
    } strings[] = {
        {"by", &draft->by},         {"role", &draft->role}, {"reason", &draft->reason},
        {"ticket", &draft->ticket}, {"id", &draft->id},     {"verdict", &draft->verdict},
        {"note", &draft->note},
    };
    int drill = 0, r;

    for (size_t i = 0; i < BG_COUNT(strings); i++)
        if (strcmp(key, strings[i].key) == 0)
            return sd_bus_message_read(m, "v", "s", strings[i].value);
    if (strcmp(key, "duration") == 0)
        return sd_bus_message_read(m, "v", "x", &draft->duration);
    if (strcmp(key, "hosts") == 0)
        return read_list(m, &draft->hosts);
    if (strcmp(key, "accounts") == 0)
        return read_list(m, &draft->accounts);
    if (strcmp(key, "drill") != 0)
        return -ENOKEY;
    r = sd_bus_message_read(m, "v", "b", &drill);
    draft->drill = drill != 0;
    return r;
}

int draft_read(struct draft *draft, sd_bus_message *m, struct bg_sentence *err)
{
    const char *key = NULL;
    int r = sd_bus_message_enter_container(m, 'a', "{sv}");

    while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
        r = sd_bus_message_read(m, "s", &key);
        if (r >= 0)
            r = read_value(draft, m, key);
        if (r == -ENOMEM)
            return r;
        if (r < 0)
            return bg_fail(err, -EINVAL,
                           r == -ENOKEY ? "\"%s\" is no part of a draft" : "\"%s\" has the wrong type",
                           key != NULL ? key : "");
        r = sd_bus_message_exit_container(m);
    }
    if (r >= 0)
        r = sd_bus_message_exit_container(m);
    return r < 0 ? bg_fail(err, -EINVAL, "the draft is malformed") : 0;
}

static int copy(char **to, const char *from)
{
    if (from == NULL || from[0] == '\0')
        return 0;
    *to = strdup(from);
    return *to == NULL ? -ENOMEM : 0;
}

static int head(struct bg_statement *st, enum bg_kind kind, const char *by, const char *via)
{
    st->kind = kind;
    st->time = bg_now();
    int r = copy(&st->by, by);

    return r < 0 ? r : copy(&st->via, via);
}

int draft_request(struct bg_statement *st, const struct broker *b, const struct draft *draft, const char *via,
                  struct bg_sentence *err)
{
    struct bg_list here bg_cleanup_(bg_list_free) = {0};
    const struct bg_role *role = bg_policy_role(&b->policy, draft->role != NULL ? draft->role : "");
    int64_t duration = draft->duration;

    if (draft->role == NULL)
        return bg_fail(err, -EINVAL, "no role was named");
    if (b->policy.broken)
        return bg_fail(err, -EPERM,
                       "this host's policy does not parse, so nothing can be asked for here; see: "
                       "breakglass policy check");
    if (draft->hosts.n == 0 && bg_list_add(&here, b->host.name, strlen(b->host.name)) < 0)
        return -ENOMEM;
    if (duration == 0 && role != NULL)
        duration = role->max_duration;
    int r = bg_may_request(&st->terms, &b->policy, draft->by, draft->role,
                           draft->hosts.n > 0 ? &draft->hosts : &here, &draft->accounts, duration, err);

    if (r == 0)
        r = head(st, BG_REQUEST, draft->by, via);
    if (r == 0)
        r = bg_statement_nonce(st);
    if (r == 0)
        r = copy(&st->terms.reason, draft->reason);
    if (r == 0)
        r = copy(&st->ticket, draft->ticket);
    if (r < 0)
        return r;
    if (st->terms.reason == NULL)
        return bg_fail(err, -EINVAL, "a request needs a reason");
    st->drill = draft->drill;
    return bg_statement_print(st, err);
}

static int fill_review(struct bg_statement *st, const struct draft *draft, struct bg_sentence *err)
{
    if (draft->verdict != NULL && strcmp(draft->verdict, "ok") != 0 && strcmp(draft->verdict, "flag") != 0)
        return bg_fail(err, -EINVAL, "a review's verdict is \"ok\" or \"flag\"");
    st->flagged = draft->verdict != NULL && strcmp(draft->verdict, "flag") == 0;
    return copy(&st->note, draft->note);
}

static int fill_close(struct bg_statement *st, const struct bg_statement *request, bool pending,
                      const struct draft *draft)
{
    bool given = draft->reason != NULL && draft->reason[0] != '\0';

    return copy(&st->reason,
                given ? draft->reason : bg_close_reason(strcmp(draft->by, request->by) == 0, pending));
}

int draft_about(struct bg_statement *st, enum bg_kind kind, const struct bg_statement *request, bool pending,
                const struct draft *draft, const char *via, struct bg_sentence *err)
{
    int r = kind == BG_APPROVE ? bg_statement_approve(st, request) : 0;

    if (r == 0)
        r = head(st, kind, draft->by, kind == BG_CLOSE ? via : NULL);
    memcpy(st->request, request->digest, sizeof st->request);
    if (r == 0 && kind == BG_CLOSE)
        r = fill_close(st, request, pending, draft);
    if (r == 0 && kind == BG_REVIEW)
        r = fill_review(st, draft, err);
    return r < 0 ? r : bg_statement_print(st, err);
}
