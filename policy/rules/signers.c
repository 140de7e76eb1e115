/* SPDX-License-Identifier: ISC */
/* The enrolled keys as a value: which line counts for what at which time, and what a key under two names is.
 */
#include "policy/rules/signers.h"

#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    enum bg_namespace ns;
    const char *name;
} namespaces[] = {
    {BG_NS_SIGN, "breakglass"},      {BG_NS_LOGIN, "breakglass-login"},
    {BG_NS_SEAL, "breakglass-seal"}, {BG_NS_AUTOMATION, "breakglass-automation"},
    {BG_NS_HOST, "breakglass-host"},
};

const char *bg_namespace_name(enum bg_namespace ns)
{
    for (size_t i = 0; i < BG_COUNT(namespaces); i++)
        if (namespaces[i].ns == ns)
            return namespaces[i].name;
    return "none";
}

unsigned bg_namespace_bit(const char *name)
{
    for (size_t i = 0; i < BG_COUNT(namespaces); i++)
        if (strcmp(namespaces[i].name, name) == 0)
            return (unsigned)namespaces[i].ns;
    return 0;
}

void bg_signer_clear(struct bg_signer *s)
{
    free(s->name);
    free(s->comment);
    free(s->file);
}

void bg_signers_free(struct bg_signers *signers)
{
    for (size_t i = 0; i < signers->n; i++)
        bg_signer_clear(&signers->v[i]);
    free(signers->v);
    free(signers->by_key);
    bg_problems_free(&signers->problems);
    *signers = (struct bg_signers){0};
}

/* --- keys under two names --- */

/* A person, a host and an automation of one name are three. */
static bool same_holder(const struct bg_signer *a, const struct bg_signer *b)
{
    return a->is_host == b->is_host &&
           (a->namespaces == BG_NS_AUTOMATION) == (b->namespaces == BG_NS_AUTOMATION) &&
           strcmp(a->name, b->name) == 0;
}

static int compare_keys(const struct bg_key *a, const struct bg_key *b)
{
    if (a->blob_len != b->blob_len)
        return a->blob_len < b->blob_len ? -1 : 1;
    return memcmp(a->blob, b->blob, a->blob_len);
}

static int by_key(const void *a, const void *b)
{
    const struct bg_signer *x = *(struct bg_signer *const *)a, *y = *(struct bg_signer *const *)b;
    int r = compare_keys(&x->key, &y->key);

    return r != 0 ? r : x < y ? -1 : x > y; /* then as they were read */
}

/* order[0..n) are the lines of one key. */
static void settle_key(struct bg_signers *signers, struct bg_signer **order, size_t n)
{
    const struct bg_signer *other = NULL;
    char fingerprint[BG_FINGERPRINT_SIZE];

    for (size_t i = 1; i < n && !other; i++)
        if (!same_holder(order[0], order[i]))
            other = order[i];
    if (!other)
        return;
    if (!order[0]->reported) {
        bg_key_fingerprint(fingerprint, order[0]->key.blob, order[0]->key.blob_len);
        bg_problem_add(&signers->problems, other->file, other->line, false,
                       "the key %s stands under %s%s here and under %s%s in %s:%u: it counts for neither",
                       fingerprint, other->is_host ? BG_HOST_PREFIX : "", other->name,
                       order[0]->is_host ? BG_HOST_PREFIX : "", order[0]->name, order[0]->file,
                       order[0]->line);
    }
    for (size_t i = 0; i < n; i++)
        order[i]->conflicted = order[i]->reported = true;
}

void bg_signers_settle(struct bg_signers *signers)
{
    size_t n = signers->n, end;
    struct bg_signer **order = reallocarray(signers->by_key, n ? n : 1, sizeof *order);

    if (!order) { /* unknown is no */
        for (size_t i = 0; i < n; i++)
            signers->v[i].conflicted = true;
        return;
    }
    for (size_t i = 0; i < n; i++)
        order[i] = &signers->v[i];
    qsort(order, n, sizeof *order, by_key);
    signers->by_key = order;
    signers->n_by_key = n;
    for (size_t i = 0; i < n; i = end) {
        for (end = i + 1; end < n && compare_keys(&order[i]->key, &order[end]->key) == 0;)
            end++;
        settle_key(signers, order + i, end - i);
    }
}

