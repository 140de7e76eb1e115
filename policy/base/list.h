/* A list of owned strings: people, hosts, accounts, globs. Start with `struct bg_list l = {0};`. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct bg_list {
    char **v; /* n owned, NUL-terminated strings */
    size_t n;
};

/* Appends a copy of text[0..len). -ENOMEM on failure, and the list is as before. */
int bg_list_add(struct bg_list *list, const char *text, size_t len);
/* Likewise what printf makes of it. */
int bg_list_printf(struct bg_list *list, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Appends the words of `text`, which are separated by runs of blanks. */
int bg_list_split(struct bg_list *list, const char *text);
bool bg_list_has(const struct bg_list *list, const char *text);
/* Same strings in the same order. */
bool bg_list_equal(const struct bg_list *a, const struct bg_list *b);
/* The words joined by single spaces, to be freed; NULL without memory. */
char *bg_list_join(const struct bg_list *list);
void bg_list_free(struct bg_list *list); /* frees what is in it, and empties it */
