/* The sessions that the gate let in: seen through their records, held by a pidfd, ended when nothing covers
 * them any more. */
#pragma once

#include "broker/base/broker.h"
#include "policy/record/spool.h"

int sessions_new(struct sessions **ret, struct broker *b);
void sessions_free(struct sessions *s);
/* Reads the records again: new ones are taken on, vanished ones are closed. Called by inotify and now and
 * then. */
void sessions_scan(struct sessions *s);
/* Judges every session (or those of one person) again: ends it, or finds out until when it may live. */
void sessions_judge(struct sessions *s, const char *person);
/* How many live sessions a grant has; and their details, one call each. */
unsigned sessions_of_grant(const struct sessions *s, const char *id);
int sessions_each(const struct sessions *s, const char *id,
                  int (*each)(const struct bg_session *session, void *arg), void *arg);
