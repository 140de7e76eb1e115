/* SPDX-License-Identifier: ISC */
/* The lines of all policy files, with the digest of the files, until the last one has been read. */
#include "policy/rules/draft.h"

#include "policy/rules/conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct bg_policy_draft *bg_policy_draft_new(void)
{
    struct bg_policy_draft *draft = calloc(1, sizeof *draft);

    if (draft)
        (void)crypto_hash_sha256_init(&draft->hash);
    return draft;
}

void bg_policy_draft_free(struct bg_policy_draft *draft)
{
    if (!draft)
        return;
    for (size_t i = 0; i < draft->n; i++)
        free(draft->v[i].texts);
    free(draft->v);
    free(draft);
}

static size_t size_of(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

/* Copies a text to *to, which then is behind it. */
static const char *copy_text(char **to, const char *text)
{
    char *copy = *to;

    if (!text)
        return NULL;
    *to = stpcpy(copy, text) + 1;
    return copy;
}

static int keep_line(const struct bg_conf_line *line, void *arg)
{
    struct bg_policy_draft *draft = arg;
    struct bg_draft_line *v = reallocarray(draft->v, draft->n + 1, sizeof *v);
    char *texts;

    if (!v)
        return -ENOMEM;
    draft->v = v;
    /* In one piece: the gate reads these lines at every login. */
    texts = malloc(size_of(line->file) + size_of(line->section) + size_of(line->name) + size_of(line->key) +
                   size_of(line->value) + size_of(line->bad));
    if (!texts)
        return -ENOMEM;
    v += draft->n++;
    *v = (struct bg_draft_line){.line = line->line, .header = line->header, .texts = texts};
    v->file = copy_text(&texts, line->file);
    v->section = copy_text(&texts, line->section);
    v->name = copy_text(&texts, line->name);
    v->key = copy_text(&texts, line->key);
    v->value = copy_text(&texts, line->value);
    v->bad = copy_text(&texts, line->bad);
    return 0;
}
static void hash_bytes(crypto_hash_sha256_state *hash, const char *bytes, size_t len)
{
    unsigned char size[8];

    for (size_t i = 0; i < sizeof size; i++)
        size[i] = (unsigned char)((uint64_t)len >> (56 - 8 * i));
    (void)crypto_hash_sha256_update(hash, size, sizeof size);
    (void)crypto_hash_sha256_update(hash, (const unsigned char *)bytes, len);
}
int bg_policy_draft_add(struct bg_policy_draft *draft, const char *file, const char *text, size_t len)
{
    hash_bytes(&draft->hash, file, strlen(file));
    hash_bytes(&draft->hash, text, len);
    return bg_conf_parse(file, text, len, keep_line, draft);
}
