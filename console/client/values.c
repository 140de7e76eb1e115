/* SPDX-License-Identifier: ISC */
/* One reader for every kind of row, by the contract's table. */
#include "console/client/values.h"

#include "policy/base/clean.h"
#include "policy/base/cleanup.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 253402300799 /* the last second of the year 9999: nothing is dated or counted beyond */

#define CHUNK 4096

struct reply_chunk {
    struct reply_chunk *before;
    size_t used, size;
    max_align_t bytes[];
};

/* Zeroed memory that lives as long as the reply. NULL without memory. */
void *reply_reserve(struct reply *reply, size_t size)
{
    struct reply_chunk *chunk = reply->chunk;
    size_t room = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);

    if (!chunk || chunk->size - chunk->used < room) {
        size_t all = room > CHUNK ? room : CHUNK;

        chunk = calloc(1, sizeof *chunk + all);
        if (!chunk)
            return NULL;
        chunk->before = reply->chunk;
        chunk->size = all;
        reply->chunk = chunk;
    }
    chunk->used += room;
    return (char *)chunk->bytes + chunk->used - room;
}

/* Things of one size, of which nobody knows yet how many there will be. */
struct pile {
    char *v;
    size_t n, room, size;
};

static void pile_free(struct pile *pile)
{
    free(pile->v);
}

static void *pile_add(struct pile *pile)
{
    if (pile->n == pile->room) {
        size_t room = pile->room ? 2 * pile->room : 8;
        char *v = reallocarray(pile->v, room, pile->size);

        if (!v)
            return NULL;
        pile->v = v;
        pile->room = room;
    }
    return pile->v + pile->n++ * pile->size;
}

/* Into the reply. */
static int pile_keep(struct reply *reply, const struct pile *pile, void *list)
{
    struct bg_any_list kept = {"", pile->n}; /* no list that was told is NULL */

    if (pile->n > 0) {
        void *v = reply_reserve(reply, pile->n * pile->size);

        if (!v)
            return -ENOMEM;
        kept.v = memcpy(v, pile->v, pile->n * pile->size);
    }
    memcpy(list, &kept, sizeof kept);
    return 0;
}

static int take_string(struct reply *reply, sd_bus_message *m, bool raw, const char **out)
{
    const char *text = NULL;
    size_t len;
    char *clean;
    int r = sd_bus_message_read_basic(m, 's', &text);

    if (r < 0)
        return r;
    len = strlen(text);
    *out = text;
    if (raw || bg_is_clean(text, len))
        return 0;
    clean = reply_reserve(reply, len + 1);
    if (!clean)
        return -ENOMEM;
    (void)bg_clean(clean, len + 1, text);
    *out = clean;
    return 0;
}

static int take_strings(struct reply *reply, sd_bus_message *m, struct bg_strings *out)
{
    struct pile pile bg_cleanup_(pile_free) = {.size = sizeof(const char *)};
    int r = sd_bus_message_enter_container(m, 'a', "s");

    while (r >= 0 && (r = sd_bus_message_at_end(m, false)) == 0) {
        const char **one = pile_add(&pile);

        r = one ? take_string(reply, m, false, one) : -ENOMEM;
    }
    if (r >= 0)
        r = sd_bus_message_exit_container(m);
    return r < 0 ? r : pile_keep(reply, &pile, out);
}

/* As {ss} in a dictionary, or as (ss), whose strings are statements. */
static int take_pairs(struct reply *reply, sd_bus_message *m, char kind, struct bg_pairs *out)
{
    struct pile pile bg_cleanup_(pile_free) = {.size = sizeof(struct bg_pair)};
    int r = sd_bus_message_enter_container(m, 'a', kind == 'e' ? "{ss}" : "(ss)");

    while (r >= 0 && (r = sd_bus_message_enter_container(m, kind, "ss")) > 0) {
        struct bg_pair *pair = pile_add(&pile);

        r = pair ? take_string(reply, m, kind == 'r', &pair->first) : -ENOMEM;
        if (r >= 0)
            r = take_string(reply, m, kind == 'r', &pair->second);
        if (r >= 0)
            r = sd_bus_message_exit_container(m);
    }
    if (r >= 0)
        r = sd_bus_message_exit_container(m);
    return r < 0 ? r : pile_keep(reply, &pile, out);
}