/* --- whether a line counts --- */

/* How far a line goes towards counting; the best line's reason is the one to tell. */
enum fit { FIT_UNKNOWN, FIT_CONFLICTED, FIT_NAMESPACE, FIT_LATER, FIT_EXPIRED, FIT_COUNTS };

static enum fit fit(const struct bg_signer *s, enum bg_namespace ns, int64_t now)
{
    if (s->conflicted)
        return FIT_CONFLICTED;
    if (!(s->namespaces & (unsigned)ns))
        return FIT_NAMESPACE;
    if (now < s->valid_after)
        return FIT_LATER;
    return now > s->valid_before ? FIT_EXPIRED : FIT_COUNTS;
}

static void say_why(const struct bg_signer *s, enum fit why, const struct bg_key *key, enum bg_namespace ns,
                    struct bg_sentence *err)
{
    char fingerprint[BG_FINGERPRINT_SIZE], when[BG_TIME_SIZE];

    bg_key_fingerprint(fingerprint, key->blob, key->blob_len);
    switch (why) {
    case FIT_UNKNOWN:
        (void)bg_fail(err, -EKEYREJECTED, "the key %s is not in signers", fingerprint);
        return;
    case FIT_CONFLICTED:
        (void)bg_fail(err, -EKEYREJECTED,
                      "the key %s stands under two names in signers and counts for neither (%s:%u)",
                      fingerprint, s->file, s->line);
        return;
    case FIT_NAMESPACE:
        (void)bg_fail(err, -EKEYREJECTED, "the key %s of %s is not enrolled for %s (%s:%u)", fingerprint,
                      s->name, bg_namespace_name(ns), s->file, s->line);
        return;
    case FIT_LATER:
        bg_time_format(when, s->valid_after);
        (void)bg_fail(err, -EKEYREJECTED, "the key %s of %s counts only from %s on (%s:%u)", fingerprint,
                      s->name, when, s->file, s->line);
        return;
    case FIT_EXPIRED:
        bg_time_format(when, s->valid_before);
        (void)bg_fail(err, -EKEYREJECTED, "the key %s of %s counted only until %s (%s:%u)", fingerprint,
                      s->name, when, s->file, s->line);
        return;
    case FIT_COUNTS:
        return;
    }
}

/* The first of the settled lines whose key is not before this one. */
static size_t first_of_key(const struct bg_signers *signers, const struct bg_key *key)
{
    size_t low = 0, high = signers->n_by_key;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare_keys(&signers->by_key[middle]->key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct bg_signer *bg_signers_find(const struct bg_signers *signers, const struct bg_key *key,
                                        enum bg_namespace ns, int64_t now, struct bg_sentence *err)
{
    const struct bg_signer *best = NULL;
    enum fit best_fit = FIT_UNKNOWN;

    /* Lines read after the last settling are nobody's yet. */
    if (signers->n_by_key != signers->n) {
        (void)bg_fail(err, -EKEYREJECTED, "signers was not read to its end");
        return NULL;
    }
    for (size_t i = first_of_key(signers, key); i < signers->n; i++) {
        const struct bg_signer *s = signers->by_key[i];

        if (!bg_key_equal(&s->key, key))
            break;
        enum fit f = fit(s, ns, now);
        if (f == FIT_COUNTS)
            return s;
        if (f > best_fit) {
            best = s;
            best_fit = f;
        }
    }
    if (err)
        say_why(best, best_fit, key, ns, err);
    return NULL;
}

bool bg_signers_has(const struct bg_signers *signers, const char *person, enum bg_namespace ns, int64_t now)
{
    for (size_t i = 0; i < signers->n; i++) {
        const struct bg_signer *s = &signers->v[i];

        if (!s->is_host && strcmp(s->name, person) == 0 && fit(s, ns, now) == FIT_COUNTS)
            return true;
    }
    return false;
}
