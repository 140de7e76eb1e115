/* The broker's methods, as the host that is played answers them; org.breakglass.Broker1(5). */
#pragma once

#include "tests/screen/conns.h"

typedef int answer_method(struct play *p, struct client *c, sd_bus_message *m, sd_bus_error *error);

/* answers.c: what only looks; log.c; said.c: what is said. */
answer_method answer_who, answer_roles, answer_list, answer_show, answer_get, answer_why, answer_explain,
    answer_watch, answer_log, answer_draft, answer_put, answer_ask, compose_close;

/* Replies with one dictionary. */
int answer_fields(sd_bus_message *m, const struct fields *f);
/* The row of a grant as it is now. */
int answer_row(struct play *p, sd_bus_message *m, struct play_grant *g);
/* The error of a negative errno, as the broker names it. */
int answer_fail(sd_bus_error *error, int r, const char *sentence);
/* "this host does not know who you are". */
int answer_nobody(sd_bus_error *error);
