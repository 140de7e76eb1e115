/* SPDX-License-Identifier: ISC */
/* Reads all of it again on any change, and tells what differs; what does not parse ends no session. */
#include "broker/base/load.h"
#include "policy/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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
    if (!b->has_host)
        return;
    bg_hex(digest, b->policy.digest);
    e.field[BG_FIELD_POLICY] = digest;
    if (b->policy.problems.errors > 0) {
        first_problem(&b->policy.problems, why, sizeof why);
        e.id = BG_EVENT_POLICY_INVALID;
        e.field[BG_FIELD_WHY] = why;
        broker_event(b, &e);
    }
    if (b->policy.broken)
        return;
    e.id = BG_EVENT_POLICY_LOADED;
    e.field[BG_FIELD_WHY] = NULL;
    broker_event(b, &e);
}

static void tell_signers(struct broker *b)
{
    char why[1024], problem[900];
    struct bg_event e = {.id = BG_EVENT_SIGNERS_CHANGED};

    first_problem(&b->signers.problems, problem, sizeof problem);
    (void)snprintf(why, sizeof why, "%zu keys%s%s", b->signers.n, problem[0] != '\0' ? "; ignored: " : "",
                   problem);
    e.field[BG_FIELD_WHY] = why;
    broker_event(b, &e);
}

/* Keeps the last policy that parsed: it, and not a typo, says which sessions may stay. */
static int load_policy(struct broker *b)
{
    struct bg_policy fresh = {0};
    int r = bg_policy_load(&fresh, &b->root);

    if (r < 0) {
        bg_policy_free(&fresh);
        return r;
    }
    if (fresh.broken && !b->policy.broken && b->policy.n_roles > 0) {
        if (b->has_good)
            bg_policy_free(&b->good);
        b->good = b->policy;
        b->has_good = true;
    } else {
        bg_policy_free(&b->policy);
        if (!fresh.broken && b->has_good) {
            bg_policy_free(&b->good);
            b->has_good = false;
        }
    }
    b->policy = fresh;
    return 0;
}

static int load_signers(struct broker *b)
{
    struct bg_signers fresh = {0};
    int r = bg_signers_load(&fresh, &b->root);

    if (r < 0) {
        bg_signers_free(&fresh);
        return r;
    }
    bg_signers_free(&b->signers);
    b->signers = fresh;
    return 0;
}

/* "Cannot tell" is locked, as for the gate. */
static bool is_locked(const struct broker *b)
{
    struct stat st;

    bg_close_ int dir = bg_dir_open(&b->root, BG_ETC);
    if (dir < 0)
        return dir != -ENOENT;
    return fstatat(dir, "locked", &st, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

static int load_all(struct broker *b)
{
    b->locked = is_locked(b);
    b->has_host = bg_host_load(&b->host, &b->root, &b->host_error) == 0;
    int r = load_policy(b);

    return r < 0 ? r : load_signers(b);
}

int load_first(struct broker *b)
{
    int r = load_all(b);

    if (r < 0)
        return r;
    tell_policy(b);
    if (b->signers.problems.errors > 0)
        tell_signers(b);
    return 0;
}

void load_again(struct broker *b)
{
    unsigned char policy[sizeof b->policy.digest], signers[sizeof b->signers.digest];

    memcpy(policy, b->policy.digest, sizeof policy);
    memcpy(signers, b->signers.digest, sizeof signers);
    if (load_all(b) < 0)
        return; /* without memory the old ones stay; the next change or tick tries again */
    if (memcmp(policy, b->policy.digest, sizeof policy) != 0)
        tell_policy(b);
    if (memcmp(signers, b->signers.digest, sizeof signers) != 0)
        tell_signers(b);
    broker_rules(b);
}

void load_free(struct broker *b)
{
    bg_policy_free(&b->policy);
    if (b->has_good)
        bg_policy_free(&b->good);
    bg_signers_free(&b->signers);
}