static int take_row(struct reply *reply, sd_bus_message *m, const struct bg_row_type *type, void *row);

static int take_rows(struct reply *reply, sd_bus_message *m, const struct bg_row_type *type, void *out)
{
    struct pile pile bg_cleanup_(pile_free) = {.size = type->size};
    int r = sd_bus_message_enter_container(m, 'a', "a{sv}");

    while (r >= 0 && (r = sd_bus_message_at_end(m, false)) == 0) {
        void *row = pile_add(&pile);

        r = row ? take_row(reply, m, type, row) : -ENOMEM;
    }
    if (r >= 0)
        r = sd_bus_message_exit_container(m);
    return r < 0 ? r : pile_keep(reply, &pile, out);
}

static int take_number(sd_bus_message *m, int64_t *out)
{
    int64_t n = 0;
    int r = sd_bus_message_read_basic(m, 'x', &n);

    *out = n > NUMBER_MAX ? NUMBER_MAX : n < -NUMBER_MAX ? -NUMBER_MAX : n;
    return r;
}

static int take_flag(sd_bus_message *m, bool *out)
{
    int flag = 0, r = sd_bus_message_read_basic(m, 'b', &flag);

    *out = flag != 0;
    return r;
}

static int take_value(struct reply *reply, sd_bus_message *m, const struct bg_row_field *field, void *at)
{
    switch (field->type) {
    case BG_TYPE_STRING:
    case BG_TYPE_TEXT:
        return take_string(reply, m, field->type == BG_TYPE_TEXT, at);
    case BG_TYPE_TIME:
        return take_number(m, at);
    case BG_TYPE_COUNT:
        return sd_bus_message_read_basic(m, 'u', at);
    case BG_TYPE_FLAG:
        return take_flag(m, at);
    case BG_TYPE_STRINGS:
        return take_strings(reply, m, at);
    case BG_TYPE_PAIRS:
        return take_pairs(reply, m, 'e', at);
    case BG_TYPE_LINES:
    case BG_TYPE_STATEMENTS:
    case BG_TYPE_SESSIONS:
        return take_rows(reply, m, field->of, at);
    }
    return -EBADMSG;
}

/* One "name: value" of a row. */
static int take_field(struct reply *reply, sd_bus_message *m, const struct bg_row_type *type, char *row,
                      size_t *hint, uint64_t *told)
{
    const struct bg_row_field *field;
    const char *name = NULL;
    int r = sd_bus_message_read_basic(m, 's', &name);

    if (r < 0)
        return r;
    field = bg_row_find(type, name, hint);
    if (!field)
        return sd_bus_message_skip(m, "v");
    *told |= UINT64_C(1) << (field - type->field);
    r = sd_bus_message_enter_container(m, 'v', bg_field_signature(field->type));
    if (r >= 0)
        r = take_value(reply, m, field, row + field->offset);
    return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int take_row(struct reply *reply, sd_bus_message *m, const struct bg_row_type *type, void *row)
{
    uint64_t told = 0;
    size_t hint = 0;
    int r = sd_bus_message_enter_container(m, 'a', "{sv}");

    bg_row_clear(type, row);
    while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
        r = take_field(reply, m, type, row, &hint, &told);
        if (r >= 0)
            r = sd_bus_message_exit_container(m);
    }
    if (r >= 0)
        r = sd_bus_message_exit_container(m);
    for (size_t i = 0; r >= 0 && i < type->n; i++)
        if (type->field[i].need == BG_MUST && !(told & UINT64_C(1) << i))
            r = -EBADMSG;
    return r;
}

