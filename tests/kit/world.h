/* People, keys and signed statements for tests: made in memory, the same on every run. */
#pragma once

#include "policy/decide/decide.h"

/* A key is known by its name, which is also its seed. A name that starts with "sk-" is a FIDO key. */
void world_key(struct bg_key *key, unsigned char secret[64], const char *name);
/* "ssh-ed25519 AAAA…", to be freed. */
char *world_key_text(const char *name);

/* How a statement is signed. */
struct world_pen {
    const char *key;        /* its name */
    const char *name_space; /* NULL: "breakglass" */
    unsigned char flags;    /* of a FIDO key; 0x05 is present and verified */
};
/* Prints and signs what is in *st, which is emptied. NULL where it cannot be printed (then *err says why). */
struct bg_signed *world_sign(struct bg_statement *st, const struct world_pen *pen, struct bg_sentence *err);

/* Signs any bytes; the blob has room for BG_SSHSIG_BLOB_MAX. */
void world_sign_text(unsigned char *out, size_t *out_len, const struct world_pen *pen, const char *text,
                     size_t text_len);

/* "14:05", "14:05:30", "1/14:05" (a day later), of 23 November 2026. Exits the program on anything else. */
int64_t world_time(const char *text);

#define CHECK(condition, ...)                                                                                \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, __VA_ARGS__);                                                                    \
            fputc('\n', stderr);                                                                             \
            exit(1);                                                                                         \
        }                                                                                                    \
    } while (0)
