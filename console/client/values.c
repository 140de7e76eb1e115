/* SPDX-License-Identifier: ISC */
/* One reader for every kind of row, by the contract's table. */
#include "console/client/values.h"

#include "policy/base/clean.h"
#include "policy/base/cleanup.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 253402300799 /* the last second of the year 9999: nothing is dated or counted beyond */

#define CHUNK 4096
#define FEW 8 /* things in a list, as a rule */

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

/* Reads one thing to `at`. `of` says more of its kind. */
typedef int take_one(struct reply *reply, const void *of, void *at);

/* An array of things of that size. */
static int take_list(struct reply *reply, const char *contents, size_t size, take_one *take, const void *of,
                     void *list)
{
    struct bg_any_list all = {"", 0}; /* no list that was told is NULL */
    sd_bus_message *m = reply->message;
    bg_free_ char *v = NULL;
    int r = sd_bus_message_enter_container(m, 'a', contents);

    for (size_t room = 0; r >= 0 && (r = sd_bus_message_at_end(m, false)) == 0; all.n++) {
        if (all.n == room) {
            room = room ? 2 * room : FEW;
            char *more = reallocarray(v, room, size);
            if (!more)
                return -ENOMEM;
            v = more;
        }
        r = take(reply, of, v + all.n * size);
    }
    if (r >= 0)
        r = sd_bus_message_exit_container(m);
    if (r >= 0 && all.n > 0) {
        void *kept = reply_reserve(reply, all.n * size);
        if (!kept)
            return -ENOMEM;
        all.v = memcpy(kept, v, all.n * size);
    }
    if (r >= 0)
        memcpy(list, &all, sizeof all);
    return r;
}

static int take_text(struct reply *reply, const void *of, void *at)
{
    (void)of;
    return sd_bus_message_read_basic(reply->message, 's', at);
}

static int take_string(struct reply *reply, const void *of, void *at)
{
    const char *text = "";
    int r = take_text(reply, of, &text);
    size_t len = strlen(text);

    if (r >= 0 && !bg_is_clean(text, len)) {
        char *clean = reply_reserve(reply, len + 1);
        if (!clean)
            return -ENOMEM;
        (void)bg_clean(clean, len + 1, text);
        text = clean;
    }
    *(const char **)at = text;
    return r;
}

/* Of a dictionary ("e"); or a struct ("r") of two statements. */
static int take_pair(struct reply *reply, const void *of, void *at)
{
    const char *kind = of;
    take_one *take = *kind == 'r' ? take_text : take_string;
    struct bg_pair *pair = at;
    int r = sd_bus_message_enter_container(reply->message, *kind, "ss");

    if (r >= 0)
        r = take(reply, NULL, &pair->first);
    if (r >= 0)
        r = take(reply, NULL, &pair->second);
    return r < 0 ? r : sd_bus_message_exit_container(reply->message);
}

static int take_row(struct reply *reply, const void *of, void *row);

static int take_rows(struct reply *reply, const struct bg_row_type *type, void *list)
{
    return take_list(reply, "a{sv}", type->size, take_row, type, list);
}

static int take_value(struct reply *reply, const struct bg_row_field *field, void *at)
{
    int64_t number = 0;
    int flag = 0, r;

    switch (field->type) {
    case BG_TYPE_STRING:
        return take_string(reply, NULL, at);
    case BG_TYPE_TEXT:
        return take_text(reply, NULL, at);
    case BG_TYPE_TIME:
        r = sd_bus_message_read_basic(reply->message, 'x', &number);
        *(int64_t *)at = number > NUMBER_MAX ? NUMBER_MAX : number < -NUMBER_MAX ? -NUMBER_MAX : number;
        return r;
    case BG_TYPE_COUNT:
        return sd_bus_message_read_basic(reply->message, 'u', at);
    case BG_TYPE_FLAG:
        r = sd_bus_message_read_basic(reply->message, 'b', &flag);
        *(bool *)at = flag != 0;
        return r;
    case BG_TYPE_STRINGS:
        return take_list(reply, "s", sizeof(const char *), take_string, NULL, at);
    case BG_TYPE_PAIRS:
        return take_list(reply, "{ss}", sizeof(struct bg_pair), take_pair, "e", at);
    case BG_TYPE_LINES:
    case BG_TYPE_STATEMENTS:
    case BG_TYPE_SESSIONS:
        return take_rows(reply, field->of, at);
    }
    return -EBADMSG;
}

