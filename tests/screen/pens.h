/* Keys that are made from names (tests/kit/world.h), so that they and their signatures are the same on every
 * run.
 */
#pragma once

#include "tests/screen/play.h"

/* The name of the key that a person signs with: their own, or "sk-" and that. */
void pen_of(const struct play *p, const char *person, char name[80]);
/* The name of the host's own. */
void pen_of_host(const struct play *p, char name[300]);
void pen_fingerprint(char out[BG_FINGERPRINT_SIZE], const char *key);
/* Enrolls everybody whom the policy names. */
void pens_enroll(struct play *p);
/* The host's key, once its name is known. */
void pens_host(struct play *p);
/* Signs a statement in the fields of *st, which is emptied; that of a host (via) in its namespace. NULL where
 * it cannot be printed. */
struct bg_signed *pen_sign(struct bg_statement *st, const char *key, struct bg_sentence *err);
/* OpenSSH's two files of that key, FILE and FILE.pub, without passphrase. 0 or -errno. */
int pen_write(const char *key, const char *file);
