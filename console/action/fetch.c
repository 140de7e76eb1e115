/* SPDX-License-Identifier: ISC */
/* A host's answer is believed as far as its signed texts go: the request must have the ID that was meant. */
#include "console/action/fetch.h"

#include "policy/base/cleanup.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ITEMS_MAX 1024

int fetch_add(struct bg_bundle *items, const struct bg_bundle_item *item)
{
    struct bg_bundle_item *v = reallocarray(items->v, items->n + 1, sizeof *v);

    if (!v)
        return -ENOMEM;
    items->v = v;
    v[items->n] = *item;
    v[items->n].text = strndup(item->text, item->len);
    if (!v[items->n].text)
        return -ENOMEM;
    items->n++;
    return 0;
}

static int take_all(struct bg_bundle *items, const struct bg_pairs *pairs, struct bg_sentence *err)
{
    if (pairs->n == 0 || pairs->n > ITEMS_MAX)
        return bg_fail(err, -EINVAL, CALL_NOT_OURS);
    for (size_t i = 0; i < pairs->n; i++) {
        const struct bg_pair *pair = &pairs->v[i];
        struct bg_bundle_item item = {
            .text = (char *)(uintptr_t)pair->first, .len = strlen(pair->first), .sig_len = sizeof item.sig};
        int r = bg_sshsig_dearmour(item.sig, &item.sig_len, pair->second, strlen(pair->second), err);

        if (r < 0)
            return r;
        if (fetch_add(items, &item) < 0)
            return bg_fail(err, -ENOMEM, "no memory left");
    }
    return 0;
}

/* A host may lie about which request an ID is; the digest does not. */
static int check_id(const struct bg_statement *request, const char *typed, struct bg_sentence *err)
{
    char wanted[BG_ID_SIZE], is[BG_ID_SIZE];

    bg_id_from_digest(is, request->digest);
    if (request->kind != BG_REQUEST || bg_id_parse(wanted, typed) < 0 ||
        strncmp(is, wanted, strlen(wanted)) != 0)
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

int fetch(struct calls *fan, const char *id, struct fetched *fetched, struct bg_sentence *err)
{
    const struct calls_link *no = NULL; /* a host that answered comes first */
    char parsed[BG_ID_SIZE];
    int why = -EHOSTUNREACH;

    *fetched = (struct fetched){0};
    if (bg_id_parse(parsed, id) < 0)
        return bg_fail(err, -EINVAL, "\"%s\" is not an ID, such as K7Q4-M2XP-9D3F", id);
    calls_call(fan, NULL, &(struct call_args){BG_METHOD_GET, .text = {id}});
    for (size_t i = 0; i < fan->n; i++) {
        struct calls_link *link = &fan->link[i];
        int r = link->state == FAN_REFUSED ? -ENOENT : -EHOSTUNREACH;

        if (link->state == FAN_DONE) {
            r = fetch_take(fetched, link->reply, id, &link->error);
            fetched->from = link;
            if (r >= 0)
                return r;
            link->state = FAN_REFUSED;
        }
        if (no && (why != -EHOSTUNREACH || r == -EHOSTUNREACH))
            continue;
        no = link;
        why = r;
    }
    return no ? bg_fail(err, why, "%s: %s", calls_label(no), no->error.text)
              : bg_fail(err, why, "no host answered");
}

void fetched_free(struct fetched *fetched)
{
    bg_statement_free(&fetched->request);
    bg_bundle_free(&fetched->items);
    *fetched = (struct fetched){0};
}

char *fetch_signed(const struct bg_bundle_item *item)
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
