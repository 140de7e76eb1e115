/* SPDX-License-Identifier: ISC */
/* Commands to paste elsewhere, safe for any shell. */
#include "console/words/instructions.h"

#include "console/words/grant.h"
#include "policy/base/cleanup.h"
#include "policy/base/error.h"
#include "policy/base/timestamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 74 /* of a line; people's terminals have 80, and it stands indented */

bool instructions_word(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:%";

    return *word && *word != '-' && word[strspn(word, plain)] == 0;
}

/* Lines that grow by words, folded between words so that a shell still takes them as one. */
struct lines {
    FILE *to;
    char *text;
    size_t size, col;
};

static bool begin(struct lines *l)
{
    *l = (struct lines){0};
    l->to = open_memstream(&l->text, &l->size);
    return l->to != NULL;
}

static void add(struct lines *l, const char *text)
{
    l->col += strlen(text);
    fputs(text, l->to);
}

/* behind: columns that what follows the last of them needs. */
static void add_hosts(struct lines *l, const char *before, const struct bg_list *hosts, size_t behind)
{
    size_t n = 0;

    for (size_t i = 0; i < hosts->n; i++) {
        if (!instructions_word(hosts->v[i]))
            continue;
        n++;
        if (l->col + strlen(before) + strlen(hosts->v[i]) + (i + 1 == hosts->n ? behind : 2) > WIDTH) {
            fputs(" \\\n   ", l->to);
            l->col = 3;
        }
        add(l, before);
        add(l, hosts->v[i]);
    }
    if (n == 0) {
        add(l, before);
        add(l, "HOST");
    }
}

static char *end(struct lines *l)
{
    bool failed = ferror(l->to) != 0;

    if (fclose(l->to) == 0 && !failed)
        return l->text;
    free(l->text);
    return NULL;
}

char *instructions_verb(const char *verb, const char *id, const struct bg_list *hosts)
{
    char shown[64];
    struct lines l;

    if (!begin(&l))
        return NULL;
    add(&l, "breakglass ");
    add(&l, verb);
    add(&l, " ");
    add(&l, show_id(shown, id));
    add_hosts(&l, " -H ", hosts, 0);
    return end(&l);
}

static void add_put(struct lines *l, const struct bg_list *hosts)
{
    static const char each[] = "; do cat a a.sig | ssh breakglass@$h put; done";

    l->col = 0;
    if (hosts->n > 1) {
        add(l, "for h in");
        add_hosts(l, " ", hosts, strlen(each));
        add(l, each);
    } else {
        add(l, "cat a a.sig | ssh");
        add_hosts(l, " breakglass@", hosts, strlen(" put"));
        add(l, " put");
    }
    add(l, "\n");
}

/* An old a.sig would make ssh-keygen prompt, and take the next line for the answer; "&&" keeps that line from
 * being typed into a question for a passphrase. */
static void add_bring(struct lines *l, const struct bg_list *hosts, const char *key)
{
    fprintf(l->to, "rm -f a.sig; ssh-keygen -Y sign -n breakglass -f %s a &&\n", key);
    add_put(l, hosts);
}

char *instructions_bring(const struct bg_list *hosts, const char *key)
{
    struct lines l;

    if (!begin(&l))
        return NULL;
    add_bring(&l, hosts, key);
    return end(&l);
}

/* -n: ssh would read the lines that were pasted behind it. The first line stands alone, so that what it shows
 * can be read before it is signed. */
char *instructions_stock(const char *kind, const char *id, const char *from, const struct bg_list *hosts,
                         const char *key)
{
    size_t first = strcspn(kind, " ");
    char shown[64];
    struct lines l;

    if (!begin(&l))
        return NULL;
    fprintf(l.to, "ssh -n breakglass@%s text %.*s %s%s > a; cat a\n", instructions_word(from) ? from : "HOST",
            (int)first, kind, show_id(shown, id), kind + first);
    add_bring(&l, hosts, key);
    return end(&l);
}

char *instructions_message(const struct bg_grant_row *grant, const struct bg_list *words, const char *from)
{
    bg_free_ char *verb = instructions_verb("approve", grant->id, words);
    bg_free_ char *stock = instructions_stock("approve", grant->id, from, words, "KEY");
    char duration[BG_DURATION_SIZE], hosts[BG_SENTENCE_SIZE], *text = NULL;

    bg_duration_format(duration, grant->duration);
    (void)strings_join(&grant->hosts, ",", hosts, sizeof hosts);
    if (!verb || !stock ||
        asprintf(&text, "%s needs %s on %s for %s: %s%s%s\n%s\nor, with nothing installed:\n%s",
                 grant->person, grant->role, hosts, duration, grant->reason, *grant->ticket ? ", " : "",
                 grant->ticket, verb, stock) < 0)
        return NULL;
    return text;
}
