/* Ending a session for good: logind where it answers quickly, else every process of the session by pidfd. */
#pragma once

#include "broker/base/broker.h"
#include "broker/sessions/procs.h"
#include "policy/record/spool.h"

struct termination;

/* Begins to end it, and goes on from the event loop until nothing is left of it, or for two minutes. `done`
 * is called once; after it it may be freed. */
int terminate_start(struct termination **ret, struct broker *b, const struct bg_session *session,
                    const struct marks *marks, const char *why,
                    void (*done)(struct termination *t, bool all_gone, void *arg), void *arg);
void terminate_free(struct termination *t);

/* The processes of a session: those that carry its marks and, while its leader lives, the leader and all
 * below it. */
int terminate_processes(const struct bg_session *session, const struct marks *marks, struct procs *procs);
