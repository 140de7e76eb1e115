/* SPDX-License-Identifier: ISC */
/* Reads all of it again on any change, and tells what differs; what does not parse ends no session. */
#include "broker/base/load.h"

#include <stdio.h>
#include <string.h>

/* "policy.conf:14: … (and 2 more)", of the errors or, where there are none, the warnings. */
static void first_problem(const struct bg_problems *p, char *out, size_t size)
{
    size_t others = p->errors > 1 ? p->errors - 1 : 0;

    out[0] = '\0';
    for (size_t i = 0; i < p->n; i++) {
        if (p->v[i].warning)
            continue;
        int n = p->v[i].line > 0
                    ? snprintf(out, size, "%s:%u: %.700s", p->v[i].file, p->v[i].line, p->v[i].text)
                    : snprintf(out, size, "%s: %.700s", p->v[i].file, p->v[i].text);

        if (others > 0 && n > 0 && (size_t)n < size)
            (void)snprintf(out + n, size - (size_t)n, " (and %zu more)", others);
        return;
    }
    if (p->errors > 0)
        (void)snprintf(out, size, "%zu problems", p->errors);
}

static void tell_policy(struct broker *b)
{
    char digest[BG_DIGEST_HEX], why[1024];
    struct bg_event e = {0};

    /* Just installed: nothing is wrong before `breakglass init` has run. */
    if (!b->site.has_host)
        return;
    bg_hex(digest, b->site.policy.digest);
    e.field[BG_FIELD_POLICY] = digest;
    if (b->site.policy.problems.errors > 0) {
        first_problem(&b->site.policy.problems, why, sizeof why);
        e.id = BG_EVENT_POLICY_INVALID;
        e.field[BG_FIELD_WHY] = why;
        broker_event(b, &e);
    }
    if (b->site.policy.broken)
        return;
    e.id = BG_EVENT_POLICY_LOADED;
    e.field[BG_FIELD_WHY] = NULL;
    broker_event(b, &e);
}

static void tell_signers(struct broker *b)
{
    char why[1024], problem[900];
    struct bg_event e = {.id = BG_EVENT_SIGNERS_CHANGED};

    first_problem(&b->site.signers.problems, problem, sizeof problem);
    (void)snprintf(why, sizeof why, "%zu keys%s%s", b->site.signers.n,
                   problem[0] != '\0' ? "; ignored: " : "", problem);
    e.field[BG_FIELD_WHY] = why;
    broker_event(b, &e);
}

/* Keeps the last policy that parsed: it, and not a typo, says which sessions may stay. The site's own is free
 * to be written over afterwards. */
static void keep_good(struct broker *b, bool fresh_is_broken)
{
    if (fresh_is_broken && !b->site.policy.broken && b->site.policy.n_roles > 0) {
        if (b->has_good)
            bg_policy_free(&b->good);
        b->good = b->site.policy;
        b->has_good = true;
        return;
    }
    bg_policy_free(&b->site.policy);
    if (!fresh_is_broken && b->has_good) {
        bg_policy_free(&b->good);
        b->has_good = false;
    }
}

static int load_all(struct broker *b)
{
    struct bg_site fresh;
    int r = bg_site_load(&fresh, &b->site.root, false);

    if (r < 0) {
        b->site.locked = fresh.locked;
        bg_site_free(&fresh);
        return r;
    }
    keep_good(b, fresh.policy.broken);
    bg_signers_free(&b->site.signers);
    b->site = fresh;
    return 0;
}

int load_first(struct broker *b)
{
    int r = load_all(b);

    if (r < 0)
        return r;
    tell_policy(b);
    if (b->site.signers.problems.errors > 0)
        tell_signers(b);
    return 0;
}

void load_again(struct broker *b)
{
    unsigned char policy[sizeof b->site.policy.digest], signers[sizeof b->site.signers.digest];

    memcpy(policy, b->site.policy.digest, sizeof policy);
    memcpy(signers, b->site.signers.digest, sizeof signers);
    if (load_all(b) < 0)
        return; /* without memory the old ones stay; the next change or tick tries again */
    if (memcmp(policy, b->site.policy.digest, sizeof policy) != 0)
        tell_policy(b);
    if (memcmp(signers, b->site.signers.digest, sizeof signers) != 0)
        tell_signers(b);
    broker_rules(b);
}

void load_free(struct broker *b)
{
    bg_site_free(&b->site);
    if (b->has_good)
        bg_policy_free(&b->good);
}
