/* SPDX-License-Identifier: ISC */
/* Options and words of one verb, by the verb's own table. */
#include "console/base/option.h"

#include <errno.h>
#include <string.h>

/* By its name, or by its letter where the name is empty. */
static const struct option_spec *find(const struct option_spec *specs, const char *name, size_t len,
                                      char letter)
{
    for (const struct option_spec *s = specs; s->name; s++)
        if (len ? strlen(s->name) == len && memcmp(s->name, name, len) == 0 : letter && s->letter == letter)
            return s;
    return NULL;
}

/* Gives `value` (NULL: none was given) to the option. */
static int give(const struct option_spec *spec, const char *value, struct bg_sentence *err)
{
    if (spec->flag) {
        if (value)
            return bg_fail(err, -EINVAL, "--%s takes no value", spec->name);
        *spec->flag = true;
        return 0;
    }
    if (!value || !*value)
        return bg_fail(err, -EINVAL, "--%s needs a value", spec->name);
    if (spec->list)
        return bg_list_add(spec->list, value, strlen(value));
    if (*spec->value)
        return bg_fail(err, -EINVAL, "--%s is given twice", spec->name);
    *spec->value = value;
    return 0;
}

/* One word that starts with a dash; *i moves on where the value is the next word. */
static int one(const struct option_spec *specs, int argc, char **argv, int *i, struct bg_sentence *err)
{
    const char *word = argv[*i], *value = NULL;
    const struct option_spec *spec;
    size_t len = 0;

    if (word[1] == '-') {
        len = strcspn(word + 2, "=");
        if (word[2 + len])
            value = word + 2 + len + 1;
    } else if (word[2])
        value = word + 2;
    spec = find(specs, word + 2, len, word[1]);
    if (!spec)
        return bg_fail(err, -EINVAL, "there is no option %s here", word);
    if (!spec->flag && !value && *i + 1 < argc)
        value = argv[++*i];
    return give(spec, value, err);
}

int options_parse(const struct option_spec *specs, int argc, char **argv, struct bg_list *words,
                  struct bg_sentence *err)
{
    bool only_words = false;

    for (int i = 1; i < argc; i++) {
        int r;

        if (!only_words && strcmp(argv[i], "--") == 0) {
            only_words = true;
            continue;
        }
        if (!only_words && argv[i][0] == '-' && argv[i][1])
            r = one(specs, argc, argv, &i, err);
        else
            r = bg_list_add(words, argv[i], strlen(argv[i]));
        if (r == -ENOMEM)
            return bg_fail(err, r, "no memory left");
        if (r < 0)
            return r;
    }
    return 0;
}

bool option_number(const char *text, unsigned max, unsigned *number)
{
    unsigned n = 0;

    if (!*text)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9' || n > max / 10)
            return false;
        n = n * 10 + (unsigned)(*text - '0');
    }
    *number = n;
    return n >= 1 && n <= max;
}
