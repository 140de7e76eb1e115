/* SPDX-License-Identifier: ISC */
#include "console/action/fetch.h"

#include "policy/base/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ITEMS_MAX 1024

static int take_item(struct bg_bundle_item *item, const struct bg_pair *pair, struct bg_sentence *err)
{
    int r;

    item->sig_len = sizeof(item->sig);
    r = bg_sshsig_dearmour(item->sig, &item->sig_len, pair->second, strlen(pair->second), err);
    if (r < 0)
        return r;
    item->len = strlen(pair->first);
    item->text = strdup(pair->first);
    return item->text ? 0 : bg_fail(err, -ENOMEM, "no memory left");
}

static int take_all(struct bg_bundle *items, const struct bg_pairs *pairs, struct bg_sentence *err)
{
    if (pairs->n == 0 || pairs->n > ITEMS_MAX)
        return bg_fail(err, -EINVAL, CALL_NOT_OURS);
    items->v = calloc(pairs->n, sizeof(*items->v));
    if (!items->v)
        return bg_fail(err, -ENOMEM, "no memory left");
    for (; items->n < pairs->n; items->n++) {
        int r = take_item(&items->v[items->n], &pairs->v[items->n], err);

        if (r < 0)
            return r;
    }
    return 0;
}

/* A host may lie about which request an ID is; the digest does not. */
static int check_id(const struct bg_statement *request, const char *typed, struct bg_sentence *err)
{
    char wanted[BG_ID_SIZE], is[BG_ID_SIZE];

    if (bg_id_parse(wanted, typed) < 0)
        return bg_fail(err, -EINVAL, "\"%s\" is no ID; an ID looks like K7Q4-M2XP-9D3F", typed);
    bg_id_from_digest(is, request->digest);
    if (request->kind != BG_REQUEST || strncmp(is, wanted, strlen(wanted)) != 0)
        return bg_fail(err, -EINVAL, "it sent another request than %s; do not trust that host", typed);
    return 0;
}

int fetch_take(struct fetched *fetched, struct reply *reply, const char *id, struct bg_sentence *err)
{
    int r;

    *fetched = (struct fetched){0};
    r = take_all(&fetched->items, &reply->pairs, err);
    if (r >= 0)
        r = bg_statement_parse(&fetched->request, fetched->items.v[0].text, fetched->items.v[0].len, err);
    if (r >= 0)
        r = check_id(&fetched->request, id, err);
    if (r < 0)
        fetched_free(fetched);
    return r;
}

static int take(struct calls_link *link, const char *id, struct fetched *fetched, struct bg_sentence *err)
{
    int r = fetch_take(fetched, link->reply, id, err);

    fetched->from = link;
    if (r < 0) {
        (void)bg_fail(&link->error, r, "%s", err->text);
        link->state = FAN_REFUSED;
    }
    return r;
}

int fetch(struct calls *fan, const char *id, struct fetched *fetched, struct bg_sentence *err)
{
    char parsed[BG_ID_SIZE];
    int r = -EHOSTUNREACH;

    *fetched = (struct fetched){0};
    if (bg_id_parse(parsed, id) < 0)
        return bg_fail(err, -EINVAL, "\"%s\" is no ID; an ID looks like K7Q4-M2XP-9D3F", id);
    calls_call(fan, NULL, &(struct call_args){BG_METHOD_GET, .text = {id}});
    for (size_t i = 0; i < fan->n; i++)
        if (fan->link[i].state == FAN_DONE && (r = take(&fan->link[i], id, fetched, err)) >= 0)
            return r;
    for (size_t i = 0; i < fan->n; i++)
        if (fan->link[i].state == FAN_REFUSED)
            return bg_fail(err, r == -EHOSTUNREACH ? -ENOENT : r, "%s: %s", calls_label(&fan->link[i]),
                           fan->link[i].error.text);
    for (size_t i = 0; i < fan->n; i++)
        if (fan->link[i].state == FAN_UNREACHABLE)
            return bg_fail(err, r, "%s: %s", calls_label(&fan->link[i]), fan->link[i].error.text);
    return bg_fail(err, r, "no host answered");
}

void fetched_free(struct fetched *fetched)
{
    bg_statement_free(&fetched->request);
    bg_bundle_free(&fetched->items);
    *fetched = (struct fetched){0};
}

char *fetch_carried(const struct bg_bundle_item *item)
{
    char *armour = bg_sshsig_armour(item->sig, item->sig_len), *both = NULL;

    if (armour && asprintf(&both, "%.*s%s", (int)item->len, item->text, armour) < 0)
        both = NULL;
    free(armour);
    return both;
}

char *fetch_tokens(const struct bg_bundle *items)
{
    char *all = NULL;

    for (size_t i = items->n > 1 ? 1 : 0; i < items->n; i++) {
        const struct bg_bundle_item pair[2] = {items->v[0], items->v[i]};
        bg_free_ char *token = NULL, *before = all;

        if (bg_token_make(&token, i ? pair : items->v, i ? 2 : 1) < 0 ||
            asprintf(&all, "%s%s%s", before ? before : "", before ? "\n" : "", token) < 0)
            return NULL;
    }
    return all;
}

void item_free(struct bg_bundle_item *item)
{
    free(item->text);
    *item = (struct bg_bundle_item){0};
}

int item_copy(struct bg_bundle_item *to, const struct bg_bundle_item *from)
{
    *to = *from;
    to->text = strndup(from->text, from->len);
    return to->text ? 0 : -ENOMEM;
}
