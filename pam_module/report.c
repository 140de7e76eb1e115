/* SPDX-License-Identifier: ISC */
/* What the user, the log and the spool are told. Nothing here waits for anybody. */
#include "pam_module/gate.h"

#include "policy/base/clean.h"
#include "pam_module/datagram.h"
#include "policy/record/spool.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <security/pam_ext.h>

#define LOG_PATH_SIZE 128
#define PREFIX_ROOM 100 /* "pam_breakglass(SERVICE:session): " */
#define MESSAGE_MAX 500 /* applications may hold PAM_MAX_MSG_SIZE, 512 */

void gate_tell(const struct gate *g, bool error, const char *format, ...)
{
    struct bg_sentence sentence;
    char clean[MESSAGE_MAX];
    va_list ap;

    if (g->silent)
        return;
    va_start(ap, format);
    bg_vsay(&sentence, format, ap);
    va_end(ap);
    (void)bg_clean(clean, sizeof clean, sentence.text);
    (void)pam_prompt(g->pamh, error ? PAM_ERROR_MSG : PAM_TEXT_INFO, NULL, "%s", clean);
}

void gate_log(const struct gate *g, int priority, const char *format, ...)
{
    char path[LOG_PATH_SIZE], text[DATAGRAM_TEXT_SIZE], line[DATAGRAM_TEXT_SIZE + PREFIX_ROOM];
    va_list ap;

    va_start(ap, format);
    (void)vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    (void)snprintf(line, sizeof line, "pam_breakglass(%s:session): %s", g->service, text);
    gate_root_log(&g->root, path, sizeof path);
    datagram_send(path, priority, g->service, line);
}

/* What every event of this call has. */
static void fill(const struct gate *g, struct bg_event *event)
{
    event->time = g->now;
    event->field[BG_FIELD_ACCOUNT] = g->account;
    event->field[BG_FIELD_SERVICE] = g->service;
    if (*g->host)
        event->field[BG_FIELD_HOST] = g->host;
    if (*g->rhost)
        event->field[BG_FIELD_RHOST] = g->rhost;
}

static int check_spooled(const struct gate *g, const struct bg_event *event, int r)
{
    if (r < 0)
        gate_log(g, LOG_CRIT, "no spool took the event %s: %s", bg_event_name(event->id),
                 strerrordesc_np(-r));
    return r;
}

int gate_event(const struct gate *g, struct bg_event *event)
{
    fill(g, event);
    return check_spooled(g, event, bg_spool_write(&g->root, event));
}

int gate_two_events(const struct gate *g, struct bg_event *first, struct bg_event *second)
{
    fill(g, first);
    fill(g, second);
    return check_spooled(g, first, bg_spool_write_two(&g->root, first, second));
}

static void forget(pam_handle_t *pamh, void *data, int status)
{
    (void)pamh;
    (void)status;
    free(data);
}

int gate_limit(const struct gate *g, int64_t seconds)
{
    char *text;

    if (asprintf(&text, "%lld", (long long)(seconds > 1 ? seconds : 1)) < 0)
        return -ENOMEM;
    /* pam_systemd reads this below us. What it cannot parse it ignores, so it is always a plain number. */
    if (pam_set_data(g->pamh, "systemd.runtime_max_sec", text, forget) != PAM_SUCCESS) {
        free(text);
        return -ENOMEM;
    }
    return 0;
}