static int take_one_row(struct reply *reply, sd_bus_message *m)
{
    void *row = reply_reserve(reply, reply->method->rows->size);

    if (!row)
        return -ENOMEM;
    reply->rows = row;
    reply->n = 1;
    return take_row(reply, m, reply->method->rows, row);
}

static int take_all_rows(struct reply *reply, sd_bus_message *m)
{
    struct bg_any_list rows;
    int r = take_rows(reply, m, reply->method->rows, &rows);

    if (r >= 0) {
        reply->rows = rows.v;
        reply->n = rows.n;
    }
    return r;
}

/* The arguments, by the signature that the method has. */
static int take_arguments(struct reply *reply, sd_bus_message *m)
{
    const char *out = reply->method->out;
    int r = sd_bus_message_has_signature(m, out);

    if (r <= 0)
        return r < 0 ? r : -EBADMSG;
    if (strcmp(out, "a{sv}") == 0)
        return take_one_row(reply, m);
    if (strcmp(out, "a(ss)") == 0)
        return take_pairs(reply, m, 'r', &reply->pairs);
    if (strcmp(out, "s") == 0)
        return take_string(reply, m, true, &reply->text);
    if (strcmp(out, "asu") == 0) {
        r = take_strings(reply, m, &reply->lines);
        return r < 0 ? r : sd_bus_message_read_basic(m, 'u', &reply->next);
    }
    r = *out ? take_all_rows(reply, m) : 0;
    return r < 0 || strcmp(out, "aa{sv}s") != 0 ? r : take_string(reply, m, true, &reply->text);
}

struct reply *reply_new(enum bg_method method)
{
    struct reply *reply = calloc(1, sizeof *reply);

    if (reply) {
        reply->refs = 1;
        reply->method = &bg_methods[method];
        reply->text = "";
    }
    return reply;
}

int reply_read(struct reply **ret, sd_bus_message *m, enum bg_method method)
{
    reply_ struct reply *reply = reply_new(method);
    int r;

    if (!reply)
        return -ENOMEM;
    reply->message = sd_bus_message_ref(m);
    r = take_arguments(reply, m);
    if (r < 0)
        return r == -ENOMEM ? r : -EBADMSG;
    *ret = BG_TAKE_PTR(reply);
    return 0;
}

struct reply *reply_ref(struct reply *reply)
{
    if (reply)
        reply->refs++;
    return reply;
}

void reply_unref(struct reply *reply)
{
    if (!reply || --reply->refs > 0)
        return;
    while (reply->chunk) {
        struct reply_chunk *chunk = reply->chunk;

        reply->chunk = chunk->before;
        free(chunk);
    }
    (void)sd_bus_message_unref(reply->message);
    free(reply);
}

void reply_keep(struct reply **to, struct reply *what)
{
    struct reply *before = *to;

    *to = reply_ref(what);
    reply_unref(before);
}

int replies_add(struct replies *replies, struct reply *reply)
{
    struct reply **v = reallocarray(replies->v, replies->n + 1, sizeof *v);

    if (!v)
        return -ENOMEM;
    replies->v = v;
    v[replies->n++] = reply_ref(reply);
    return 0;
}

void replies_free(struct replies *replies)
{
    for (size_t i = 0; i < replies->n; i++)
        reply_unref(replies->v[i]);
    free(replies->v);
    *replies = (struct replies){0};
}

static const void *row_at(const struct reply *reply, const struct bg_row_type *type, size_t i)
{
    return reply && reply->method->rows == type && i < reply->n ? (const char *)reply->rows + i * type->size
                                                                : NULL;
}

const struct bg_grant_row *reply_grant(const struct reply *reply, size_t i)
{
    const void *row = row_at(reply, &bg_shown_type, i);

    return row ? row : row_at(reply, &bg_grant_type, i);
}

const struct bg_who_row *reply_who(const struct reply *reply)
{
    return row_at(reply, &bg_who_type, 0);
}

