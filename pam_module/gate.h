/* What the phases of the module share: one call of one phase, from its first question ("whose business is
 * this?") to what the user, the log and the spool are told. */
#pragma once

#include "policy/record/event.h"
#include "policy/record/spool.h"
#include "policy/base/file.h"
#include "policy/pamfile/gateline.h"
#include "policy/rules/policy.h"

#include <stdbool.h>
#include <stdint.h>
#include <security/pam_modules.h>

/* Sparse values: no single flipped bit turns a no into a yes. */
enum gate_whose {
    GATE_REFUSED = 0,
    GATE_NOT_OURS = 0x1d2b, /* none of our business: PAM_IGNORE */
    GATE_OURS = 0x62d4,
};

struct gate {
    pam_handle_t *pamh;
    bool silent;  /* PAM_SILENT: the user is told nothing */
    bool opening; /* this is open_session: a refusal also confines the caller */
    struct bg_gateline line;
    char service[BG_SERVICE_SIZE], account[BG_ACCOUNT_SIZE];
    char rhost[BG_RHOST_SIZE]; /* cleaned; "" where there is none */
    const char *host;          /* this host's name, "" until it is known; not owned */
    struct bg_root root;
    int64_t now;
};

/* Starts a call: parses the line and decides whose business it is, from the line, PAM_SERVICE, PAM_USER and
 * getuid() alone. After GATE_REFUSED everything is said and logged already. closing: until= no longer counts.
 */
enum gate_whose gate_begin(struct gate *g, pam_handle_t *pamh, int flags, int argc, const char **argv,
                           bool closing);
void gate_end(struct gate *g);
bool gate_is_door(const struct gate *g);

/* One message to the user, unless PAM_SILENT. Cleaned, and cut at 500 bytes. */
void gate_tell(const struct gate *g, bool error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* One datagram to /dev/log that never waits: with a dead journald, syslog() would hang the login. */
void gate_log(const struct gate *g, int priority, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Fills in what every event of this call has, and leaves the event in the spool. 0 when some spool took it.
 */
int gate_event(const struct gate *g, struct bg_event *event);
/* Likewise of two that belong together: both are kept or neither. */
int gate_two_events(const struct gate *g, struct bg_event *first, struct bg_event *second);
/* The time box: systemd's own limit for the session, in seconds. 0, or -ENOMEM. */
int gate_limit(const struct gate *g, int64_t seconds);

/* After a refusal by open_session in sshd: this process and its children execute nothing any more, and it
 * gets SIGTERM in two seconds. Does nothing elsewhere. What cannot be installed is logged; the refusal
 * stands. */
void gate_confine(const struct gate *g);
/* What a refused person reads of the roles that they may request for g->account here, who approves them, and
 * what to type. */
void gate_tell_roles(const struct gate *g, const struct bg_policy *policy, const char *person);

/* The phases. Each gives a PAM code. */
int gate_open_session(struct gate *g);
int gate_close_session(struct gate *g);

/* root.c, or a test's own: "/" on a host. Also where the log's socket is. */
int gate_root_open(struct bg_root *root);
void gate_root_log(const struct bg_root *root, char *path, size_t size);
