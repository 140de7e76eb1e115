/* SPDX-License-Identifier: ISC */
/* Strings in an array that grows; a failed append leaves the list as it was. */
#include "policy/base/list.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int bg_list_add(struct bg_list *list, const char *text, size_t len)
{
    char **v = reallocarray(list->v, list->n + 1, sizeof *v);
    if (!v)
        return -ENOMEM;
    list->v = v;
    char *copy = strndup(text, len);
    if (!copy)
        return -ENOMEM;
    list->v[list->n++] = copy;
    return 0;
}

int bg_list_printf(struct bg_list *list, const char *format, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    if (n < 0)
        return -ENOMEM;
    int r = bg_list_add(list, text, (size_t)n);
    free(text);
    return r;
}

int bg_list_split(struct bg_list *list, const char *text)
{
    static const char blanks[] = " \t";

    for (text += strspn(text, blanks); *text; text += strspn(text, blanks)) {
        size_t len = strcspn(text, blanks);
        int r = bg_list_add(list, text, len);
        if (r < 0)
            return r;
        text += len;
    }
    return 0;
}

bool bg_list_has(const struct bg_list *list, const char *text)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->v[i], text) == 0)
            return true;
    return false;
}

bool bg_list_equal(const struct bg_list *a, const struct bg_list *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (strcmp(a->v[i], b->v[i]) != 0)
            return false;
    return true;
}

char *bg_list_join(const struct bg_list *list)
{
    size_t size = 1;
    for (size_t i = 0; i < list->n; i++)
        size += strlen(list->v[i]) + 1;
    char *out = malloc(size);
    if (!out)
        return NULL;
    char *p = out;
    for (size_t i = 0; i < list->n; i++) {
        if (i > 0)
            *p++ = ' ';
        p = stpcpy(p, list->v[i]);
    }
    *p = '\0';
    return out;
}

void bg_list_free(struct bg_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->v[i]);
    free(list->v);
    *list = (struct bg_list){0};
}
