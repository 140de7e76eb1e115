/* SPDX-License-Identifier: ISC */
/* The session phase: open_session is the gate. It knows the key, verifies, decides, and leaves the record. */
#include "pam_module/gate.h"

#include "policy/admission/choose.h"
#include "policy/base/clean.h"
#include "policy/record/spool.h"
#include "policy/base/timestamp.h"
#include "pam_module/identity.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define RECORD "breakglass.session"

/* Sparse, as everything that means yes. */
enum verdict {
    NO = 0,
    YES = 0x3a6c,
};

/* What one call knows of the one who comes in. */
struct entry {
    struct bg_site site;
    struct identity who;
    struct bg_choice choice;
    enum bg_session_kind kind;
    struct bg_sentence why; /* the refusal */
    bool may_request;       /* a new request is what helps */
};

static enum verdict no(struct entry *e, const char *sentence)
{
    (void)bg_fail(&e->why, -EPERM, "%s", sentence);
    return NO;
}

/* The mark of when a grant opened was lost: its minutes count from now. */
static void tell_clock(const struct gate *g, const struct entry *e)
{
    struct bg_event event = {.id = BG_EVENT_HOST_CLOCK};

    event.field[BG_FIELD_PERSON] = e->who.name;
    event.field[BG_FIELD_GRANT] = e->choice.noted_again->id;
    event.field[BG_FIELD_WHY] = BG_NOTED_AGAIN_WHY;
    (void)gate_event(g, &event);
}

static enum verdict judge_person(const struct gate *g, struct entry *e)
{
    struct bg_question question = bg_site_question(&e->site, g->now);
    const struct bg_answer *answer = &e->choice.answer;

    e->kind = BG_SESSION_GRANT;
    question.person = e->who.name;
    question.account = g->account;
    int r = bg_choose(&e->choice, &e->site, &question);
    if (r >= 0 && e->choice.noted_again)
        tell_clock(g, e);
    if (r >= 0 && bg_choice_opens(&e->choice, g->now))
        return YES;
    e->may_request = r >= 0 && answer->state != BG_STATE_PENDING && answer->state != BG_STATE_EARLY &&
                     answer->why != BG_WHY_POLICY_BROKEN && answer->why != BG_WHY_LOCKED &&
                     answer->why != BG_WHY_NO_HOST;
    return no(e, answer->sentence.text);
}

/* Everything is loaded here, so that all of a refusal's events can say who it was. */
static enum verdict judge(struct gate *g, struct entry *e)
{
    int r = bg_site_load(&e->site, &g->root, true);

    if (e->site.has_host)
        g->host = e->site.host.name;
    if (r < 0)
        return no(e, "no memory");
    if (sodium_init() < 0)
        return no(e, "libsodium does not start");
    identity_find(&e->who, pam_getenv(g->pamh, "SSH_AUTH_INFO_0"), &e->site.signers, g->now);
    if (e->who.kind == GATE_NOBODY)
        return no(e, e->who.why.text);
    if (gate_is_door(g)) {
        e->kind = BG_SESSION_DOOR;
        return e->who.kind == GATE_PERSON
                   ? YES
                   : no(e, "the front door is for people; a machine has nothing to do there");
    }
    if (e->who.kind == GATE_PERSON)
        return judge_person(g, e);
    e->kind = BG_SESSION_AUTOMATION;
    if (bg_site_opens_nothing(&e->site, &e->choice.answer))
        return no(e, e->choice.answer.sentence.text);
    if (bg_policy_automation(&e->site.policy, e->who.name, e->site.host.name, g->account))
        return YES;
    (void)bg_fail(&e->why, -EPERM, "no [Automation %s] section of the policy opens %s on %s", e->who.name,
                  g->account, e->site.host.name);
    return NO;
}

/* The name of the session's record: the process that called, which sshd keeps until the end. Its audit
 * session is not in it: pam_loginuid, which makes one, comes after us. */
static int name_session(struct bg_session *session, char name[BG_SESSION_NAME_SIZE])
{
    session->pid = getpid();
    session->audit = UINT32_MAX;
    int r = bg_process_start(session->pid, &session->starttime);
    if (r < 0)
        return r;
    bg_session_name(name, session->pid, session->starttime);
    return 0;
}

/* Fields that come from the key and the grant. The texts are the caller's: they must outlive the event. */
static void describe(const struct entry *e, struct bg_event *event, char expires[BG_TIME_SIZE])
{
    const struct bg_grant *grant = e->choice.grant;

    if (*e->who.name)
        event->field[BG_FIELD_PERSON] = e->who.name;
    if (*e->who.fingerprint)
        event->field[BG_FIELD_KEY] = e->who.fingerprint;
    if (!grant)
        return;
    event->field[BG_FIELD_GRANT] = grant->id;
    if (grant->request) {
        event->field[BG_FIELD_ROLE] = grant->request->st.terms.role;
        event->field[BG_FIELD_REASON] = grant->request->st.terms.reason;
        event->field[BG_FIELD_TICKET] = grant->request->st.ticket;
    }
    if (e->choice.answer.until > 0) {
        bg_time_format(expires, e->choice.answer.until);
        event->field[BG_FIELD_EXPIRES] = expires;
    }
}

