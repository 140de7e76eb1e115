/* SPDX-License-Identifier: ISC */
/* The functions that Linux-PAM calls; pam_breakglass(8). Each leaves errno as it was. */
#include "pam_module/gate.h"

#include <errno.h>

#define PHASE __attribute__((visibility("default")))

static int run(pam_handle_t *pamh, int flags, int argc, const char **argv, bool closing,
               int (*work)(struct gate *g))
{
    int code = PAM_PERM_DENIED, saved = errno;
    struct gate g;

    switch (gate_begin(&g, pamh, flags, argc, argv, closing)) {
    case GATE_NOT_OURS:
        code = PAM_IGNORE;
        break;
    case GATE_OURS:
        code = work(&g);
        break;
    case GATE_REFUSED:
        break;
    }
    gate_end(&g);
    errno = saved;
    return code;
}

PHASE int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    return run(pamh, flags, argc, argv, false, gate_open_session);
}

PHASE int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    return run(pamh, flags, argc, argv, true, gate_close_session);
}

/* The account phase sees no key under pure publickey, and from OpenSSH 9.8 on a refusal in it makes sshd shut
 * out the address (PerSourcePenalties). */
PHASE int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)pamh, (void)flags, (void)argc, (void)argv;
    return PAM_IGNORE;
}

/* sshd with a public key skips these, so nothing may ever depend on them. */
PHASE int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)pamh, (void)flags, (void)argc, (void)argv;
    return PAM_IGNORE;
}

PHASE int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)pamh, (void)flags, (void)argc, (void)argv;
    return PAM_IGNORE;
}
