/* Names: which strings may name a person, role, host, account or credential; globs; grant IDs.
 * Every name that becomes part of a path goes through one of these first. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BG_PERSON_SIZE 65                       /* the longest person or role, with NUL */
#define BG_ACCOUNT_SIZE 33                      /* the longest Unix account, with NUL */
#define BG_HOST_SIZE 254                        /* the longest host, with NUL */
#define BG_DIGEST_BYTES 32                      /* SHA-256 */
#define BG_DIGEST_HEX (2 * BG_DIGEST_BYTES + 1) /* lower case, with NUL */
#define BG_ID_CHARS 12                          /* 60 bits, Crockford base32, upper case, without dashes */
#define BG_ID_SIZE (BG_ID_CHARS + 1)
#define BG_ID_SHOWN_SIZE (BG_ID_CHARS + 3) /* K7Q4-M2XP-9D3F with NUL */

/* [a-z0-9._-]+, 1 to 64 bytes, not starting with '.' or '-'. */
bool bg_is_person(const char *s);
/* As a person; roles, policy groups, automations. */
bool bg_is_role(const char *s);
/* [a-z0-9._-]+ up to 253 bytes, not starting with '.' or '-', no "..". */
bool bg_is_host(const char *s);
/* A Unix account: [a-z_][a-z0-9_.-]*, up to 32 bytes. */
bool bg_is_account(const char *s);
/* Words of [a-z0-9._-] joined by '/', no empty word, no "." or "..", up to 200 bytes. */
bool bg_is_credential(const char *s);

/* Matches '*' (any run, also of dots) and '?' (one byte) against the whole of `s`; no classes, no escapes,
 * no locale. Linear in the length of s times that of the pattern. */
bool bg_glob(const char *pattern, const char *s);

/* Lower-case hex of a digest; and back (only exactly 64 lower-case digits are taken: 0 or -EINVAL). */
void bg_hex(char out[BG_DIGEST_HEX], const unsigned char digest[BG_DIGEST_BYTES]);
int bg_unhex(unsigned char digest[BG_DIGEST_BYTES], const char *hex);

/* The grant ID of a request: the first 60 bits of its digest. */
void bg_id_from_digest(char out[BG_ID_SIZE], const unsigned char digest[BG_DIGEST_BYTES]);
/* With dashes, as people see it. `id` must be a valid ID. */
void bg_id_show(char out[BG_ID_SHOWN_SIZE], const char *id);
/* Takes what a person typed: lower case, without dashes or with them anywhere, O for 0, I and L for 1.
 * A prefix of 4 or more characters is taken too (callers say when it is ambiguous): `out` then is shorter
 * than BG_ID_CHARS. 0 or -EINVAL. */
int bg_id_parse(char out[BG_ID_SIZE], const char *typed);
/* Exactly 12 upper-case Crockford characters (a folder name in the store). */
bool bg_is_id(const char *s);
