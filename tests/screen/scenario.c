/* SPDX-License-Identifier: ISC */
/* Reads a scenario line by line into a played host; README tells how one is written. */
#include "tests/screen/scenario.h"

#include "policy/base/cleanup.h"
#include "tests/screen/events.h"
#include "tests/screen/grants.h"
#include "tests/screen/many.h"
#include "tests/screen/pens.h"
#include "tests/screen/text.h"
#include "policy/base/timestamp.h"
#include "policy/rules/load.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MAX (1024 * 1024)

/* --- files --- */

/* As the scenario names it: beside the scenario. */
static char *beside(const char *file, const char *name)
{
    const char *slash = strrchr(file, '/');
    char *path = NULL;

    if (*name == '/' || !slash)
        return need_copy(name);
    if (asprintf(&path, "%.*s/%s", (int)(slash - file), file, name) < 0)
        abort();
    return path;
}

static char *slurp(const char *path, struct bg_sentence *err)
{
    char *text = need(calloc(1, FILE_MAX + 1));
    FILE *f = fopen(path, "re");

    if (!f) {
        (void)bg_fail(err, -errno, "cannot open %s: %s", path, strerror(errno));
        free(text);
        return NULL;
    }
    text[fread(text, 1, FILE_MAX, f)] = '\0';
    (void)fclose(f);
    return text;
}

/* --- the host --- */

static int take_include(struct play *p, struct block *block, struct bg_sentence *err)
{
    bg_free_ char *path = beside(block->file, block->rest);

    return scenario_load(p, path, err);
}

static int take_host(struct play *p, struct block *block, struct bg_sentence *err)
{
    if (p->fixed_host)
        return 0;
    if (!bg_is_host(block->rest))
        return bg_fail(err, -EINVAL, "no host's name (a lie is written: set host %s)", block->rest);
    (void)snprintf(p->b.site.host.name, sizeof p->b.site.host.name, "%s", block->rest);
    return 0;
}

/* The text of a policy stands below the word, or in a file. */
static int take_policy(struct play *p, struct block *block, struct bg_sentence *err)
{
    bg_free_ char *path = *block->rest ? beside(block->file, block->rest) : NULL;
    bg_free_ char *text = path ? slurp(path, err) : NULL;
    size_t size = 0;
    FILE *out;

    if (path && !text)
        return -ENOENT;
    if (!text) {
        out = need(open_memstream(&text, &size));
        for (size_t i = 0; i < block->lines.n; i++)
            (void)fprintf(out, "%s\n", block->lines.v[i]);
        if (fclose(out) != 0)
            abort();
    }
    bg_policy_free(&p->b.site.policy);
    bg_policy_begin(&p->b.site.policy);
    if (bg_policy_add(&p->b.site.policy, "policy.conf", text, strlen(text)) < 0 ||
        bg_policy_settle(&p->b.site.policy) < 0)
        abort();
    crypto_hash_sha256(p->b.site.policy.digest, (const unsigned char *)text, strlen(text));
    pens_enroll(p);
    p->has_policy = true;
    return 0;
}

static int take_fido(struct play *p, struct block *block, struct bg_sentence *err)
{
    (void)err;
    if (bg_list_split(&p->fido, block->rest) < 0)
        abort();
    pens_enroll(p);
    return 0;
}

/* --- Who --- */

static int take_person(struct play *p, struct block *block, struct bg_sentence *err)
{
    char *name = text_word(&block->rest);

    (void)err;
    free(p->person);
    free(p->how);
    p->person = need_copy(strcmp(name, "nobody") == 0 ? "" : name);
    p->how = need_copy(*block->rest ? block->rest : *p->person ? "session" : "none");
    grants_judge(p); /* rows say what they may do */
    return 0;
}

/* Any word stands for a digest. */
static int take_digest(struct play *p, struct block *block, struct bg_sentence *err)
{
    const char *what = text_word(&block->rest);
    char **to = strcmp(what, "policy") == 0 ? &p->policy_digest : &p->signers_digest;
    unsigned char digest[BG_DIGEST_BYTES];

    if (to == &p->signers_digest && strcmp(what, "signers") != 0)
        return bg_fail(err, -EINVAL, "digest policy|signers WORD");
    crypto_hash_sha256(digest, (const unsigned char *)block->rest, strlen(block->rest));
    free(*to);
    *to = need(malloc(BG_DIGEST_HEX));
    bg_hex(*to, digest);
    return 0;
}

static int take_dated(struct play *p, struct block *block, struct bg_sentence *err)
{
    const char *what = text_word(&block->rest);
    bool policy = strcmp(what, "policy") == 0;

    if (!policy && strcmp(what, "signers") != 0)
        return bg_fail(err, -EINVAL, "dated policy|signers TIME");
    if (text_time(policy ? &p->policy_time : &p->signers_time, block->rest) < 0)
        return bg_fail(err, -EINVAL, "'%s' is no time", block->rest);
    return 0;
}

static int take_clock(struct play *p, struct block *block, struct bg_sentence *err)
{
    bool behind = *block->rest == '-';

    if (bg_duration_parse(&p->ahead, block->rest + behind) < 0)
        return bg_fail(err, -EINVAL, "ahead 41m, or ahead -41m");
    p->ahead = behind ? -p->ahead : p->ahead;
    return 0;
}

static int take_locked(struct play *p, struct block *block, struct bg_sentence *err)
{
    (void)err;
    p->b.site.locked = text_yes(block->rest);
    grants_judge(p);
    return 0;
}

static int take_sees_all(struct play *p, struct block *block, struct bg_sentence *err)
{
    (void)err;
    p->sees_all = text_yes(block->rest);
    return 0;
}