static void tell_refused(const struct gate *g, const struct entry *e)
{
    bool is_shut = e->choice.grant && e->choice.answer.state != BG_STATE_OPEN;

    if (is_shut || e->may_request)
        gate_tell(g, true, "breakglass: access denied: %s, you have no open grant for %s on %s", e->who.name,
                  g->account, e->site.host.name);
    else
        gate_tell(g, true, "breakglass: access denied: %s", e->why.text);
    if (is_shut)
        gate_tell(g, true, "%s", e->why.text);
    if (e->may_request)
        gate_tell_roles(g, &e->site.policy, e->who.name);
}

static int refuse(const struct gate *g, const struct entry *e)
{
    bool observed = g->line.observe && !gate_is_door(g);
    struct bg_event event = {.id = BG_EVENT_GRANT_REFUSED};
    char expires[BG_TIME_SIZE];
    struct bg_sentence why;

    (void)bg_fail(&why, -EPERM, "%s%s", observed ? "observed only, let in: " : "", e->why.text);
    describe(e, &event, expires);
    event.field[BG_FIELD_WHY] = why.text;
    (void)gate_event(g, &event);
    gate_log(g, LOG_NOTICE, "refused %s as %s from %s: %s", *e->who.name ? e->who.name : "nobody known",
             g->account, g->rhost, why.text);
    if (observed)
        return PAM_IGNORE;
    tell_refused(g, e);
    gate_confine(g);
    return PAM_PERM_DENIED;
}

/* grant.used or automation.used, then session.opened. 0 when a spool took both. */
static int record_events(const struct gate *g, const struct entry *e, const char *session)
{
    struct bg_event used, opened = {.id = BG_EVENT_SESSION_OPENED};
    char expires[BG_TIME_SIZE];

    describe(e, &opened, expires);
    opened.field[BG_FIELD_SESSION] = session;
    if (e->kind == BG_SESSION_DOOR)
        return gate_event(g, &opened);
    used = opened;
    used.id = e->kind == BG_SESSION_AUTOMATION ? BG_EVENT_AUTOMATION_USED : BG_EVENT_GRANT_USED;
    used.alert = e->kind == BG_SESSION_GRANT && e->choice.answer.solo;
    return gate_two_events(g, &used, &opened);
}

/* What close_session finds again, without asking the disk. */
struct record {
    struct bg_session session;
    bool written;
};

static void forget(pam_handle_t *pamh, void *data, int status)
{
    (void)pamh;
    (void)status;
    free(data);
}

static void describe_session(const struct gate *g, const struct entry *e, struct bg_session *session)
{
    session->kind = e->kind;
    session->opened = g->now;
    (void)snprintf(session->person, sizeof session->person, "%s", e->who.name);
    (void)snprintf(session->account, sizeof session->account, "%s", g->account);
    (void)snprintf(session->service, sizeof session->service, "%s", g->service);
    (void)snprintf(session->key, sizeof session->key, "%s", e->who.fingerprint);
    (void)snprintf(session->rhost, sizeof session->rhost, "%s", g->rhost);
    if (e->kind == BG_SESSION_GRANT) {
        session->ends = e->choice.answer.until;
        (void)snprintf(session->grant, sizeof session->grant, "%s", e->choice.grant->id);
        (void)snprintf(session->role, sizeof session->role, "%s", e->choice.grant->request->st.terms.role);
    }
}

static void record_session(const struct gate *g, const struct entry *e, const struct bg_session *named)
{
    struct record *record = calloc(1, sizeof *record);
    struct record here = {.session = *named};

    describe_session(g, e, &here.session);
    int r = bg_session_write(&g->root, &here.session);
    if (r < 0)
        gate_log(g, LOG_CRIT, "no record of this session could be written (%s): only its time ends it",
                 strerrordesc_np(-r));
    here.written = r >= 0;
    if (!record)
        return; /* close_session reads the file then */
    *record = here;
    if (pam_set_data(g->pamh, RECORD, record, forget) != PAM_SUCCESS)
        free(record);
}

