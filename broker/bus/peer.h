/* Identifies the process at the other end of a connection, once, by what the kernel says about it. */
#pragma once

#include "policy/base/file.h"
#include "policy/base/list.h"
#include "policy/base/name.h"
#include "policy/rules/policy.h"
#include "policy/record/spool.h"
#include "policy/statement/sshkey.h"

#include <stdint.h>
#include <sys/types.h>

enum peer_how {
    PEER_NONE,    /* unknown to the policy and to the gate */
    PEER_ROOT,    /* uid 0 outside every session that the gate let in */
    PEER_UID,     /* a local uid that User= or Uid= maps to a person */
    PEER_SESSION, /* below a live session that the gate let in */
};

struct peer {
    enum peer_how how;
    uid_t uid;
    pid_t pid;
    char person[BG_PERSON_SIZE];   /* "" where there is none */
    char key[BG_FINGERPRINT_SIZE]; /* the fingerprint, for sessions */
    char via[160];     /* as a host-signed statement says it: "sshd publickey SHA256:…", "uid 1001" */
    pid_t session_pid; /* of the record; 0 where there is none */
    uint64_t session_start;
};

/* How processes are looked at; real ones through /proc, and a table in tests. */
struct peer_world {
    int (*start)(pid_t pid, uint64_t *starttime);
    int (*audit)(pid_t pid, uint32_t *audit);
    int (*parent)(pid_t pid, pid_t *parent);
};
extern const struct peer_world peer_proc;

const char *peer_how_name(enum peer_how how); /* "none", "root", "uid", "session" */

/* The live session that process `pid` runs in: the first of its parents that is a record's process (same pid
 * and start time), in the same audit session. Without such a parent (a process that was detached), the
 * session whose audit session it still carries. NULL for none. */
const struct bg_session *peer_session(const struct peer_world *world, const struct bg_session *sessions,
                                      size_t n, pid_t pid);

/* Reads the peer of a connected unix socket and finds who it is. 0 (with peer->how), -ESRCH where the process
 * is gone already, or -errno. */
int peer_identify(struct peer *peer, int socket, const struct bg_root *root, const struct bg_policy *policy);
