/* SPDX-License-Identifier: ISC */
/* One appender for every kind of row: what it writes is what the table says. */
#include "broker/bus/append.h"

#include <string.h>

static const void *row_at(const struct bg_row_field *field, struct bg_any_list rows, size_t i)
{
    return (const char *)rows.v + i * field->of->size;
}

static int append_rows(sd_bus_message *m, const struct bg_row_field *field, struct bg_any_list rows)
{
    int r = sd_bus_message_open_container(m, 'a', "a{sv}");

    for (size_t i = 0; r >= 0 && i < rows.n; i++)
        r = bus_append_row(m, field->of, row_at(field, rows, i));
    return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_strings(sd_bus_message *m, const struct bg_strings *strings)
{
    int r = sd_bus_message_open_container(m, 'a', "s");

    for (size_t i = 0; r >= 0 && i < strings->n; i++)
        r = sd_bus_message_append_basic(m, 's', strings->v[i]);
    return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_pairs(sd_bus_message *m, const struct bg_pairs *pairs)
{
    int r = sd_bus_message_open_container(m, 'a', "{ss}");

    for (size_t i = 0; r >= 0 && i < pairs->n; i++)
        r = sd_bus_message_append(m, "{ss}", pairs->v[i].first, pairs->v[i].second);
    return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_value(sd_bus_message *m, const struct bg_row_field *field, const void *at)
{
    const char *text;

    switch (field->type) {
    case BG_TYPE_STRING:
    case BG_TYPE_TEXT:
        text = *(const char *const *)at;
        return sd_bus_message_append_basic(m, 's', text ? text : "");
    case BG_TYPE_TIME:
        return sd_bus_message_append_basic(m, 'x', at);
    case BG_TYPE_COUNT:
        return sd_bus_message_append_basic(m, 'u', at);
    case BG_TYPE_FLAG:
        return sd_bus_message_append(m, "b", (int)*(const bool *)at);
    case BG_TYPE_STRINGS:
        return append_strings(m, at);
    case BG_TYPE_PAIRS:
        return append_pairs(m, at);
    case BG_TYPE_LINES:
    case BG_TYPE_STATEMENTS:
    case BG_TYPE_SESSIONS:
        return append_rows(m, field, bg_row_list(at));
    }
    return 0;
}

int bus_append_row(sd_bus_message *m, const struct bg_row_type *type, const void *row)
{
    int r = sd_bus_message_open_container(m, 'a', "{sv}");

    for (size_t i = 0; r >= 0 && i < type->n; i++) {
        const struct bg_row_field *field = &type->field[i];
        const void *at = (const char *)row + field->offset;

        if (field->need == BG_MAY && bg_row_is_empty(field, at))
            continue;
        r = sd_bus_message_open_container(m, 'e', "sv");
        if (r >= 0)
            r = sd_bus_message_append_basic(m, 's', field->name);
        if (r >= 0)
            r = sd_bus_message_open_container(m, 'v', bg_field_signature(field->type));
        if (r >= 0)
            r = append_value(m, field, at);
        if (r >= 0)
            r = sd_bus_message_close_container(m);
        if (r >= 0)
            r = sd_bus_message_close_container(m);
    }
    return r < 0 ? r : sd_bus_message_close_container(m);
}

static size_t value_size(const struct bg_row_field *field, const void *at)
{
    struct bg_any_list list;
    size_t size = 0;

    if (field->type == BG_TYPE_STRING || field->type == BG_TYPE_TEXT)
        return *(const char *const *)at ? strlen(*(const char *const *)at) : 0;
    if (field->type < BG_TYPE_STRINGS)
        return 0;
    list = bg_row_list(at);
    for (size_t i = 0; i < list.n; i++)
        if (field->of)
            size += bus_row_size(field->of, row_at(field, list, i));
        else if (field->type == BG_TYPE_PAIRS)
            size += strlen(((const struct bg_pair *)list.v)[i].first) +
                    strlen(((const struct bg_pair *)list.v)[i].second) + 24;
        else
            size += strlen(((const char *const *)list.v)[i]) + 8;
    return size;
}

size_t bus_row_size(const struct bg_row_type *type, const void *row)
{
    size_t size = 16;

    for (size_t i = 0; i < type->n; i++) /* lengths, NULs and what they are aligned to */
        size += strlen(type->field[i].name) + 32 +
                value_size(&type->field[i], (const char *)row + type->field[i].offset);
    return size;
}
