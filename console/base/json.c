/* SPDX-License-Identifier: ISC */
/* What --json prints: rows by the contract's table, and what the console adds to them. */
#include "console/base/json.h"

static void put_line(struct json *j)
{
    if (!j->flat)
        fprintf(j->to, "\n%*s", (int)(2 * j->depth), "");
}

static void put_text(struct json *j, const char *text)
{
    static const char escaped[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";

    fputc('"', j->to);
    for (; *text; text++) {
        size_t i = 0;

        while (escaped[i] && escaped[i] != *text)
            i++;
        if (escaped[i])
            fprintf(j->to, "\\%c", letters[i]);
        else if ((unsigned char)*text < 0x20)
            fprintf(j->to, "\\u%04x", (unsigned)*text);
        else
            fputc(*text, j->to);
    }
    fputc('"', j->to);
}

static void put_key(struct json *j, const char *key)
{
    if (j->some)
        fputc(',', j->to);
    if (j->depth > 0)
        put_line(j);
    j->some = true;
    if (key) {
        put_text(j, key);
        fputc(':', j->to);
    }
}

void json_open(struct json *j, const char *key, char bracket)
{
    put_key(j, key);
    fputc(bracket, j->to);
    j->depth++;
    j->some = false;
}

void json_shut(struct json *j, char bracket)
{
    j->depth--;
    if (j->some)
        put_line(j);
    fputc(bracket, j->to);
    j->some = true;
    if (j->depth == 0) {
        fputc('\n', j->to);
        j->some = false;
    }
}

void json_string(struct json *j, const char *key, const char *text)
{
    put_key(j, key);
    put_text(j, text);
}

static void put_number(struct json *j, const char *key, int64_t number)
{
    put_key(j, key);
    fprintf(j->to, "%lld", (long long)number);
}

void json_flag(struct json *j, const char *key, bool flag)
{
    put_key(j, key);
    fputs(flag ? "true" : "false", j->to);
}

void json_strings(struct json *j, const char *key, const struct bg_strings *strings)
{
    json_open(j, key, '[');
    for (size_t i = 0; i < strings->n; i++)
        json_string(j, NULL, strings->v[i]);
    json_shut(j, ']');
}

static void put_pairs(struct json *j, const char *key, const struct bg_pairs *pairs)
{
    json_open(j, key, '{');
    for (size_t i = 0; i < pairs->n; i++)
        json_string(j, pairs->v[i].first, pairs->v[i].second);
    json_shut(j, '}');
}

static void put_rows(struct json *j, const struct bg_row_field *field, struct bg_any_list rows)
{
    json_open(j, field->name, '[');
    for (size_t i = 0; i < rows.n; i++) {
        json_open(j, NULL, '{');
        json_fields(j, field->of, (const char *)rows.v + i * field->of->size);
        json_shut(j, '}');
    }
    json_shut(j, ']');
}

static void put_field(struct json *j, const struct bg_row_field *field, const void *at)
{
    switch (field->type) {
    case BG_TYPE_STRING:
    case BG_TYPE_TEXT:
        json_string(j, field->name, *(const char *const *)at);
        break;
    case BG_TYPE_TIME:
        put_number(j, field->name, *(const int64_t *)at);
        break;
    case BG_TYPE_COUNT:
        put_number(j, field->name, *(const uint32_t *)at);
        break;
    case BG_TYPE_FLAG:
        json_flag(j, field->name, *(const bool *)at);
        break;
    case BG_TYPE_STRINGS:
        json_strings(j, field->name, at);
        break;
    case BG_TYPE_PAIRS:
        put_pairs(j, field->name, at);
        break;
    case BG_TYPE_LINES:
    case BG_TYPE_STATEMENTS:
    case BG_TYPE_SESSIONS:
        put_rows(j, field, bg_row_list(at));
        break;
    }
}

void json_fields(struct json *j, const struct bg_row_type *type, const void *row)
{
    for (size_t i = 0; i < type->n; i++) {
        const struct bg_row_field *field = &type->field[i];
        const void *at = (const char *)row + field->offset;

        if (field->need != BG_MAY || !bg_row_is_empty(field, at))
            put_field(j, field, at);
    }
}
