/* Whose key opened the connection. */
#pragma once

#include "policy/base/error.h"
#include "policy/rules/signers.h"

#include <stdint.h>

enum identity_kind {
    GATE_NOBODY = 0,
    GATE_PERSON = 0x2e95,
    GATE_AUTOMATION = 0x516a,
};

struct identity {
    enum identity_kind kind;
    char name[BG_PERSON_SIZE];             /* the person's or the automation's; "" for nobody */
    char fingerprint[BG_FINGERPRINT_SIZE]; /* of the first key; "" where there is none */
    struct bg_sentence why;                /* nobody: the reason, and what to do */
};

/* Reads what sshd says in SSH_AUTH_INFO_0 (one line a method, with the key where it used one). Every key must
 * name the same person, or the same automation; certificates and host keys name nobody. `info` may be NULL.
 */
void identity_find(struct identity *who, const char *info, const struct bg_signers *signers, int64_t now);
