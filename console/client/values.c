/* SPDX-License-Identifier: ISC */
#include "console/client/values.h"

#include "policy/base/clean.h"
#include "policy/base/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 8
#define NUMBER_MAX 253402300799 /* the last second of the year 9999: nothing is dated or counted beyond */

static int read_value(sd_bus_message *m, bool raw, unsigned depth, json_object **out);

static int take(json_object *made, json_object **out)
{
    if (!made)
        return -ENOMEM;
    *out = made;
    return 0;
}

static int read_string(sd_bus_message *m, char type, bool raw, json_object **out)
{
    const char *text = NULL;
    bg_free_ char *clean = NULL;
    size_t size;
    int r = sd_bus_message_read_basic(m, type, &text);

    if (r < 0)
        return r;
    if (raw)
        return take(json_object_new_string(text), out);
    size = strlen(text) + 1;
    clean = malloc(size);
    if (!clean)
        return -ENOMEM;
    (void)bg_clean(clean, size, text);
    return take(json_object_new_string(clean), out);
}

static int read_basic(sd_bus_message *m, char type, bool raw, json_object **out)
{
    union {
        uint8_t y;
        int b;
        uint32_t u;
        int32_t i;
        uint64_t t;
        int64_t x;
    } v = {0};
    int r;

    if (type == 's' || type == 'o' || type == 'g')
        return read_string(m, type, raw, out);
    if (!strchr("ybuitx", type))
        return -EBADMSG;
    r = sd_bus_message_read_basic(m, type, &v);
    if (r < 0)
        return r;
    switch (type) {
    case 'b':
        return take(json_object_new_boolean(v.b), out);
    case 'y':
        return take(json_object_new_int64(v.y), out);
    case 'u':
        return take(json_object_new_int64(v.u), out);
    case 'i':
        return take(json_object_new_int64(v.i), out);
    case 't':
        return take(json_object_new_uint64(v.t), out);
    default:
        return take(json_object_new_int64(v.x), out);
    }
}

static int read_entries(sd_bus_message *m, const char *contents, unsigned depth, json_object *object)
{
    char entry[64];
    size_t n = strlen(contents);
    int r;

    if (n < 4 || n - 2 >= sizeof(entry))
        return -EBADMSG;
    memcpy(entry, contents + 1, n - 2); /* without the braces */
    entry[n - 2] = 0;
    while ((r = sd_bus_message_enter_container(m, 'e', entry)) > 0) {
        json_ json_object *value = NULL, *key = NULL;
        const char *name;

        r = read_value(m, false, depth, &key);
        if (r < 0)
            return r;
        name = json_object_get_string(key);
        r = read_value(m, strcmp(name, "text") == 0, depth, &value);
        if (r >= 0)
            r = sd_bus_message_exit_container(m);
        if (r < 0)
            return r;
        if (json_object_object_add(object, name, value) < 0)
            return -ENOMEM;
        value = NULL;
    }
    return r;
}

/* The members of an array or struct, or the arguments of a message. */
static int read_members(sd_bus_message *m, bool raw, unsigned depth, json_object *array)
{
    for (;;) {
        json_ json_object *value = NULL;
        int r = read_value(m, raw, depth, &value);

        if (r == -ENXIO)
            return 0;
        if (r < 0)
            return r;
        if (json_object_array_add(array, value) < 0)
            return -ENOMEM;
        value = NULL;
    }
}

static int read_container(sd_bus_message *m, char type, const char *contents, unsigned depth,
                          json_object **out)
{
    bool is_dict = type == 'a' && contents[0] == '{';
    json_ json_object *made = is_dict ? json_object_new_object() : json_object_new_array();
    int r;

    if (!made)
        return -ENOMEM;
    r = sd_bus_message_enter_container(m, type, contents);
    if (r < 0)
        return r;
    r = is_dict ? read_entries(m, contents, depth, made) : read_members(m, type == 'r', depth, made);
    if (r >= 0)
        r = sd_bus_message_exit_container(m);
    if (r < 0)
        return r;
    *out = BG_TAKE_PTR(made);
    return 0;
}

/* -ENXIO at the end of the container. */
static int read_value(sd_bus_message *m, bool raw, unsigned depth, json_object **out)
{
    const char *contents = NULL;
    char type = 0;
    int r = sd_bus_message_peek_type(m, &type, &contents);

    if (r < 0)
        return r;
    if (r == 0)
        return -ENXIO;
    if (depth >= DEPTH_MAX)
        return -EBADMSG;
    if (type == 'v') {
        r = sd_bus_message_enter_container(m, 'v', contents);
        if (r >= 0)
            r = read_value(m, raw, depth + 1, out);
        if (r >= 0)
            r = sd_bus_message_exit_container(m);
        return r;
    }
    if (type == 'a' || type == 'r')
        return read_container(m, type, contents, depth + 1, out);
    return read_basic(m, type, raw, out);
}

