/* SPDX-License-Identifier: ISC */
/* A PAM module for tests: calls a phase of the module named by its first argument, and tells the application
 * in the PAM environment what that gave (RELAY_CODE) and which time limit stands then (RELAY_LIMIT). Always
 * succeeds, so that each phase can be looked at alone. */
#include <dlfcn.h>
#include <errno.h>
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <stdio.h>
#include <string.h>

#define PHASE __attribute__((visibility("default")))

static int relay(pam_handle_t *pamh, const char *name, int flags, int argc, const char **argv)
{
    int (*phase)(pam_handle_t *, int, int, const char **);
    void *module = argc > 0 ? dlopen(argv[0], RTLD_NOW) : NULL;
    const void *limit = NULL;
    char text[80];

    if (!module)
        return PAM_SERVICE_ERR;
    *(void **)&phase = dlsym(module, name);
    if (!phase)
        return PAM_MODULE_UNKNOWN;
    errno = 4242;
    int code = phase(pamh, flags, argc - 1, argv + 1);
    (void)snprintf(text, sizeof text, "RELAY_CODE=%d", errno == 4242 ? code : -1);
    (void)pam_putenv(pamh, text);
    if (pam_get_data(pamh, "systemd.runtime_max_sec", &limit) == PAM_SUCCESS && limit) {
        (void)snprintf(text, sizeof text, "RELAY_LIMIT=%s", (const char *)limit);
        (void)pam_putenv(pamh, text);
    }
    /* The module stays loaded: it owns the destructor of what it left in the handle. */
    return PAM_SUCCESS;
}

#define RELAY(name)                                                                                          \
    PHASE int name(pam_handle_t *pamh, int flags, int argc, const char **argv)                               \
    {                                                                                                        \
        return relay(pamh, #name, flags, argc, argv);                                                        \
    }

RELAY(pam_sm_authenticate)
RELAY(pam_sm_setcred)
RELAY(pam_sm_acct_mgmt)
RELAY(pam_sm_open_session)
RELAY(pam_sm_close_session)
