/* SPDX-License-Identifier: ISC */
/* Parameters of a call become a statement; a misspelt one is an error and never silently another request. */
#include "broker/api/draft.h"
#include "broker/bus/params.h"
#include "policy/rules/eligibility.h"
#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void draft_free(struct draft *draft)
{
    bg_list_free(&draft->words);
}

int draft_read(struct draft *draft, sd_bus_message *m, struct bg_sentence *err)
{
    return bus_read_row(m, &bg_draft_type, &draft->row, &draft->words, "a draft", err);
}

/* The same strings, for those who take lists; they change nothing. */
static struct bg_list list_of(const struct bg_strings *strings)
{
    return (struct bg_list){(char **)(uintptr_t)strings->v, strings->n};
}

static int copy(char **to, const char *from)
{
    if (!from || from[0] == '\0')
        return 0;
    *to = strdup(from);
    return *to ? 0 : -ENOMEM;
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
    const struct bg_role *role = bg_policy_role(&b->site.policy, draft->row.role ? draft->row.role : "");
    const struct bg_list hosts = list_of(&draft->row.hosts), accounts = list_of(&draft->row.accounts);
    int64_t duration = draft->row.duration;

    if (!draft->row.role)
        return bg_fail(err, -EINVAL, "no role was named");
    if (b->site.policy.broken)
        return bg_fail(err, -EPERM,
                       "this host's policy has errors, so nothing can be requested here; see: "
                       "breakglass policy check");
    if (hosts.n == 0 && bg_list_add(&here, b->site.host.name, strlen(b->site.host.name)) < 0)
        return -ENOMEM;
    if (duration == 0 && role)
        duration = role->max_duration;
    int r = bg_may_request(&st->terms, &b->site.policy, draft->row.by, draft->row.role,
                           hosts.n > 0 ? &hosts : &here, &accounts, duration, err);

    if (r == 0)
        r = head(st, BG_REQUEST, draft->row.by, via);
    if (r == 0)
        r = bg_statement_nonce(st);
    if (r == 0)
        r = copy(&st->terms.reason, draft->row.reason);
    if (r == 0)
        r = copy(&st->ticket, draft->row.ticket);
    if (r < 0)
        return r;
    if (!st->terms.reason)
        return bg_fail(err, -EINVAL, "a request needs a reason");
    st->drill = draft->row.drill;
    return bg_statement_print(st, err);
}

static int fill_review(struct bg_statement *st, const struct draft *draft, struct bg_sentence *err)
{
    if (draft->row.verdict && strcmp(draft->row.verdict, "ok") != 0 &&
        strcmp(draft->row.verdict, "flag") != 0)
        return bg_fail(err, -EINVAL, "a review's verdict is \"ok\" or \"flag\"");
    st->flagged = draft->row.verdict && strcmp(draft->row.verdict, "flag") == 0;
    return copy(&st->note, draft->row.note);
}

static int fill_close(struct bg_statement *st, const struct bg_statement *request, bool pending,
                      const struct draft *draft)
{
    bool given = draft->row.reason && draft->row.reason[0] != '\0';

    return copy(&st->reason, given ? draft->row.reason
                                   : bg_close_reason(strcmp(draft->row.by, request->by) == 0, pending));
}

int draft_about(struct bg_statement *st, enum bg_kind kind, const struct bg_statement *request, bool pending,
                const struct draft *draft, const char *via, struct bg_sentence *err)
{
    int r = kind == BG_APPROVE ? bg_statement_approve(st, request) : 0;

    if (r == 0)
        r = head(st, kind, draft->row.by, kind == BG_CLOSE ? via : NULL);
    memcpy(st->request, request->digest, sizeof st->request);
    if (r == 0 && kind == BG_CLOSE)
        r = fill_close(st, request, pending, draft);
    if (r == 0 && kind == BG_REVIEW)
        r = fill_review(st, draft, err);
    return r < 0 ? r : bg_statement_print(st, err);
}