int values_read(sd_bus_message *m, json_object **arguments)
{
    json_ json_object *made = json_object_new_array();
    int r;

    if (!made)
        return -ENOMEM;
    r = read_members(m, true, 0, made);
    if (r < 0)
        return r;
    *arguments = BG_TAKE_PTR(made);
    return 0;
}

static int append_strings(sd_bus_message *m, json_object *array)
{
    int r = sd_bus_message_open_container(m, 'a', "s");

    for (size_t i = 0; r >= 0 && i < json_object_array_length(array); i++)
        r = sd_bus_message_append_basic(m, 's', json_object_get_string(json_object_array_get_idx(array, i)));
    return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_value(sd_bus_message *m, const char *key, json_object *value)
{
    bool small = strcmp(key, "limit") == 0;
    const char *type = NULL;
    int r;

    if (json_object_is_type(value, json_type_string))
        type = "s";
    else if (json_object_is_type(value, json_type_boolean))
        type = "b";
    else if (json_object_is_type(value, json_type_int))
        type = small ? "u" : "x";
    else if (json_object_is_type(value, json_type_array))
        type = "as";
    else
        return -EINVAL;
    r = sd_bus_message_open_container(m, 'v', type);
    if (r < 0)
        return r;
    if (type[0] == 's')
        r = sd_bus_message_append(m, "s", json_object_get_string(value));
    else if (type[0] == 'b')
        r = sd_bus_message_append(m, "b", (int)json_object_get_boolean(value));
    else if (type[0] == 'u')
        r = sd_bus_message_append(m, "u", (uint32_t)json_object_get_int64(value));
    else if (type[0] == 'x')
        r = sd_bus_message_append(m, "x", json_object_get_int64(value));
    else
        r = append_strings(m, value);
    return r < 0 ? r : sd_bus_message_close_container(m);
}

int values_append(sd_bus_message *m, json_object *object)
{
    int r = sd_bus_message_open_container(m, 'a', "{sv}");

    if (r < 0)
        return r;
    json_object_object_foreach(object, key, value)
    {
        r = sd_bus_message_open_container(m, 'e', "sv");
        if (r >= 0)
            r = sd_bus_message_append_basic(m, 's', key);
        if (r >= 0)
            r = append_value(m, key, value);
        if (r >= 0)
            r = sd_bus_message_close_container(m);
        if (r < 0)
            return r;
    }
    return sd_bus_message_close_container(m);
}

const char *row_string(json_object *row, const char *key)
{
    json_object *value = NULL;

    if (!row || !json_object_object_get_ex(row, key, &value) || !json_object_is_type(value, json_type_string))
        return "";
    return json_object_get_string(value);
}

int64_t row_number(json_object *row, const char *key)
{
    json_object *value = NULL;
    int64_t n;

    if (!row || !json_object_object_get_ex(row, key, &value) || !json_object_is_type(value, json_type_int))
        return 0;
    n = json_object_get_int64(value);
    return n > NUMBER_MAX ? NUMBER_MAX : n < -NUMBER_MAX ? -NUMBER_MAX : n;
}

bool row_flag(json_object *row, const char *key)
{
    json_object *value = NULL;

    return row && json_object_object_get_ex(row, key, &value) &&
           json_object_is_type(value, json_type_boolean) && json_object_get_boolean(value);
}

bool row_allows(json_object *row, const char *key)
{
    json_object *value = NULL;

    return !row || !json_object_object_get_ex(row, key, &value) ||
           !json_object_is_type(value, json_type_boolean) || json_object_get_boolean(value);
}

json_object *row_array(json_object *row, const char *key)
{
    json_object *value = NULL;

    if (!row || !json_object_object_get_ex(row, key, &value) || !json_object_is_type(value, json_type_array))
        return NULL;
    return value;
}

const char *row_joined(json_object *row, const char *key, const char *glue, char *out, size_t size)
{
    json_object *array = row_array(row, key);
    size_t len = 0;

    out[0] = 0;
    for (size_t i = 0; array && i < json_object_array_length(array); i++) {
        json_object *word = json_object_array_get_idx(array, i);
        int n = snprintf(out + len, size - len, "%s%s", i ? glue : "",
                         json_object_is_type(word, json_type_string) ? json_object_get_string(word) : "?");

        if (n < 0 || (size_t)n >= size - len)
            break;
        len += (size_t)n;
    }
    return out;
}
