/* SPDX-License-Identifier: ISC */
/* The table of the contract as data. */
#include "policy/contract/contract.h"

#include "policy/base/cleanup.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#define OF_STRING NULL
#define OF_TEXT NULL
#define OF_TIME NULL
#define OF_COUNT NULL
#define OF_FLAG NULL
#define OF_STRINGS NULL
#define OF_PAIRS NULL
#define OF_LINES &bg_line_type
#define OF_STATEMENTS &bg_statement_type
#define OF_SESSIONS &bg_session_type

#define FIELD(row, type, name, need)                                                                         \
    {#name, BG_TYPE_##type, BG_##need, offsetof(struct row, name), OF_##type},
#define TYPE(id, row)                                                                                        \
    const struct bg_row_type bg_##id##_type = {#id, sizeof(struct row), id##_fields, BG_COUNT(id##_fields)};

#define F(type, name, need) FIELD(bg_line_row, type, name, need)
static const struct bg_row_field line_fields[] = {BG_ROW_LINE(F)};
#undef F
TYPE(line, bg_line_row)

#define F(type, name, need) FIELD(bg_statement_row, type, name, need)
static const struct bg_row_field statement_fields[] = {BG_ROW_STATEMENT(F)};
#undef F
TYPE(statement, bg_statement_row)

#define F(type, name, need) FIELD(bg_session_row, type, name, need)
static const struct bg_row_field session_fields[] = {BG_ROW_SESSION(F)};
#undef F
TYPE(session, bg_session_row)

#define F(type, name, need) FIELD(bg_grant_row, type, name, need)
static const struct bg_row_field grant_fields[] = {BG_ROW_GRANT(F)};
static const struct bg_row_field shown_fields[] = {BG_ROW_GRANT(F) BG_ROW_GRANT_DETAIL(F)};
#undef F
TYPE(grant, bg_grant_row)
TYPE(shown, bg_grant_row)

#define F(type, name, need) FIELD(bg_who_row, type, name, need)
static const struct bg_row_field who_fields[] = {BG_ROW_WHO(F)};
#undef F
TYPE(who, bg_who_row)

#define F(type, name, need) FIELD(bg_role_row, type, name, need)
static const struct bg_row_field role_fields[] = {BG_ROW_ROLE(F)};
#undef F
TYPE(role, bg_role_row)

#define F(type, name, need) FIELD(bg_outcome_row, type, name, need)
static const struct bg_row_field outcome_fields[] = {BG_ROW_OUTCOME(F)};
#undef F
TYPE(outcome, bg_outcome_row)

#define F(type, name, need) FIELD(bg_why_row, type, name, need)
static const struct bg_row_field why_fields[] = {BG_ROW_WHY(F)};
#undef F
TYPE(why, bg_why_row)

#define F(type, name, need) FIELD(bg_event_row, type, name, need)
static const struct bg_row_field event_fields[] = {BG_ROW_EVENT(F)};
#undef F
TYPE(event, bg_event_row)

#define F(type, name, need) FIELD(bg_draft_row, type, name, need)
static const struct bg_row_field draft_fields[] = {BG_ROW_DRAFT(F)};
#undef F
TYPE(draft, bg_draft_row)

#define F(type, name, need) FIELD(bg_filter_row, type, name, need)
static const struct bg_row_field filter_fields[] = {BG_ROW_FILTER(F)};
#undef F
TYPE(filter, bg_filter_row)

const struct bg_method_type bg_methods[BG_METHOD_COUNT] = {
#define M(id, name, in, in_names, out, out_names, rows) [BG_METHOD_##id] = {name, in, out, rows},
    BG_METHODS(M)
#undef M
};

const char *const bg_signal_names[BG_SIGNAL_COUNT] = {
#define S(id, name, in, in_names) [BG_SIGNAL_##id] = (name),
    BG_SIGNALS(S)
#undef S
};

const char *bg_field_signature(enum bg_field_type type)
{
    static const char *const signatures[] = {
#define T(id, signature) [BG_TYPE_##id] = (signature),
        BG_FIELD_TYPES(T)
#undef T
    };

    return signatures[type];
}

const struct bg_row_field *bg_row_find(const struct bg_row_type *type, const char *name, size_t *hint)
{
    size_t from = hint ? *hint : 0;

    for (size_t i = 0; i < type->n; i++) {
        size_t at = (from + i) % type->n;

        if (strcmp(type->field[at].name, name) != 0)
            continue;
        if (hint)
            *hint = at + 1;
        return &type->field[at];
    }
    return NULL;
}

struct bg_any_list bg_row_list(const void *at)
{
    struct bg_any_list list;

    static_assert(sizeof list == sizeof(struct bg_strings) && sizeof list == sizeof(struct bg_pairs) &&
                      sizeof list == sizeof(struct bg_lines),
                  "lists are alike but for what they point to");
    memcpy(&list, at, sizeof list);
    return list;
}

bool bg_row_is_empty(const struct bg_row_field *field, const void *at)
{
    const char *const *text = at;

    switch (field->type) {
    case BG_TYPE_STRING:
    case BG_TYPE_TEXT:
        return !*text || !**text;
    case BG_TYPE_TIME:
        return *(const int64_t *)at == 0;
    case BG_TYPE_COUNT:
        return *(const uint32_t *)at == 0;
    case BG_TYPE_FLAG:
        return !*(const bool *)at;
    default:
        return bg_row_list(at).n == 0;
    }
}

void bg_row_clear(const struct bg_row_type *type, void *row)
{
    static const char *const none = "";
    const bool yes = true;

    memset(row, 0, type->size);
    for (size_t i = 0; i < type->n; i++) {
        const struct bg_row_field *field = &type->field[i];

        if (field->type == BG_TYPE_STRING || field->type == BG_TYPE_TEXT)
            memcpy((char *)row + field->offset, &none, sizeof none);
        else if (field->need == BG_TRUE)
            memcpy((char *)row + field->offset, &yes, sizeof yes);
    }
}

const char **bg_event_string(struct bg_event_row *row, const char *name, size_t len)
{
    for (size_t i = 0; i < bg_event_type.n; i++) {
        const struct bg_row_field *field = &bg_event_type.field[i];

        if (field->type == BG_TYPE_STRING && strlen(field->name) == len &&
            strncasecmp(field->name, name, len) == 0)
            return (const char **)(void *)((char *)row + field->offset);
    }
    return NULL;
}

const char *bg_bus_error(int r)
{
    enum {
#define E(id, name, meaning) ERROR_##id,
        BG_BUS_ERRORS(E)
#undef E
    };
    static const char *const names[] = {
#define E(id, name, meaning) [ERROR_##id] = BG_BUS_ERROR name,
        BG_BUS_ERRORS(E)
#undef E
    };

    switch (r) {
    case -EINVAL:
    case -E2BIG:
    case -EMSGSIZE:
    case -EBADMSG:
        return names[ERROR_INVALID];
    case -ENOENT:
        return names[ERROR_NOT_FOUND];
    case -ENOTUNIQ:
        return names[ERROR_AMBIGUOUS];
    case -EBUSY:
        return names[ERROR_BUSY];
    case -ENXIO:
        return names[ERROR_NOBODY_KNOWN];
    default:
        return names[ERROR_REFUSED];
    }
}
