/* SPDX-License-Identifier: ISC */
/* One reader for every kind of parameters. */
#include "broker/bus/params.h"

#include "policy/statement/statement.h"

#include <errno.h>
#include <string.h>

static int read_words(sd_bus_message *m, struct bg_list *words, struct bg_strings *out)
{
    const char *word = NULL;
    size_t before = words->n;
    int r = sd_bus_message_enter_container(m, 'a', "s");

    while (r >= 0 && (r = sd_bus_message_read_basic(m, 's', &word)) > 0) {
        if (words->n - before >= BG_LIST_MAX)
            return -E2BIG;
        r = bg_list_add(words, word, strlen(word));
    }
    out->n = words->n - before;
    return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_value(sd_bus_message *m, const struct bg_row_field *field, void *at, struct bg_list *words)
{
    int flag = 0, r;

    switch (field->type) {
    case BG_TYPE_STRING:
        return sd_bus_message_read_basic(m, 's', at);
    case BG_TYPE_TIME:
        return sd_bus_message_read_basic(m, 'x', at);
    case BG_TYPE_COUNT:
        return sd_bus_message_read_basic(m, 'u', at);
    case BG_TYPE_FLAG:
        r = sd_bus_message_read_basic(m, 'b', &flag);
        *(bool *)at = flag != 0;
        return r;
    case BG_TYPE_STRINGS:
        return read_words(m, words, at);
    default:
        return -EINVAL;
    }
}

static int read_field(sd_bus_message *m, const struct bg_row_type *type, void *row, struct bg_list *words,
                      const char **name)
{
    const struct bg_row_field *field;
    int r = sd_bus_message_read_basic(m, 's', name);

    if (r < 0)
        return r;
    field = bg_row_find(type, *name, NULL);
    if (!field)
        return -ENOKEY;
    r = sd_bus_message_enter_container(m, 'v', bg_field_signature(field->type));
    if (r >= 0)
        r = read_value(m, field, (char *)row + field->offset, words);
    return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* The lists, once no more words come that would move them. */
static void point_to(const struct bg_row_type *type, void *row, const struct bg_list *words)
{
    size_t from = 0;

    for (size_t i = 0; i < type->n; i++) {
        struct bg_strings *strings = (struct bg_strings *)(void *)((char *)row + type->field[i].offset);

        if (type->field[i].type != BG_TYPE_STRINGS || strings->n == 0)
            continue;
        strings->v = (const char *const *)words->v + from;
        from += strings->n;
    }
}

int bus_read_row(sd_bus_message *m, const struct bg_row_type *type, void *row, struct bg_list *words,
                 const char *what, struct bg_sentence *err)
{
    int r = sd_bus_message_enter_container(m, 'a', "{sv}");

    memset(row, 0, type->size);
    while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
        const char *name = NULL;

        r = read_field(m, type, row, words, &name);
        if (r == -ENOMEM)
            return r;
        if (r < 0)
            return bg_fail(err, -EINVAL,
                           r == -ENOKEY ? "\"%s\" is no part of %s" : "\"%s\" has the wrong type for %s",
                           name ? name : "", what);
        r = sd_bus_message_exit_container(m);
    }
    if (r >= 0)
        r = sd_bus_message_exit_container(m);
    if (r < 0)
        return bg_fail(err, -EINVAL, "%s is malformed", what);
    point_to(type, row, words);
    return 0;
}
