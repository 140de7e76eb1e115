/* The grants that a host has. */
#pragma once

#include "tests/screen/play.h"

#include "policy/base/error.h"

struct play_grant *grant_named(struct play *p, const char *name);
/* Puts a new one in its place among the others; the request's signature may be missing (generated). */
struct play_grant *grant_add(struct play *p, const char *name, struct bg_signed *request);
/* Something is said about it. Taken over. */
void grant_say(struct play_grant *g, struct bg_signed *said);
/* Signs the request of a generated one, so that it can be shown and put. */
void grant_complete(struct play *p, struct play_grant *g);
/* Puts it with all that was said about it into a store. */
void grant_store(const struct bg_store *store, const struct play_grant *g);
/* An ID as people type it, or as a lying row has it. 0, or -EINVAL, -ENOENT, -ENOTUNIQ with a sentence. */
int grant_find(struct play *p, const char *typed, struct play_grant **found, struct bg_sentence *err);
/* By the digest of its request; NULL for none. */
struct play_grant *grant_of(struct play *p, const unsigned char digest[BG_DIGEST_BYTES]);
/* Something was said about it, or its time has come: judges it again, throws out who is in with what is no
 * longer open, and tells watchers. */
void grant_turned(struct play *p, struct play_grant *g);
/* Does that for all whose time has come. */
void grants_catch_up(struct play *p);
/* Judges all of them again. */
void grants_judge(struct play *p);
void grants_free(struct play *p);