/* One "name: value" of a row. */
static int take_field(struct reply *reply, const struct bg_row_type *type, char *row, size_t *hint,
                      uint64_t *told)
{
    sd_bus_message *m = reply->message;
    const char *name = NULL;
    int r = sd_bus_message_read_basic(m, 's', &name);

    if (r < 0)
        return r;
    const struct bg_row_field *field = bg_row_find(type, name, hint);
    if (!field)
        return sd_bus_message_skip(m, "v");
    *told |= UINT64_C(1) << (field - type->field);
    r = sd_bus_message_enter_container(m, 'v', bg_field_signature(field->type));
    if (r >= 0)
        r = take_value(reply, field, row + field->offset);
    return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int take_row(struct reply *reply, const void *of, void *row)
{
    const struct bg_row_type *type = of;
    sd_bus_message *m = reply->message;
    uint64_t told = 0;
    size_t hint = 0;
    int r = sd_bus_message_enter_container(m, 'a', "{sv}");

    bg_row_clear(type, row);
    while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
        r = take_field(reply, type, row, &hint, &told);
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

/* The arguments, by the signature that the method has. */
static int take_arguments(struct reply *reply)
{
    const char *out = reply->method->out;
    const struct bg_row_type *type = reply->method->rows;
    struct bg_any_list rows = {0};
    int r = sd_bus_message_has_signature(reply->message, out);

    if (r <= 0)
        return r < 0 ? r : -EBADMSG;
    if (strcmp(out, "a{sv}") == 0) {
        rows = (struct bg_any_list){reply_reserve(reply, type->size), 1};
        r = rows.v ? take_row(reply, type, (void *)(uintptr_t)rows.v) : -ENOMEM;
    } else if (strncmp(out, "aa{sv}", strlen("aa{sv}")) == 0)
        r = take_rows(reply, type, &rows);
    else if (strcmp(out, "a(ss)") == 0)
        r = take_list(reply, "(ss)", sizeof(struct bg_pair), take_pair, "r", &reply->pairs);
    else if (strcmp(out, "asu") == 0)
        r = take_list(reply, "s", sizeof(const char *), take_string, NULL, &reply->lines);
    reply->rows = rows.v;
    reply->n = rows.n;
    if (r >= 0 && *out && out[strlen(out) - 1] == 's')
        r = take_text(reply, NULL, &reply->text);
    if (r >= 0 && *out && out[strlen(out) - 1] == 'u')
        r = sd_bus_message_read_basic(reply->message, 'u', &reply->next);
    return r;
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
    r = take_arguments(reply);
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

const struct bg_who_row values_nobody = {
    .host = "", .person = "", .how = "", .key = "", .version = "", .policy = "", .signers = ""};

/* --- parameters --- */

static int append_strings(sd_bus_message *m, const char *name, const struct bg_strings *strings)
{
    int r = sd_bus_message_open_container(m, 'e', "sv");

    if (r >= 0)
        r = sd_bus_message_append_basic(m, 's', name);
    if (r >= 0)
        r = sd_bus_message_open_container(m, 'v', "as");
    if (r >= 0)
        r = sd_bus_message_open_container(m, 'a', "s");
    for (size_t i = 0; r >= 0 && i < strings->n; i++)
        r = sd_bus_message_append_basic(m, 's', strings->v[i]);
    for (int depth = 0; r >= 0 && depth < 3; depth++)
        r = sd_bus_message_close_container(m);
    return r;
}

static int append_field(sd_bus_message *m, const struct bg_row_field *field, const void *at)
{
    switch (field->type) {
    case BG_TYPE_STRING:
        return sd_bus_message_append(m, "{sv}", field->name, "s", *(const char *const *)at);
    case BG_TYPE_TIME:
        return sd_bus_message_append(m, "{sv}", field->name, "x", *(const int64_t *)at);
    case BG_TYPE_COUNT:
        return sd_bus_message_append(m, "{sv}", field->name, "u", *(const uint32_t *)at);
    case BG_TYPE_FLAG:
        return sd_bus_message_append(m, "{sv}", field->name, "b", (int)*(const bool *)at);
    case BG_TYPE_STRINGS:
        return append_strings(m, field->name, at);
    default:
        return -EINVAL;
    }
}

int values_append_row(sd_bus_message *m, const struct bg_row_type *type, const void *row)
{
    int r = sd_bus_message_open_container(m, 'a', "{sv}");

    for (size_t i = 0; r >= 0 && i < type->n; i++) {
        const void *at = (const char *)row + type->field[i].offset;

        if (!bg_row_is_empty(&type->field[i], at))
            r = append_field(m, &type->field[i], at);
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
