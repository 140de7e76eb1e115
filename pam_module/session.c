/* The session phase: open_session is the gate. It knows the key, verifies, decides, and leaves the record. */
#include "gate.h"

#include "choose.h"
#include "clean.h"
#include "hostkey.h"
#include "spool.h"
#include "when.h"
#include "who.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

/* Sparse, as everything that means yes. */
enum verdict {
    NO = 0,
    YES = 0x3a6c,
};

/* What one call knows of the one who comes in. */
struct entry {
    struct bg_host host;
    struct bg_policy policy;
    struct bg_signers signers;
    struct gate_who who;
    struct gate_choice choice;
    enum bg_session_kind kind;
    struct bg_error why; /* the refusal */
    bool may_ask;        /* asking for a grant is what helps */
};

static enum verdict no(struct entry *e, const char *sentence)
{
    (void)bg_fail(&e->why, -EPERM, "%s", sentence);
    return NO;
}

static enum verdict judge_person(const struct gate *g, struct entry *e)
{
    const struct bg_store store = {.root = g->root};
    const struct bg_question question = {
        .host = e->host.name,
        .host_key = e->host.has_key ? &e->host.key : NULL,
        .person = e->who.name,
        .account = g->account,
        .locked = false, /* asked before */
        .now = g->now,
    };
    int r = gate_choose(&e->choice, &store, &e->policy, &e->signers, &question);

    e->kind = BG_SESSION_GRANT;
    if (r < 0) {
        (void)bg_fail(&e->why, r, "the grants of %s cannot be read: %s", e->who.name, strerrordesc_np(-r));
        return NO;
    }
    if (gate_choice_opens(&e->choice, g->now))
        return YES;
    if (!e->choice.grant && e->policy.broken)
        return no(
            e, "the policy of this host is broken, so nothing opens; as root there: breakglass policy check");
    if (!e->choice.grant) {
        e->may_ask = true;
        (void)bg_fail(&e->why, -EPERM, "%s has no grant that opens %s on %s", e->who.name, g->account,
                      e->host.name);
        return NO;
    }
    const struct bg_answer *answer = &e->choice.answer;
    e->may_ask = answer->state != BG_STATE_PENDING && answer->state != BG_STATE_EARLY &&
                 answer->why != BG_WHY_POLICY_BROKEN && answer->why != BG_WHY_LOCKED;
    return no(e, answer->sentence.text);
}

/* Everything is loaded here, so that all of a refusal's events can say who it was. */
static enum verdict judge(struct gate *g, struct entry *e)
{
    struct bg_error err;
    int no_host = bg_host_load(&e->host, &g->root, &err);

    if (no_host >= 0)
        g->host = e->host.name;
    e->signers.no_digest = true;
    if (bg_policy_load(&e->policy, &g->root) < 0 || bg_signers_load(&e->signers, &g->root) < 0)
        return no(e, "no memory");
    if (sodium_init() < 0)
        return no(e, "libsodium does not start");
    gate_who_find(&e->who, pam_getenv(g->pamh, "SSH_AUTH_INFO_0"), &e->signers, g->now);
    if (e->who.kind == GATE_NOBODY)
        return no(e, e->who.why.text);
    if (gate_is_door(g)) {
        e->kind = BG_SESSION_DOOR;
        return e->who.kind == GATE_PERSON
                   ? YES
                   : no(e, "the front door is for people; a machine has nothing to ask");
    }
    if (no_host < 0)
        return no(e, err.text);
    if (gate_is_locked(g))
        return no(e, "this host is locked: nothing opens on it until \"breakglass unlock\"");
    if (e->who.kind == GATE_PERSON)
        return judge_person(g, e);
    e->kind = BG_SESSION_AUTOMATION;
    if (!e->policy.broken && bg_policy_automation(&e->policy, e->who.name, e->host.name, g->account))
        return YES;
    (void)bg_fail(&e->why, -EPERM, "no [Automation %s] section of the policy opens %s on %s", e->who.name,
                  g->account, e->host.name);
    return NO;
}

/* The name of the session's record: the process that called, which sshd keeps until the end. */
static int name_session(struct bg_session *session, char *name, size_t size)
{
    session->pid = getpid();
    int r = bg_process_start(session->pid, &session->starttime);
    if (r < 0)
        return r;
    if (bg_process_audit(session->pid, &session->audit) < 0)
        session->audit = UINT32_MAX;
    (void)snprintf(name, size, "%d.%" PRIu64, (int)session->pid, session->starttime);
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
    if (e->choice.answer.ends > 0) {
        bg_time_format(expires, e->choice.answer.ends);
        event->field[BG_FIELD_EXPIRES] = expires;
    }
}

static int refuse(const struct gate *g, const struct entry *e)
{
    bool observed = g->line.observe && !gate_is_door(g);
    struct bg_event event = {.id = BG_EVENT_GRANT_REFUSED};
    char expires[BG_TIME_SIZE];
    struct bg_error why;

    (void)bg_fail(&why, -EPERM, "%s%s", observed ? "observed only, let in: " : "", e->why.text);
    describe(e, &event, expires);
    event.field[BG_FIELD_WHY] = why.text;
    (void)gate_event(g, &event);
    gate_log(g, LOG_NOTICE, "refused %s as %s from %s: %s", *e->who.name ? e->who.name : "nobody known",
             g->account, g->rhost, why.text);
    if (observed)
        return PAM_IGNORE;
    gate_tell(g, true, "breakglass: %s", e->why.text);
    if (e->may_ask)
        gate_tell(g, true, "ask: ssh -t breakglass@%s, or: breakglass request ROLE --host %s", e->host.name,
                  e->host.name);
    /* sshd runs no command now, but a connection without one (ssh -N) would stay. */
    (void)gate_limit(g, 2);
    return PAM_PERM_DENIED;
}

