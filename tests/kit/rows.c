/* SPDX-License-Identifier: ISC */
/* As much of JSON as tests write, read straight into the structs of the contract. */
#include "tests/kit/rows.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* As the reader of answers has it: nothing is dated or counted beyond the year 9999. */
#define NUMBER_MAX 253402300799

struct text {
    struct reply *reply;
    const char *at;
};

static void *need(void *p)
{
    if (!p)
        abort();
    return p;
}

static char next(struct text *t)
{
    while (isspace((unsigned char)*t->at))
        t->at++;
    return *t->at;
}

static bool take(struct text *t, char c)
{
    if (next(t) != c)
        return false;
    t->at++;
    return true;
}

static size_t put_character(char *out, unsigned long c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    out[0] = (char)(0xe0 | c >> 12);
    out[1] = (char)(0x80 | (c >> 6 & 0x3f));
    out[2] = (char)(0x80 | (c & 0x3f));
    return 3;
}

static const char *string(struct text *t)
{
    char *out = need(reply_reserve(t->reply, strlen(t->at) + 1));
    size_t len = 0;

    if (!take(t, '"'))
        abort();
    while (*t->at != '"') {
        const char *const escapes = "nrtb", *const values = "\n\r\t\b", *found;
        char hex[5] = "";

        if (!*t->at)
            abort();
        if (*t->at != '\\') {
            out[len++] = *t->at++;
            continue;
        }
        t->at++;
        found = strchr(escapes, *t->at);
        if (*t->at == 'u') {
            memcpy(hex, t->at + 1, 4);
            len += put_character(out + len, strtoul(hex, NULL, 16));
            t->at += 4;
        } else {
            out[len++] = found ? values[found - escapes] : *t->at;
        }
        t->at++;
    }
    t->at++;
    return out;
}

static void skip(struct text *t)
{
    char open = next(t), shut = open == '{' ? '}' : ']';

    if (open == '"')
        (void)string(t);
    else if (open == '{' || open == '[') {
        for (t->at++; !take(t, shut);)
            if (!take(t, ',') && !take(t, ':'))
                skip(t);
    } else
        t->at += strcspn(t->at, ",:]} \n");
}

static void row(struct text *t, const struct bg_row_type *type, char *at);

/* Elements of `size` bytes each, until the bracket shuts. */
static struct bg_any_list list(struct text *t, size_t size, const struct bg_row_type *of)
{
    struct bg_any_list all = {.v = ""};
    char *v = NULL;

    for (t->at++; !take(t, ']') && !take(t, '}'); (void)take(t, ',')) {
        if (next(t) != (of ? '{' : '"')) {
            skip(t);
            continue;
        }
        v = need(reallocarray(v, all.n + 1, size));
        if (of)
            row(t, of, v + all.n * size);
        else
            ((const char **)(void *)(v + all.n * size))[0] = string(t);
        if (!of && size > sizeof(char *)) {
            if (!take(t, ':'))
                abort();
            ((const char **)(void *)(v + all.n * size))[1] = string(t);
        }
        all.n++;
    }
    if (all.n > 0)
        all.v = memcpy(need(reply_reserve(t->reply, all.n * size)), v, all.n * size);
    free(v);
    return all;
}

static void value(struct text *t, const struct bg_row_field *field, void *at)
{
    char c = next(t);
    struct bg_any_list all;
    char *end = NULL;
    long long number = strtoll(t->at, &end, 10);
    bool yes = c == 't', whole = end > t->at && *end != '.';

    if ((field->type == BG_TYPE_STRING || field->type == BG_TYPE_TEXT) && c == '"') {
        *(const char **)at = string(t);
        return;
    }
    if (field->type == BG_TYPE_FLAG && (c == 't' || c == 'f'))
        memcpy(at, &yes, sizeof yes);
    else if (field->type == BG_TYPE_TIME && whole)
        *(int64_t *)at = number > NUMBER_MAX ? NUMBER_MAX : number < -NUMBER_MAX ? -NUMBER_MAX : number;
    else if (field->type == BG_TYPE_COUNT && whole && c != '-')
        *(uint32_t *)at = number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
    else if (field->type >= BG_TYPE_STRINGS && c == (field->type == BG_TYPE_PAIRS ? '{' : '[')) {
        all = list(t,
                   field->of                      ? field->of->size
                   : field->type == BG_TYPE_PAIRS ? sizeof(struct bg_pair)
                                                  : sizeof(char *),
                   field->of);
        memcpy(at, &all, sizeof all);
        return;
    }
    skip(t);
}

static void row(struct text *t, const struct bg_row_type *type, char *at)
{
    bg_row_clear(type, at);
    if (!take(t, '{'))
        abort();
    for (; !take(t, '}'); (void)take(t, ',')) {
        const struct bg_row_field *field = bg_row_find(type, string(t), NULL);

        if (!take(t, ':'))
            abort();
        if (field)
            value(t, field, at + field->offset);
        else
            skip(t);
    }
}

struct reply *rows_of(enum bg_method method, const char *json)
{
    struct reply *reply = need(reply_new(method));
    struct text t = {reply, json};
    struct bg_any_list all = {.n = 1};

    if (next(&t) == '[')
        all = list(&t, reply->method->rows->size, reply->method->rows);
    else {
        char *v = need(reply_reserve(reply, reply->method->rows->size));

        row(&t, reply->method->rows, v);
        all.v = v;
    }
    reply->rows = all.v;
    reply->n = all.n;
    return reply;
}