static int take_older(struct play *p, struct block *block, struct bg_sentence *err)
{
    (void)err;
    p->older = text_yes(block->rest);
    return 0;
}

static int take_keys(struct play *p, struct block *block, struct bg_sentence *err)
{
    (void)err;
    bg_list_free(&p->keys);
    p->has_keys = true;
    if (strcmp(block->rest, "none") != 0 && bg_list_split(&p->keys, block->rest) < 0)
        abort();
    return 0;
}

static int take_set(struct play *p, struct block *block, struct bg_sentence *err)
{
    (void)err;
    need_word(&p->changes, block->rest);
    return 0;
}

/* --- what else there is to see --- */

static int take_contact(struct play *p, struct block *block, struct bg_sentence *err)
{
    const char *name = text_word(&block->rest);
    bg_free_ char *text = text_plain(block->rest);

    (void)err;
    need_word(&p->contacts, name);
    need_word(&p->contacts, text);
    return 0;
}

static int take_no_contacts(struct play *p, struct block *block, struct bg_sentence *err)
{
    (void)err;
    p->no_contacts = text_yes(block->rest);
    return 0;
}

static int take_explain(struct play *p, struct block *block, struct bg_sentence *err)
{
    bg_free_ char *text = text_plain(block->rest);

    (void)err;
    need_word(&p->explain, text);
    return 0;
}

static int take_many(struct play *p, struct block *block, struct bg_sentence *err,
                     void (*make)(struct play *p, long n))
{
    long n = strtol(block->rest, NULL, 10);

    if (n <= 0 || n > 10000000)
        return bg_fail(err, -EINVAL, "how many?");
    make(p, n);
    return 0;
}

static int take_grants(struct play *p, struct block *block, struct bg_sentence *err)
{
    return take_many(p, block, err, many_grants);
}

static int take_events(struct play *p, struct block *block, struct bg_sentence *err)
{
    return take_many(p, block, err, many_events);
}

static int take_first_event(struct play *p, struct block *block, struct bg_sentence *err)
{
    (void)err;
    p->chain.seq = strtoull(block->rest, NULL, 10) - 1;
    return 0;
}

/* --- behaviour --- */

static int take_delay(struct play *p, struct block *block, struct bg_sentence *err)
{
    p->delay = strtoll(block->rest, NULL, 10);
    return p->delay < 0 ? bg_fail(err, -EINVAL, "milliseconds") : 0;
}

/* "refuse METHOD SENTENCE", and without a sentence no longer. */
static int take_refuse(struct play *p, struct block *block, struct bg_sentence *err)
{
    bg_free_ char *whole = need_copy(block->rest);
    const char *method = text_word(&block->rest);
    struct bg_list kept = {0};

    (void)err;
    for (size_t i = 0; i < p->refused.n; i++)
        if (strncmp(p->refused.v[i], method, strlen(method)) != 0)
            need_word(&kept, p->refused.v[i]);
    if (*block->rest)
        need_word(&kept, whole);
    bg_list_free(&p->refused);
    p->refused = kept;
    return 0;
}

/* --- lines --- */

static const struct {
    const char *name;
    scenario_word *take;
} words[] = {
    {"include", take_include},
    {"host", take_host},
    {"policy", take_policy},
    {"fido", take_fido},
    {"person", take_person},
    {"digest", take_digest},
    {"dated", take_dated},
    {"ahead", take_clock},
    {"locked", take_locked},
    {"sees-all", take_sees_all},
    {"older", take_older},
    {"keys", take_keys},
    {"set", take_set},
    {"contact", take_contact},
    {"no-contacts", take_no_contacts},
    {"role", scenario_role},
    {"explain", take_explain},
    {"grant", scenario_grant},
    {"event", scenario_event},
    {"grants", take_grants},
    {"events", take_events},
    {"first-event", take_first_event},
    {"delay", take_delay},
    {"refuse", take_refuse},
};

static int take_block(struct play *p, struct block *block, struct bg_sentence *err)
{
    const char *name = text_word(&block->rest);

    for (size_t i = 0; i < BG_COUNT(words); i++)
        if (strcmp(words[i].name, name) == 0)
            return words[i].take(p, block, err);
    return bg_fail(err, -EINVAL, "there is no word '%s'", name);
}

static bool belongs(const char *line)
{
    return *line == ' ' || *line == '\t' || *line == '\n';
}

/* The lines below the first that belong to it, without their indent; empty ones are passed over. */
static void gather(struct block *block, char **rest, unsigned *line)
{
    while (*rest && belongs(*rest)) {
        char *next = strsep(rest, "\n");

        ++*line;
        next += strspn(next, " \t");
        if (*next && *next != '#')
            need_word(&block->lines, next);
    }
}

int scenario_read(struct play *p, const char *file, const char *text, struct bg_sentence *err)
{
    bg_free_ char *copy = need_copy(text);
    char *rest = copy, *line;
    unsigned number = 0;
    int r = 0;

    while (r >= 0 && (line = strsep(&rest, "\n"))) {
        struct block block = {.file = file, .rest = line};
        unsigned first = ++number;
        struct bg_sentence why = {0};

        if (line[strspn(line, " \t")] == '\0' || *line == '#')
            continue;
        gather(&block, &rest, &number);
        r = take_block(p, &block, &why);
        bg_list_free(&block.lines);
        if (r < 0)
            (void)bg_fail(err, r, "%s:%u: %s", file, first, why.text);
    }
    return r;
}

int scenario_load(struct play *p, const char *path, struct bg_sentence *err)
{
    bg_free_ char *text = slurp(path, err);

    return text ? scenario_read(p, path, text, err) : -ENOENT;
}
