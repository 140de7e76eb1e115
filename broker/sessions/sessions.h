/* The sessions that the gate let in: known by their records, held by a pidfd, ended when no grant covers
 * them. */
#pragma once

#include "broker/base/broker.h"
#include "policy/record/spool.h"

int sessions_new(struct sessions **ret, struct broker *b);
void sessions_free(struct sessions *s);
/* Reads the records again: new sessions are watched, vanished ones are closed. Called on inotify and on a
 * tick. */
void sessions_scan(struct sessions *s);
/* Judges all sessions (or those of one person) again: each is ended, or given its new end. */
void sessions_judge(struct sessions *s, const char *person);
/* How many live sessions a grant has; and their details, one call each. */
unsigned sessions_of_grant(const struct sessions *s, const char *id);
int sessions_each(const struct sessions *s, const char *id,
                  int (*each)(const struct bg_session *session, void *arg), void *arg);
