/* SPDX-License-Identifier: ISC */
/* Commands to paste elsewhere, safe for any shell. */
#include "console/words/instructions.h"

#include "policy/base/cleanup.h"
#include "policy/base/error.h"
#include "policy/base/name.h"
#include "policy/base/timestamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMAND_SIZE 80
#define WIDTH 74 /* of a line; people's terminals have 80, and it stands indented */

bool instructions_word(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:%";

    return *word && *word != '-' && word[strspn(word, plain)] == 0;
}

/* The text that was written, or NULL where that failed. */
static char *written(FILE *to, char **text)
{
    bool failed = ferror(to) != 0;

    if (fclose(to) == 0 && !failed)
        return *text;
    free(*text);
    return NULL;
}

/* Each host behind `before`, folded between words so that a shell still takes them as one line. col: where
 * they begin; behind: columns that what follows the last of them needs. */
static void put_hosts(FILE *to, int col, const char *before, const struct bg_list *hosts, size_t behind)
{
    size_t at = (size_t)col, n = 0;

    for (size_t i = 0; i < hosts->n; i++) {
        size_t width = strlen(before) + strlen(hosts->v[i]);

        if (!instructions_word(hosts->v[i]))
            continue;
        if (at + width + (i + 1 == hosts->n ? behind : 2) > WIDTH) {
            fputs(" \\\n   ", to);
            at = 3;
        }
        fprintf(to, "%s%s", before, hosts->v[i]);
        at += width;
        n++;
    }
    if (n == 0)
        fprintf(to, "%sHOST", before);
}

char *instructions_verb(const char *verb, const char *id, const struct bg_list *hosts)
{
    char shown[BG_ID_SHOWN_SIZE], *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);

    if (!to)
        return NULL;
    bg_id_show(shown, id);
    put_hosts(to, fprintf(to, "breakglass %s %s", verb, shown), " -H ", hosts, 0);
    return written(to, &text);
}

static void put_put(FILE *to, const struct bg_list *hosts)
{
    static const char each[] = "; do cat a a.sig | ssh breakglass@$h put; done";

    if (hosts->n > 1) {
        put_hosts(to, fprintf(to, "for h in"), " ", hosts, strlen(each));
        fprintf(to, "%s\n", each);
    } else {
        put_hosts(to, fprintf(to, "cat a a.sig | ssh"), " breakglass@", hosts, strlen(" put"));
        fputs(" put\n", to);
    }
}

/* -n: ssh would read the lines that were pasted behind it. The first line stands alone, so that what it shows
 * can be read before it is signed. An old a.sig would make ssh-keygen prompt, and take the next line for the
 * answer; "&&" keeps that line from being typed into a question for a passphrase. */
char *instructions_text(const char *command, const char *from, const struct bg_list *hosts, const char *key)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);

    if (!to)
        return NULL;
    fprintf(to,
            "ssh -n breakglass@%s %s > a; cat a\nrm -f a.sig; ssh-keygen -Y sign -n breakglass -f %s a &&\n",
            instructions_word(from) ? from : "HOST", command, key);
    put_put(to, hosts);
    return written(to, &text);
}

char *instructions_stock(const char *kind, const char *id, const char *from, const struct bg_list *hosts,
                         const char *key)
{
    size_t first = strcspn(kind, " ");
    char shown[BG_ID_SHOWN_SIZE], command[COMMAND_SIZE];

    bg_id_show(shown, id);
    (void)snprintf(command, sizeof command, "text %.*s %s%s", (int)first, kind, shown, kind + first);
    return instructions_text(command, from, hosts, key);
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
