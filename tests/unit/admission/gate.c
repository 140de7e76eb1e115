/* SPDX-License-Identifier: ISC */
/* What the module says to sshd, to the person, to the session's time limit and to the journal. */
#include "policy/base/cleanup.h"
#include "policy/base/timestamp.h"
#include "policy/record/spool.h"
#include "tests/unit/admission/answers.h"

#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TESTING BUILDDIR "/unit/pam_module/.libs/pam_breakglass_testing.so"
#define RELAY BUILDDIR "/unit/pam_module/.libs/pam_relay.so"
#define SHOWN_MAX 400 /* bytes of a sentence that a message certainly shows */

/* What it leaves behind, each said in its own way. */
struct left {
    int code;
    char said[4096];
    int64_t limit, variable, record; /* ends; TOLD_NOT: none */
};

static int hear(int n, const struct pam_message **messages, struct pam_response **responses, void *data)
{
    struct left *left = data;

    *responses = calloc((size_t)n, sizeof **responses);
    for (int i = 0; i < n; i++) {
        size_t used = strlen(left->said);
        (void)snprintf(left->said + used, sizeof left->said - used, "%s\n", messages[i]->msg);
    }
    return *responses ? PAM_SUCCESS : PAM_CONV_ERR;
}

static pam_handle_t *begin(const struct asked *asked, struct left *left)
{
    const struct pam_conv conv = {hear, left};
    bg_free_ char *line = NULL, *key = gate_key_text(asked->person), *info = NULL;
    pam_handle_t *pamh = NULL;

    CHECK(asprintf(&line, "session required " RELAY " " TESTING " accounts=%s\n", asked->account) >= 0 &&
              asprintf(&info, "SSH_AUTH_INFO_0=publickey %s", key) >= 0,
          "out of memory");
    CHECK(scratch_write(asked->host, "etc/pam.d/sshd", line) == 0, "cannot write PAM's file");
    (void)setenv("BREAKGLASS_TEST_ROOT", asked->host->path, 1);
    CHECK(pam_start_confdir("sshd", asked->account, &conv, scratch_path(asked->host, "etc/pam.d"), &pamh) ==
                  PAM_SUCCESS &&
              pam_putenv(pamh, info) == PAM_SUCCESS,
          "PAM does not start");
    return pamh;
}

static int64_t end_of_record(const struct scratch *host)
{
    struct bg_list names bg_cleanup_(bg_list_free) = {0};
    struct bg_session session;

    CHECK(bg_session_names(&host->root, &names) >= 0, "no list of sessions");
    return names.n == 1 && bg_session_read(&host->root, names.v[0], &session) >= 0 ? session.ends : TOLD_NOT;
}

static void let_in(const struct asked *asked, struct left *left)
{
    pam_handle_t *pamh = begin(asked, left);

    CHECK(pam_open_session(pamh, 0) == PAM_SUCCESS, "the relay fails");
    const char *code = pam_getenv(pamh, "RELAY_CODE"), *limit = pam_getenv(pamh, "RELAY_LIMIT"),
               *expires = pam_getenv(pamh, "BREAKGLASS_EXPIRES");
    left->code = code ? atoi(code) : -1;
    left->limit = limit ? asked->now + atoll(limit) : TOLD_NOT;
    if (!expires || bg_time_parse(&left->variable, expires) < 0)
        left->variable = TOLD_NOT;
    left->record = end_of_record(asked->host);
    CHECK(pam_close_session(pamh, 0) == PAM_SUCCESS && pam_end(pamh, PAM_SUCCESS) == PAM_SUCCESS,
          "PAM does not end");
}

/* Takes grant, end and sentence from the event that says whether the person came in; false where it says
 * something else. */
static bool take_fields(struct told *told, const struct bg_event *e)
{
    const char *grant = e->field[BG_FIELD_GRANT], *expires = e->field[BG_FIELD_EXPIRES],
               *why = e->field[BG_FIELD_WHY];

    return (e->id == BG_EVENT_GRANT_USED) == told->open && (!grant || bg_id_parse(told->id, grant) >= 0) &&
           (!expires || bg_time_parse(&told->ends, expires) == 0) &&
           snprintf(told->sentence, sizeof told->sentence, "%s", why ? why : "") >= 0;
}

/* There is one such event of this call: those of an earlier one are dropped. */
static bool take_event(struct told *told, const struct scratch *host)
{
    struct bg_list names bg_cleanup_(bg_list_free) = {0};
    unsigned found = 0;

    CHECK(bg_spool_names(&host->root, 1000, &names) >= 0, "no list of events");
    for (size_t i = 0; i < names.n; i++) {
        bg_free_ char *text = NULL;
        struct bg_event e;

        CHECK(bg_spool_read(&host->root, names.v[i], &text) >= 0 && bg_event_parse(&e, text) == 0,
              "an event that cannot be read");
        if (e.id != BG_EVENT_GRANT_USED && e.id != BG_EVENT_GRANT_REFUSED)
            continue;
        found += take_fields(told, &e) ? 1 : 2;
        CHECK(bg_spool_drop(&host->root, names.v[i]) == 0, "an event that stays");
    }
    return found == 1;
}

static void check_open(const struct told *told, struct case_file *c, const struct left *left)
{
    char id[BG_ID_SHOWN_SIZE];

    if (left->limit != told->ends || left->variable != told->ends || left->record != told->ends)
        CASE_FAIL(c,
                  "the gate's event ends at %lld, its limit at %lld, its variable says %lld, its record %lld",
                  (long long)told->ends, (long long)left->limit, (long long)left->variable,
                  (long long)left->record);
    bg_id_show(id, told->id);
    if (!strstr(left->said, id))
        CASE_FAIL(c, "the gate does not greet with %s: %s", id, left->said);
}

static void check_refusal(const struct told *told, struct case_file *c, const struct left *left)
{
    char shown[SHOWN_MAX + 1];

    (void)snprintf(shown, sizeof shown, "%.*s", SHOWN_MAX, told->sentence);
    if (left->limit != TOLD_NOT || left->variable != TOLD_NOT || left->record != TOLD_NOT)
        CASE_FAIL(c, "the gate refuses, and leaves a session behind");
    if (!strstr(left->said, "access denied: ") || (*told->id && !strstr(left->said, shown)))
        CASE_FAIL(c, "the gate refuses because \"%s\", and says: %s", told->sentence, left->said);
}

void told_by_gate(struct told *told, struct case_file *c, const struct asked *asked)
{
    struct left left = {0};

    *told = (struct told){0};
    let_in(asked, &left);
    told->open = left.code == PAM_SUCCESS;
    if (!told->open && left.code != PAM_PERM_DENIED)
        CASE_FAIL(c, "the gate answers with code %d", left.code);
    if (!take_event(told, asked->host))
        CASE_FAIL(c, "the gate leaves no event that says what it did");
    if (told->open)
        check_open(told, c, &left);
    else
        check_refusal(told, c, &left);
}
