/* SPDX-License-Identifier: ISC */
/* Whose business a call is. */
#include "pam_module/gate.h"

#include "policy/base/clean.h"
#include "policy/base/cleanup.h"
#include "policy/base/name.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

/* Services that are never the gate's: the last way back in, and what the machine starts by itself. */
static bool is_left_alone(const char *service)
{
    static const char *const services[] = {"login",        "cron",    "crond",     "atd",
                                           "systemd-user", "runuser", "runuser-l", NULL};
    bool is_su = strcmp(service, "su") == 0 || strcmp(service, "su-l") == 0;

    for (size_t i = 0; services[i]; i++)
        if (strcmp(service, services[i]) == 0)
            return true;
    return is_su && getuid() == 0;
}

/* A PAM item that must be there, as a name that fits. */
static bool get_name(const struct gate *g, int item, char *out, size_t size)
{
    const void *value = NULL;

    out[0] = '\0';
    if (pam_get_item(g->pamh, item, &value) != PAM_SUCCESS || !value)
        return false;
    size_t len = strlen(value);
    if (len == 0)
        return false;
    (void)bg_clean(out, size, value);
    return strcmp(out, value) == 0;
}

static void get_rhost(struct gate *g)
{
    const void *value = NULL;

    if (pam_get_item(g->pamh, PAM_RHOST, &value) == PAM_SUCCESS && value)
        (void)bg_clean(g->rhost, sizeof g->rhost, value);
}

static void fold(char *out, const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] | 0x20) : name[i];
    out[len] = '\0';
}

/* Whether the line gates that account under any of its names: a directory may answer for ROOT,
 * root@corp.example, CORP\root and CORP+root as it does for root. */
static bool is_gated(const struct gate *g, const char *name)
{
    const char *start = name + strlen(name);
    char folded[256];

    if (strlen(name) >= sizeof folded)
        return true;
    fold(folded, name, strlen(name));
    if (bg_gateline_covers(&g->line, folded, INT64_MIN))
        return true;
    while (start > name && start[-1] != '\\' && start[-1] != '+')
        start--;
    fold(folded, start, strcspn(start, "@"));
    return bg_gateline_covers(&g->line, folded, INT64_MIN);
}

static enum gate_whose refuse(const struct gate *g, const char *say)
{
    gate_log(g, LOG_ERR, "refused %s: %s", *g->account ? g->account : "a user without a name", say);
    gate_tell(g, true, "breakglass: access denied: %s", say);
    gate_confine(g);
    return GATE_REFUSED;
}

static enum gate_whose refuse_service(const struct gate *g)
{
    struct bg_sentence err;

    (void)bg_fail(&err, -EPERM,
                  "this version cannot end sessions of service %s, so it refuses %s there; remove "
                  "pam_breakglass.so from /etc/pam.d/%s",
                  g->service, g->account, g->service);
    if (!g->line.observe)
        return refuse(g, err.text);
    gate_log(g, LOG_NOTICE, "observed only, let in: %s", err.text);
    return GATE_NOT_OURS;
}

static enum gate_whose whose(struct gate *g, int argc, const char **argv, bool closing)
{
    struct bg_sentence err;
    bool has_service = get_name(g, PAM_SERVICE, g->service, sizeof g->service);
    bool has_account = get_name(g, PAM_USER, g->account, sizeof g->account);

    if (bg_gateline_parse(&g->line, argc, argv, &err) < 0)
        return refuse(g, err.text);
    if (g->now >= g->line.until && !closing)
        return GATE_NOT_OURS;
    if (!has_service)
        return refuse(g, "the name of the PAM service cannot be read");
    if (is_left_alone(g->service))
        return GATE_NOT_OURS;
    if (!has_account) {
        /* Too long or strange for any account that a line can name, or none at all: only the latter is a no.
         */
        const void *value = NULL;
        if (pam_get_item(g->pamh, PAM_USER, &value) == PAM_SUCCESS && value && *(const char *)value &&
            !is_gated(g, value))
            return GATE_NOT_OURS;
        return refuse(g, "the name of the account cannot be read");
    }
    if (!is_gated(g, g->account))
        return GATE_NOT_OURS;
    if (!bg_is_account(g->account))
        return refuse(g, "no grant can open an account of that name");
    return strcmp(g->service, "sshd") == 0 ? GATE_OURS : refuse_service(g);
}

enum gate_whose gate_begin(struct gate *g, pam_handle_t *pamh, int flags, int argc, const char **argv,
                           bool closing)
{
    *g = (struct gate){
        .pamh = pamh,
        .silent = ((unsigned)flags & PAM_SILENT) != 0,
        .opening = !closing,
        .host = "",
        .now = bg_now(),
        .root = {.fd = -1},
    };
    get_rhost(g);
    if (gate_root_open(&g->root) < 0)
        return refuse(g, "the root folder cannot be opened");
    return whose(g, argc, argv, closing);
}

void gate_end(struct gate *g)
{
    bg_gateline_free(&g->line);
    bg_root_close(&g->root);
}

bool gate_is_door(const struct gate *g)
{
    return strcmp(g->account, BG_DOOR_ACCOUNT) == 0;
}
