/* What of the model is shown, and in which order. */
#pragma once

#include "console/client/model.h"

struct filter {
    struct bg_list words;
    char *person, *role, *host, *grant, *event; /* NULL: any */
    char *unknown; /* "persn:": looks like a named part, and there is none of that name; a word, too */
};

/* "person:bob db1": what is named, and words that must stand somewhere in the row; parts of them do, whatever
 * the case. 0 or -ENOMEM. */
int filter_parse(struct filter *f, const char *text);
void filter_free(struct filter *f);
bool filter_is_empty(const struct filter *f);
bool filter_fits(const struct filter *f, const struct model *m, const struct grant *g, int64_t now);
/* What is filtered by: person with "bob", the word "db1". */
void filter_say(const struct filter *f, char *out, size_t size);
/* What is wrong with it in a list with these FILTER_… parts; empty: nothing. */
#define FILTER_GRANTS "person: role: host: grant:"
#define FILTER_EVENTS FILTER_GRANTS " event:"
void filter_wrong(const struct filter *f, const char *parts, char *out, size_t size);
/* Whether its person, role and grant are those. */
bool filter_named_fit(const struct filter *f, const char *person, const char *role, const char *id);
/* Whether all its words stand in one of the texts, whatever the case. */
bool filter_words_fit(const struct filter *f, const char *const texts[], size_t n);

/* Makes ->shown anew where something changed: waiting first, then open, then what wants a review, then the
 * rest; the newest first. */
void filter_arrange(struct model *m, const struct filter *f, int64_t now);
/* Where it stands in ->shown, or -1. */
long filter_position(const struct model *m, const char *id);
