/* JSON on standard output: values under each other, two blanks deeper in each object and array. */
#pragma once

#include "policy/contract/contract.h"

#include <stdio.h>

struct json {
    FILE *to;
    bool flat;      /* all of it on one line */
    unsigned depth; /* how many are open */
    bool some;      /* the one that is open has something in it */
};

/* key: NULL in an array, and of the whole. Strings are printed as UTF-8. */
void json_open(struct json *j, const char *key, char bracket); /* '{' or '[' */
void json_shut(struct json *j, char bracket);                  /* '}' or ']' */
void json_string(struct json *j, const char *key, const char *text);
void json_flag(struct json *j, const char *key, bool flag);
void json_strings(struct json *j, const char *key, const struct bg_strings *strings);
/* The fields of a row, in an object that is open; without what may be missing and is empty. */
void json_fields(struct json *j, const struct bg_row_type *type, const void *row);
