/* SPDX-License-Identifier: ISC */
/* Builds and sends an a{sv} field by field, by the contract's types. */
#include "tests/screen/fields.h"

#include "tests/screen/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void *need(void *p)
{
    if (!p)
        abort();
    return p;
}

char *need_copy(const char *text)
{
    return need(strdup(text ? text : ""));
}

void need_word(struct bg_list *list, const char *word)
{
    if (bg_list_add(list, word, strlen(word)) < 0)
        abort();
}

const struct field *fields_get(const struct fields *f, const char *key)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->v[i].key, key) == 0)
            return &f->v[i];
    return NULL;
}

static struct field *find(struct fields *f, const char *key)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->v[i].key, key) == 0)
            return &f->v[i];
    return NULL;
}

static void clear(struct field *field)
{
    free(field->text);
    bg_list_free(&field->list);
    for (size_t i = 0; i < field->n_rows; i++)
        fields_free(&field->rows[i]);
    free(field->rows);
}

/* The field of that name, emptied or made. */
static struct field *fresh(struct fields *f, const char *key, char type)
{
    struct field *field = find(f, key);

    if (field) {
        clear(field);
    } else {
        if (f->n % 16 == 0)
            f->v = need(reallocarray(f->v, f->n + 16, sizeof *f->v));
        field = &f->v[f->n++];
    }
    *field = (struct field){.key = key, .type = type};
    return field;
}

void fields_text(struct fields *f, const char *key, const char *text)
{
    char *copy = need_copy(text);

    fresh(f, key, 's')->text = copy;
}

void fields_number(struct fields *f, const char *key, char type, int64_t number)
{
    fresh(f, key, type)->number = number;
}

void fields_list(struct fields *f, const char *key, const struct bg_list *list)
{
    struct field *field = fresh(f, key, 'l');

    for (size_t i = 0; i < list->n; i++)
        need_word(&field->list, list->v[i]);
}

void fields_pair(struct fields *f, const char *key, const char *name, const char *text)
{
    struct field *field = find(f, key);

    if (!field)
        field = fresh(f, key, 'm');
    if (!name)
        return;
    need_word(&field->list, name);
    need_word(&field->list, text);
}

void fields_rows(struct fields *f, const char *key)
{
    (void)fresh(f, key, 'r');
}

struct fields *fields_row(struct fields *f, const char *key)
{
    struct field *field = find(f, key);

    if (!field)
        field = fresh(f, key, 'r');
    field->rows = need(reallocarray(field->rows, field->n_rows + 1, sizeof *field->rows));
    field->rows[field->n_rows] = (struct fields){0};
    return &field->rows[field->n_rows++];
}

void fields_free(struct fields *f)
{
    for (size_t i = 0; i < f->n; i++)
        clear(&f->v[i]);
    free(f->v);
    *f = (struct fields){0};
}

/* --- other values than the true ones --- */

static int change_number(struct field *field, const char *value)
{
    char *end = NULL;

    if (field->type == 'x' && text_time(&field->number, value) == 0)
        return 0;
    if (field->type == 'b') {
        field->number = text_yes(value);
        return 0;
    }
    field->number = strtoll(value, &end, 10);
    return end == value || *end ? -EINVAL : 0;
}

int fields_change(struct fields *f, const char *key, const char *value)
{
    struct field *field = find(f, key);
    char *plain;

    if (!field)
        return -ENOENT;
    if (strchr("xub", field->type))
        return change_number(field, value);
    plain = text_plain(value);
    if (field->type == 's') {
        free(field->text);
        field->text = plain;
        return 0;
    }
    bg_list_free(&field->list);
    if (bg_list_split(&field->list, plain) < 0)
        abort();
    free(plain);
    return field->type == 'l' ? 0 : -EINVAL;
}

void fields_change_all(struct fields *f, const struct bg_list *changes)
{
    for (size_t i = 0; i < changes->n; i++) {
        char *copy = need_copy(changes->v[i]), *rest = copy, *key = text_word(&rest);

        (void)fields_change(f, key, rest);
        free(copy);
    }
}

/* --- onto the wire --- */

static int append_list(sd_bus_message *m, const struct bg_list *list)
{
    int r = sd_bus_message_open_container(m, 'a', "s");

    for (size_t i = 0; r >= 0 && i < list->n; i++)
        r = sd_bus_message_append_basic(m, 's', list->v[i]);
    return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_pairs(sd_bus_message *m, const struct bg_list *list)
{
    int r = sd_bus_message_open_container(m, 'a', "{ss}");

    for (size_t i = 0; r >= 0 && i + 1 < list->n; i += 2)
        r = sd_bus_message_append(m, "{ss}", list->v[i], list->v[i + 1]);
    return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_value(sd_bus_message *m, const struct field *field)
{
    switch (field->type) {
    case 's':
        return sd_bus_message_append_basic(m, 's', field->text);
    case 'x':
        return sd_bus_message_append(m, "x", field->number);
    case 'u':
        return sd_bus_message_append(m, "u", (uint32_t)field->number);
    case 'b':
        return sd_bus_message_append(m, "b", (int)field->number);
    case 'l':
        return append_list(m, &field->list);
    case 'm':
        return append_pairs(m, &field->list);
    default:
        return fields_append_rows(m, field->rows, field->n_rows);
    }
}

static const char *signature(const struct field *field)
{
    switch (field->type) {
    case 's':
        return "s";
    case 'x':
        return "x";
    case 'u':
        return "u";
    case 'b':
        return "b";
    case 'l':
        return "as";
    case 'm':
        return "a{ss}";
    default:
        return "aa{sv}";
    }
}

int fields_append(sd_bus_message *m, const struct fields *f)
{
    int r = sd_bus_message_open_container(m, 'a', "{sv}");

    for (size_t i = 0; r >= 0 && i < f->n; i++) {
        r = sd_bus_message_open_container(m, 'e', "sv");
        if (r >= 0)
            r = sd_bus_message_append_basic(m, 's', f->v[i].key);
        if (r >= 0)
            r = sd_bus_message_open_container(m, 'v', signature(&f->v[i]));
        if (r >= 0)
            r = append_value(m, &f->v[i]);
        if (r >= 0)
            r = sd_bus_message_close_container(m);
        if (r >= 0)
            r = sd_bus_message_close_container(m);
    }
    return r < 0 ? r : sd_bus_message_close_container(m);
}

int fields_append_rows(sd_bus_message *m, const struct fields *rows, size_t n)
{
    int r = sd_bus_message_open_container(m, 'a', "a{sv}");

    for (size_t i = 0; r >= 0 && i < n; i++)
        r = fields_append(m, &rows[i]);
    return r < 0 ? r : sd_bus_message_close_container(m);
}

size_t fields_size(const struct fields *f)
{
    size_t size = 16;

    for (size_t i = 0; i < f->n; i++) {
        const struct field *field = &f->v[i];

        size += strlen(field->key) + 32 + (field->text ? strlen(field->text) : 0);
        for (size_t k = 0; k < field->list.n; k++)
            size += strlen(field->list.v[k]) + 8;
        for (size_t k = 0; k < field->n_rows; k++)
            size += fields_size(&field->rows[k]);
    }
    return size;
}
