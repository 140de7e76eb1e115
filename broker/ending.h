/* Ending a session for good: logind where it answers quickly, else every process of the session by pidfd. */
#pragma once

#include "broker.h"
#include "procs.h"
#include "spool.h"

struct ending;

/* Starts to end it; goes on from the event loop until nothing of it is left (or for two minutes). audit: the
 * session's own audit session, UINT32_MAX where it has none (then the leader's descendants are what is known
 * of it). `done` is called once; after it the ending is gone. */
int ending_start(struct ending **ret, struct broker *b, const struct bg_session *session, uint32_t audit,
                 const char *why, void (*done)(struct ending *ending, bool all_gone, void *arg), void *arg);
void ending_free(struct ending *ending);

/* The processes of a session, its leader among them while it lives. */
int ending_processes(const struct bg_session *session, uint32_t audit, struct procs *procs);
