/* The two places of the store and the names in them; for store*.c only. */
#pragma once

#include "policy/base/list.h"
#include "policy/store/store.h"

/* Read in this order: files only ever move from run to var, so a reader that looks into run first misses
 * none. */
enum bg_disk { BG_IN_RUN, BG_IN_VAR, BG_PLACES };

/* Opens a folder of one place; `path` ends with NULL: {"grants", "bob", NULL}. An fd or -errno. */
int bg_disk_open(const struct bg_store *store, enum bg_disk place, const char *const path[]);
/* Likewise, and makes what is missing, so that it survives a power cut. Never makes var/lib/breakglass
 * itself: where that is missing, /var is not mounted. */
int bg_disk_make(const struct bg_store *store, enum bg_disk place, const char *const path[]);
/* Appends the names in such a folder; a missing folder has none. */
int bg_disk_names(const struct bg_store *store, enum bg_disk place, const char *const path[], size_t max,
                  struct bg_list *names);
/* Writes one file there; durable in var. */
int bg_disk_write(enum bg_disk place, int dir, const char *name, const void *data, size_t len);

#define BG_FILE_NAME_SIZE 80 /* KIND.DIGEST.sig, with NUL */
/* "approve.DIGEST" */
void bg_statement_file(char out[BG_FILE_NAME_SIZE], const struct bg_statement *st);
/* Whether a name has that shape (without .sig), and its parts. */
bool bg_statement_file_parse(const char *name, enum bg_kind *kind, unsigned char digest[BG_DIGEST_BYTES]);
bool bg_is_sig_file(const char *name);

/* Loads a statement and its signature. -EINVAL where name and text differ; to be freed with bg_signed_free.
 */
int bg_statement_load(const struct bg_store *store, int dir, const char *name, struct bg_signed **out);
/* Writes a statement with its signature: the signature first. */
int bg_statement_store(const struct bg_store *store, enum bg_disk place, const char *const path[],
                       const struct bg_signed *s);