const struct bg_role_row *reply_role(const struct reply *reply, size_t i)
{
    return row_at(reply, &bg_role_type, i);
}

const struct bg_outcome_row *reply_outcome(const struct reply *reply, size_t i)
{
    return row_at(reply, &bg_outcome_type, i);
}

const struct bg_why_row *reply_why(const struct reply *reply)
{
    return row_at(reply, &bg_why_type, 0);
}

const struct bg_event_row *reply_event(const struct reply *reply, size_t i)
{
    return row_at(reply, &bg_event_type, i);
}

#define EMPTY_STRING ""
#define EMPTY_TIME 0
#define EMPTY_FLAG false
#define EMPTY_STRINGS                                                                                        \
    {                                                                                                        \
        NULL, 0                                                                                              \
    }
#define F(type, name, need) .name = EMPTY_##type,
const struct bg_who_row values_nobody = {BG_ROW_WHO(F)};
#undef F

/* --- parameters --- */

static int append_strings_of(sd_bus_message *m, const struct bg_strings *strings)
{
    int r = sd_bus_message_open_container(m, 'a', "s");

    for (size_t i = 0; r >= 0 && i < strings->n; i++)
        r = sd_bus_message_append_basic(m, 's', strings->v[i]);
    return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_value_of(sd_bus_message *m, const struct bg_row_field *field, const void *at)
{
    switch (field->type) {
    case BG_TYPE_STRING:
    case BG_TYPE_TEXT:
        return sd_bus_message_append_basic(m, 's', *(const char *const *)at);
    case BG_TYPE_TIME:
        return sd_bus_message_append_basic(m, 'x', at);
    case BG_TYPE_COUNT:
        return sd_bus_message_append_basic(m, 'u', at);
    case BG_TYPE_FLAG:
        return sd_bus_message_append(m, "b", (int)*(const bool *)at);
    case BG_TYPE_STRINGS:
        return append_strings_of(m, at);
    default:
        return -EINVAL;
    }
}

int values_append_row(sd_bus_message *m, const struct bg_row_type *type, const void *row)
{
    int r = sd_bus_message_open_container(m, 'a', "{sv}");

    for (size_t i = 0; r >= 0 && i < type->n; i++) {
        const struct bg_row_field *field = &type->field[i];
        const void *at = (const char *)row + field->offset;

        if (bg_row_is_empty(field, at))
            continue;
        r = sd_bus_message_open_container(m, 'e', "sv");
        if (r >= 0)
            r = sd_bus_message_append_basic(m, 's', field->name);
        if (r >= 0)
            r = sd_bus_message_open_container(m, 'v', bg_field_signature(field->type));
        if (r >= 0)
            r = append_value_of(m, field, at);
        if (r >= 0)
            r = sd_bus_message_close_container(m);
        if (r >= 0)
            r = sd_bus_message_close_container(m);
    }
    return r < 0 ? r : sd_bus_message_close_container(m);
}

/* --- lists --- */

const char *strings_join(const struct bg_strings *strings, const char *glue, char *out, size_t size)
{
    size_t len = 0;

    out[0] = 0;
    for (size_t i = 0; i < strings->n; i++) {
        int n = snprintf(out + len, size - len, "%s%s", i ? glue : "", strings->v[i]);

        if (n < 0 || (size_t)n >= size - len)
            break;
        len += (size_t)n;
    }
    return out;
}

bool strings_has(const struct bg_strings *strings, const char *text)
{
    for (size_t i = 0; i < strings->n; i++)
        if (strcmp(strings->v[i], text) == 0)
            return true;
    return false;
}

const char *pairs_get(const struct bg_pairs *pairs, const char *first)
{
    for (size_t i = pairs->n; i > 0; i--)
        if (strcmp(pairs->v[i - 1].first, first) == 0)
            return pairs->v[i - 1].second;
    return "";
}
