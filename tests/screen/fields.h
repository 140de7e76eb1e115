/* An a{sv} to be sent: fields by name, of the types that the broker's API has. Memory that runs out ends the
 * program, here and in everything that is made of it. */
#pragma once

#include "policy/base/list.h"
#include "policy/contract/contract.h"

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

struct fields {
    struct field *v;
    size_t n;
};

struct field {
    const char *key; /* not owned: a literal */
    char type;       /* s, x, u, b as in D-Bus; l: as, r: aa{sv}, m: a{ss} */
    char *text;
    int64_t number;
    struct bg_list list; /* of m: name and text in turn */
    struct fields *rows;
    size_t n_rows;
};

void fields_text(struct fields *f, const char *key, const char *text); /* NULL is "" */
void fields_number(struct fields *f, const char *key, char type, int64_t number);
void fields_list(struct fields *f, const char *key, const struct bg_list *list);
void fields_pair(struct fields *f, const char *key, const char *name, const char *text);
/* One more row of a field (made where it is not there); valid until the next is asked for. */
struct fields *fields_row(struct fields *f, const char *key);
void fields_rows(struct fields *f, const char *key); /* makes it, without rows */
const struct field *fields_get(const struct fields *f, const char *key);
/* Gives another value to a field that is there: as its type wants it, lists as words. -ENOENT, -EINVAL. */
int fields_change(struct fields *f, const char *key, const char *value);
/* Each of "KEY VALUE", in a scenario's spelling. What is not there is passed over. */
void fields_change_all(struct fields *f, const struct bg_list *changes);
void fields_free(struct fields *f);

/* Appends all of it as one a{sv}, or the rows of a field as one aa{sv}. */
int fields_append(sd_bus_message *m, const struct fields *f);
int fields_append_rows(sd_bus_message *m, const struct fields *rows, size_t n);
/* About how many bytes that takes. */
size_t fields_size(const struct fields *f);

/* p, or the end of the program. */
void *need(void *p);
char *need_copy(const char *text);
void need_word(struct bg_list *list, const char *word);