/* What the session is told about its grant: two variables and a banner. */
static void greet(const struct gate *g, const struct entry *e)
{
    const struct bg_answer *answer = &e->choice.answer;
    char shown[BG_ID_SHOWN_SIZE], expires[BG_TIME_SIZE], left[BG_DURATION_SIZE], variable[64];

    bg_id_show(shown, e->choice.grant->id);
    bg_time_format(expires, answer->until);
    bg_duration_format(left, answer->until - g->now);
    (void)snprintf(variable, sizeof variable, "BREAKGLASS_GRANT=%s", shown);
    (void)pam_putenv(g->pamh, variable);
    (void)snprintf(variable, sizeof variable, "BREAKGLASS_EXPIRES=%s", expires);
    (void)pam_putenv(g->pamh, variable);
    gate_tell(g, false, "breakglass: %s is %s on %s for %s, until %s (%s, %s)", e->who.name, g->account,
              e->site.host.name, left, expires, e->choice.grant->request->st.terms.role, shown);
    gate_log(g, LOG_NOTICE, "%s is in as %s from %s until %s, grant %s", e->who.name, g->account, g->rhost,
             expires, shown);
}

static int admit(const struct gate *g, struct entry *e)
{
    bool observed = g->line.observe && !gate_is_door(g);
    struct bg_session session = {0};
    char name[BG_SESSION_NAME_SIZE];
    int r = name_session(&session, name);

    if (r < 0) {
        (void)bg_fail(&e->why, r, "/proc cannot be read: %s", strerrordesc_np(-r));
        return refuse(g, e);
    }
    if (record_events(g, e, name) < 0 && e->site.policy.audit_required) {
        (void)no(e, "the policy says Audit=required, and no spool takes the record of this login");
        return refuse(g, e);
    }
    if (observed)
        return PAM_IGNORE;
    if (e->kind == BG_SESSION_GRANT && gate_limit(g, e->choice.answer.until - g->now) < 0) {
        (void)no(e, "no memory");
        return refuse(g, e);
    }
    record_session(g, e, &session);
    if (e->kind == BG_SESSION_GRANT)
        greet(g, e);
    else
        gate_log(g, LOG_INFO, "%s %s is in as %s from %s",
                 e->kind == BG_SESSION_DOOR ? "front door:" : "standing access: automation", e->who.name,
                 g->account, g->rhost);
    return PAM_SUCCESS;
}

int gate_open_session(struct gate *g)
{
    struct entry e = {.who = {.kind = GATE_NOBODY}};
    int code = PAM_PERM_DENIED;

    bg_root_pin(&g->root, BG_ETC);
    bg_root_pin(&g->root, BG_RUN);
    (void)bg_fail(&e.why, -EPERM, "nothing was decided");
    enum verdict verdict = judge(g, &e);
    /* Twice, apart from each other: one wrong branch is not a way in. */
    if (verdict == YES && e.kind == BG_SESSION_GRANT && !bg_choice_opens(&e.choice, g->now))
        verdict = NO;
    if (verdict == YES && e.who.kind != GATE_NOBODY)
        code = admit(g, &e);
    else
        code = refuse(g, &e);
    g->host = "";
    bg_choice_free(&e.choice);
    bg_site_free(&e.site);
    return code;
}

/* The session that this process opened: from the handle, else (another handle) from its file. */
static bool find_record(const struct gate *g, struct record *record)
{
    const void *data = NULL;
    char name[BG_SESSION_NAME_SIZE];

    if (pam_get_data(g->pamh, RECORD, &data) == PAM_SUCCESS && data) {
        *record = *(const struct record *)data;
        return record->session.pid == getpid();
    }
    record->written = true;
    return name_session(&record->session, name) >= 0 &&
           bg_session_read(&g->root, name, &record->session) >= 0;
}

int gate_close_session(struct gate *g)
{
    struct bg_event event = {.id = BG_EVENT_SESSION_CLOSED};
    struct record record = {.written = false};
    const struct bg_session *s = &record.session;
    char name[BG_SESSION_NAME_SIZE];

    bg_root_pin(&g->root, BG_RUN);
    if (!find_record(g, &record))
        return PAM_SUCCESS; /* it was refused, or is closed already */
    (void)pam_set_data(g->pamh, RECORD, NULL, NULL);
    /* Where the record is gone, the broker ended the session and has said so. */
    if (record.written && bg_session_drop(&g->root, s->pid, s->starttime) == -ENOENT)
        return PAM_SUCCESS;
    bg_session_name(name, s->pid, s->starttime);
    event.field[BG_FIELD_PERSON] = s->person;
    event.field[BG_FIELD_GRANT] = *s->grant ? s->grant : NULL;
    event.field[BG_FIELD_ROLE] = *s->role ? s->role : NULL;
    event.field[BG_FIELD_KEY] = s->key;
    event.field[BG_FIELD_SESSION] = name;
    (void)gate_event(g, &event);
    return PAM_SUCCESS;
}
