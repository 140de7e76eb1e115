/* org.breakglass.Broker1(5): the methods. */
#pragma once

#include "broker/bus/server.h"
#include "policy/contract/contract.h"

/* Puts the object onto the connection. */
int api_attach(struct conn *c);
/* The error's name for a negative errno, and the sentence as its message. For `return api_fail(…)` in a
 * method. */
int api_fail(sd_bus_error *error, int r, const char *sentence);
/* Likewise for what only people may ask, when the caller is none that this host knows. */
int api_nobody(const struct conn *c, sd_bus_error *error);
/* Parts of the interface that have files of their own. */
int api_log(sd_bus_message *m, void *arg, sd_bus_error *error);
int api_draft(sd_bus_message *m, void *arg, sd_bus_error *error);
int api_put(sd_bus_message *m, void *arg, sd_bus_error *error);
int api_ask(sd_bus_message *m, void *arg, sd_bus_error *error);
int api_close(sd_bus_message *m, void *arg, sd_bus_error *error);
int api_list(sd_bus_message *m, void *arg, sd_bus_error *error);
int api_show(sd_bus_message *m, void *arg, sd_bus_error *error);
int api_get(sd_bus_message *m, void *arg, sd_bus_error *error);
int api_who(sd_bus_message *m, void *arg, sd_bus_error *error);
int api_roles(sd_bus_message *m, void *arg, sd_bus_error *error);
int api_explain(sd_bus_message *m, void *arg, sd_bus_error *error);
int api_why(sd_bus_message *m, void *arg, sd_bus_error *error);

/* Whether this caller's Log shows everybody's entries: root, administrators, reviewers. Others see their own.
 */
bool api_sees_all(const struct conn *c);
/* A typed ID, or the beginning of one, to a grant of this host: 0, or a failure already set in `error`. */
int api_find(struct conn *c, const char *typed, char person[BG_PERSON_SIZE], char id[BG_ID_SIZE],
             sd_bus_error *error);
/* Answers with one row. */
int api_reply_row(sd_bus_message *m, const struct bg_row_type *type, const void *row);
