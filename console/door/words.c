/* SPDX-License-Identifier: ISC */
/* A command is split at blanks and nothing else is made of it. */
#include "console/door/words.h"

#include "policy/base/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool takes_rest(const char *word)
{
    return strcmp(word, "--reason") == 0 || strcmp(word, "--note") == 0;
}

static int add_value(struct bg_list *words, const struct bg_list *rest)
{
    bg_free_ char *value = bg_list_join(rest);
    size_t len = value ? strlen(value) : 0;

    if (!value)
        return -ENOMEM;
    if (len >= 2 && (value[0] == '"' || value[0] == '\'') && value[len - 1] == value[0])
        return bg_list_add(words, value + 1, len - 2);
    return bg_list_add(words, value, len);
}

static int gather(const struct bg_list *all, struct bg_list *words)
{
    for (size_t i = 0; i < all->n; i++) {
        struct bg_list rest = {0};
        int r = bg_list_add(words, all->v[i], strlen(all->v[i]));

        if (r >= 0 && takes_rest(all->v[i])) {
            while (r >= 0 && i + 1 < all->n && strncmp(all->v[i + 1], "--", 2) != 0) {
                i++;
                r = bg_list_add(&rest, all->v[i], strlen(all->v[i]));
            }
            if (r >= 0 && rest.n)
                r = add_value(words, &rest);
            bg_list_free(&rest);
        }
        if (r < 0)
            return r;
    }
    return 0;
}

int door_words(const char *command, struct bg_list *words, struct bg_sentence *err)
{
    struct bg_list all = {0};
    int r;

    if (strnlen(command, DOOR_COMMAND_MAX + 1) > DOOR_COMMAND_MAX)
        return bg_fail(err, -E2BIG, "the command is longer than %d bytes", DOOR_COMMAND_MAX);
    for (const char *p = command; *p; p++)
        if ((unsigned char)*p < ' ' && *p != '\t')
            return bg_fail(err, -EINVAL, "the command is one line without control characters");
    r = bg_list_split(&all, command);
    if (r >= 0 && all.n > DOOR_WORDS_MAX)
        r = bg_fail(err, -E2BIG, "the command has more than %d words", DOOR_WORDS_MAX);
    else if (r >= 0)
        r = gather(&all, words);
    bg_list_free(&all);
    return r == -ENOMEM ? bg_fail(err, r, "no memory left") : r;
}
