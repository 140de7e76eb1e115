/* SPDX-License-Identifier: ISC */
/* Reads all of it again on any change, and tells what differs; what does not parse ends no session. */
#include "broker/base/load.h"

#include <stdio.h>
#include <string.h>

#define PROBLEM_SIZE 900
#define SIGNERS_SIZE (PROBLEM_SIZE + 64)

/* "policy.conf:14: … (and 2 more)": the errors, then what is worth a warning. */
static void first_problem(const struct bg_problems *p, bool warnings_too, char out[PROBLEM_SIZE])
{
    size_t all = warnings_too ? p->n + p->left_out : p->errors, first = p->n;

    for (size_t i = p->n; i-- > 0;)
        if (!p->v[i].warning || (warnings_too && p->errors == 0))
            first = i;
    out[0] = '\0';
    if (first == p->n) {
        if (all > 0)
            (void)snprintf(out, PROBLEM_SIZE, "%zu problems", all);
        return;
    }
    const struct bg_problem *v = &p->v[first];
    int n = v->line > 0 ? snprintf(out, PROBLEM_SIZE, "%s:%u: %.700s", v->file, v->line, v->text)
                        : snprintf(out, PROBLEM_SIZE, "%s: %.700s", v->file, v->text);
    if (all > 1 && n > 0 && n < PROBLEM_SIZE)
        (void)snprintf(out + n, PROBLEM_SIZE - (size_t)n, " (and %zu more)", all - 1);
}

static void tell_policy(struct broker *b)
{
    char digest[BG_DIGEST_HEX], why[PROBLEM_SIZE];
    struct bg_event e = {0};

    /* Just installed: nothing is wrong before `breakglass init` has run. */
    if (!b->site.has_host)
        return;
    bg_hex(digest, b->site.policy.digest);
    e.field[BG_FIELD_POLICY] = digest;
    if (b->site.policy.problems.errors > 0) {
        first_problem(&b->site.policy.problems, false, why);
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

/* How many keys count, and what does not: also a file that is ignored for its name, which changes no digest.
 */
static void say_signers(const struct bg_signers *signers, char out[SIGNERS_SIZE])
{
    char problem[PROBLEM_SIZE];

    first_problem(&signers->problems, true, problem);
    (void)snprintf(out, SIGNERS_SIZE, "%zu keys%s%s", signers->n, problem[0] != '\0' ? "; ignored: " : "",
                   problem);
}

static void tell_signers(struct broker *b)
{
    char why[SIGNERS_SIZE];
    struct bg_event e = {.id = BG_EVENT_SIGNERS_CHANGED};

    say_signers(&b->site.signers, why);
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
    if (b->site.signers.problems.n > 0 || b->site.signers.problems.left_out > 0)
        tell_signers(b);
    return 0;
}

void load_again(struct broker *b)
{
    unsigned char policy[sizeof b->site.policy.digest], signers[sizeof b->site.signers.digest];
    char said[SIGNERS_SIZE], now[SIGNERS_SIZE];

    memcpy(policy, b->site.policy.digest, sizeof policy);
    memcpy(signers, b->site.signers.digest, sizeof signers);
    say_signers(&b->site.signers, said);
    if (load_all(b) < 0)
        return; /* without memory the old ones stay; the next change or tick tries again */
    if (memcmp(policy, b->site.policy.digest, sizeof policy) != 0)
        tell_policy(b);
    say_signers(&b->site.signers, now);
    if (memcmp(signers, b->site.signers.digest, sizeof signers) != 0 || strcmp(said, now) != 0)
        tell_signers(b);
    broker_rules(b);
}

void load_free(struct broker *b)
{
    bg_site_free(&b->site);
    if (b->has_good)
        bg_policy_free(&b->good);
}