/* grant.used or automation.used, then session.opened. 0 when a spool took both. */
static int record_events(const struct gate *g, const struct entry *e, const char *session)
{
    struct bg_event event = {.id = BG_EVENT_GRANT_USED};
    char expires[BG_TIME_SIZE];
    int r = 0;

    describe(e, &event, expires);
    event.field[BG_FIELD_SESSION] = session;
    if (e->kind == BG_SESSION_AUTOMATION)
        event.id = BG_EVENT_AUTOMATION_USED;
    else
        event.alert = e->kind == BG_SESSION_GRANT && e->choice.answer.solo;
    if (e->kind != BG_SESSION_DOOR)
        r = gate_event(g, &event);
    event.alert = false;
    event.id = BG_EVENT_SESSION_OPENED;
    int opened = gate_event(g, &event);
    return r < 0 ? r : opened;
}

static void record_session(const struct gate *g, const struct entry *e, struct bg_session *session)
{
    session->kind = e->kind;
    session->opened = g->now;
    (void)snprintf(session->person, sizeof session->person, "%s", e->who.name);
    (void)snprintf(session->account, sizeof session->account, "%s", g->account);
    (void)snprintf(session->service, sizeof session->service, "%s", g->service);
    (void)snprintf(session->key, sizeof session->key, "%s", e->who.fingerprint);
    (void)snprintf(session->rhost, sizeof session->rhost, "%s", g->rhost);
    if (e->kind == BG_SESSION_GRANT) {
        session->ends = e->choice.answer.ends;
        (void)snprintf(session->grant, sizeof session->grant, "%s", e->choice.grant->id);
        (void)snprintf(session->role, sizeof session->role, "%s", e->choice.grant->request->st.terms.role);
    }
    int r = bg_session_write(&g->root, session);
    if (r < 0)
        gate_log(g, LOG_CRIT, "no record of this session could be written (%s): only its time ends it",
                 strerrordesc_np(-r));
}

/* What the session is told about its grant: two variables and a banner. */
static void greet(const struct gate *g, const struct entry *e)
{
    const struct bg_answer *answer = &e->choice.answer;
    char shown[BG_ID_SHOWN_SIZE], expires[BG_TIME_SIZE], left[BG_DURATION_SIZE], variable[64];

    bg_id_show(shown, e->choice.grant->id);
    bg_time_format(expires, answer->ends);
    bg_duration_format(left, answer->ends - g->now);
    (void)snprintf(variable, sizeof variable, "BREAKGLASS_GRANT=%s", shown);
    (void)pam_putenv(g->pamh, variable);
    (void)snprintf(variable, sizeof variable, "BREAKGLASS_EXPIRES=%s", expires);
    (void)pam_putenv(g->pamh, variable);
    gate_tell(g, false, "breakglass: %s is %s on %s for %s, until %s (%s, %s)", e->who.name, g->account,
              e->host.name, left, expires, e->choice.grant->request->st.terms.role, shown);
    gate_log(g, LOG_NOTICE, "%s is in as %s from %s until %s, grant %s", e->who.name, g->account, g->rhost,
             expires, shown);
}

static int admit(const struct gate *g, struct entry *e)
{
    bool observed = g->line.observe && !gate_is_door(g);
    struct bg_session session = {0};
    char name[48];
    int r = name_session(&session, name, sizeof name);

    if (r < 0) {
        (void)bg_fail(&e->why, r, "/proc cannot be read: %s", strerrordesc_np(-r));
        return refuse(g, e);
    }
    if (record_events(g, e, name) < 0 && e->policy.audit_required) {
        (void)no(e, "the policy says Audit=required, and no spool takes the record of this login");
        return refuse(g, e);
    }
    if (observed)
        return PAM_IGNORE;
    if (e->kind == BG_SESSION_GRANT && gate_limit(g, e->choice.answer.ends - g->now) < 0) {
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

    (void)bg_fail(&e.why, -EPERM, "nothing was decided");
    enum verdict verdict = judge(g, &e);
    /* Twice, apart from each other: one wrong branch is not a way in. */
    if (verdict == YES && e.kind == BG_SESSION_GRANT && !gate_choice_opens(&e.choice, g->now))
        verdict = NO;
    if (verdict == YES && e.who.kind != GATE_NOBODY)
        code = admit(g, &e);
    else
        code = refuse(g, &e);
    g->host = "";
    gate_choice_free(&e.choice);
    bg_signers_free(&e.signers);
    bg_policy_free(&e.policy);
    return code;
}

int gate_close_session(struct gate *g)
{
    struct bg_session session = {0}, found;
    struct bg_event event = {.id = BG_EVENT_SESSION_CLOSED};
    char name[48];

    if (name_session(&session, name, sizeof name) < 0 || bg_session_read(&g->root, name, &found) < 0)
        return PAM_SUCCESS; /* refused, or the broker knows of its end already */
    event.field[BG_FIELD_PERSON] = found.person;
    event.field[BG_FIELD_GRANT] = *found.grant ? found.grant : NULL;
    event.field[BG_FIELD_ROLE] = *found.role ? found.role : NULL;
    event.field[BG_FIELD_KEY] = found.key;
    event.field[BG_FIELD_SESSION] = name;
    (void)gate_event(g, &event);
    (void)bg_session_drop(&g->root, session.pid, session.starttime);
    return PAM_SUCCESS;
}
