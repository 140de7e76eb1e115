/* A grant as the API shows it: one a{sv}. */
#pragma once

#include "broker/bus/server.h"

/* Small parts of an a{sv}; each gives 0 or a negative errno from sd-bus. */
int row_string(sd_bus_message *m, const char *key, const char *value); /* NULL is "" */
int row_time(sd_bus_message *m, const char *key, int64_t value);
int row_bool(sd_bus_message *m, const char *key, bool value);
int row_number(sd_bus_message *m, const char *key, uint32_t value);
int row_list(sd_bus_message *m, const char *key, const struct bg_list *list);
/* Opens "key: variant of `type`" (a container's signature); row_close_value closes it. */
int row_open_value(sd_bus_message *m, const char *key, char kind, const char *contents, const char *type);
int row_close_value(sd_bus_message *m);

/* A grant, loaded and judged. */
struct row {
    struct bg_grant grant;
    struct bg_answer answer;
    int64_t now;
    bool contacts;   /* how to reach people is for whom it is shown to */
    bool may_review; /* this host would take a review by them, once it is over */
};
/* Whether a request concerns the caller, who then sees how to reach its people: who asked, who may approve
 * it, administrators, reviewers, root. */
bool row_concerns(const struct conn *c, const struct bg_statement *request);
/* As the caller may see it. 0, -ENOENT where there is no request of that ID here, or -errno. */
int row_load(struct row *row, const struct conn *c, const char *person, const char *id);
void row_free(struct row *row);
/* The entries of the row, without the braces. */
int row_append(sd_bus_message *m, struct broker *b, const struct row *row);
/* How many bytes that takes at most. */
size_t row_size(const struct row *row);
