/* The gate's line in a PAM service file: read by the module, by the key command and by `gate status`. */
#pragma once

#include "policy/base/error.h"
#include "policy/base/file.h"
#include "policy/base/list.h"

#include <stdbool.h>
#include <stdint.h>

/* The account that is always the gate's: the front door. */
#define BG_DOOR_ACCOUNT "breakglass"

/* The arguments of one pam_breakglass.so line. */
struct bg_gateline {
    struct bg_list accounts; /* exact names, or globs as in bg-* */
    bool observe;            /* admits, and records "would refuse" */
    int64_t until;           /* inert from then on; INT64_MAX where there is none */
    bool debug;
};

/* argv of a PAM line (without the module's path). Unknown or malformed arguments, or no accounts: -EINVAL
 * with a sentence. */
int bg_gateline_parse(struct bg_gateline *line, int argc, const char *const *argv, struct bg_sentence *err);
void bg_gateline_free(struct bg_gateline *line);
/* Whether the account is gated by the line at `now` (the front door always is, while the line is not inert).
 */
bool bg_gateline_covers(const struct bg_gateline *line, const char *account, int64_t now);

/* Whether the service file (etc/pam.d/SERVICE) holds an enforcing `session requisite` line of ours for that
 * account, the first session line of the file and before every @include. An observing line enforces nothing
 * but the front door. 0 = yes, -ENOENT = no, with the reason. */
int bg_gateline_enforced(const struct bg_root *root, const char *service, const char *account, int64_t now,
                         struct bg_sentence *err);

/* Seconds that a login may take from sshd's question for keys to the end of PAM's session phase: sshd's
 * LoginGraceTime (120 by default) and some. */
#define BG_LOGIN_TAKES 180

/* Whether sshd may be offered keys on the strength of that gate: it enforces now, and still will when PAM is
 * asked. A trial that ends in between would let in whoever showed a key just before. As bg_gateline_enforced.
 */
int bg_gateline_offers(const struct bg_root *root, const char *service, const char *account, int64_t now,
                       struct bg_sentence *err);
