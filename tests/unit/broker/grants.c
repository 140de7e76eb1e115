/* SPDX-License-Identifier: ISC */
/* What time does to grants: marks, events and the archive, each once; and what a killed broker had not told.
 */
#include "broker/grants/intake_log.h"
#include "broker/grants/usage.h"
#include "tests/kit/house.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/wait.h>

#include <cmocka.h>

#define HOUR 3600

static struct house h;

static int setup(void **state)
{
    (void)state;
    house_build(&h);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    house_drop(&h);
    return 0;
}

/* bob's request of so long ago, approved one and two seconds later; gives its ID. */
static const char *grant(int64_t ago, int64_t duration)
{
    static char ids[4][BG_ID_SIZE];
    static unsigned turn;
    char *id = ids[turn++ % 4];
    struct bg_signed *request = stage_ask(&h.st, "root", h.st.now - ago, duration);

    stage_approve(&h.st, request, "alice", h.st.now - ago + 1);
    stage_approve(&h.st, request, "dave", h.st.now - ago + 2);
    bg_id_from_digest(id, request->st.digest);
    bg_signed_free(request);
    return id;
}

static bool stands(const char *folder, const char *id, const char *name)
{
    char path[160];

    (void)snprintf(path, sizeof path, "%s/%s/bob/%s/%s", BG_VAR, folder, id, name);
    return access(scratch_path(&h.st.s, path), F_OK) == 0;
}

/* Each mark that the broker leaves is in both places: either alone shuts the grant. */
static void assert_marked(const char *id, const char *mark)
{
    char path[160];

    assert_true(stands("grants", id, mark));
    (void)snprintf(path, sizeof path, BG_RUN "/store/grants/bob/%s/%s", id, mark);
    assert_int_equal(access(scratch_path(&h.st.s, path), F_OK), 0);
}

static void expires(void **state)
{
    const char *id = grant(HOUR, 600);
    char why[BG_FIELD_MAX] = "";

    (void)state;
    house_start(&h);
    lifecycle_all(h.b.lifecycle);
    assert_marked(id, "expired");
    assert_int_equal(house_heard(&h, BG_EVENT_GRANT_EXPIRED, id, why), 1);
    assert_string_equal(why, "never used");
    lifecycle_all(h.b.lifecycle);
    house_stop(&h);
    house_start(&h);
    lifecycle_all(h.b.lifecycle);
    assert_int_equal(house_heard(&h, BG_EVENT_GRANT_EXPIRED, id, NULL), 1);
    assert_false(stands("archive", id, "expired")); /* for an hour after its end */
}

static void a_used_one_says_how_often(void **state)
{
    const char *id = grant(HOUR, 600);
    struct bg_event used = {.id = BG_EVENT_GRANT_USED};
    char why[BG_FIELD_MAX] = "";

    (void)state;
    house_start(&h);
    used.field[BG_FIELD_PERSON] = "bob";
    used.field[BG_FIELD_GRANT] = id;
    lifecycle_logged(h.b.lifecycle, &used);
    lifecycle_logged(h.b.lifecycle, &used);
    used.id = BG_EVENT_GRANT_REFUSED;
    lifecycle_logged(h.b.lifecycle, &used);
    lifecycle_all(h.b.lifecycle);
    assert_int_equal(house_heard(&h, BG_EVENT_GRANT_EXPIRED, id, why), 1);
    assert_string_equal(why, "used, 2 logins");
}

static void lapses(void **state)
{
    struct bg_signed *young = stage_ask(&h.st, "root", h.st.now - 23 * HOUR, 600);
    struct bg_signed *old = stage_ask(&h.st, "root", h.st.now - 25 * HOUR, 600);
    char young_id[BG_ID_SIZE], old_id[BG_ID_SIZE];

    (void)state;
    bg_id_from_digest(young_id, young->st.digest);
    bg_id_from_digest(old_id, old->st.digest);
    house_start(&h);
    lifecycle_all(h.b.lifecycle);
    lifecycle_all(h.b.lifecycle);
    assert_int_equal(house_heard(&h, BG_EVENT_REQUEST_LAPSED, NULL, NULL), 1);
    assert_int_equal(house_heard(&h, BG_EVENT_REQUEST_LAPSED, old_id, NULL), 1);
    assert_true(stands("grants", young_id, "."));
    assert_true(stands("archive", old_id, ".")); /* it lapsed an hour ago */
    bg_signed_free(young);
    bg_signed_free(old);
}

/* A broker killed between a close and its mark leaves the mark to the next. */
static void marks_what_was_closed(void **state)
{
    struct bg_signed *request = stage_ask(&h.st, "root", h.st.now - 60, 600);
    char id[BG_ID_SIZE];

    (void)state;
    bg_id_from_digest(id, request->st.digest);
    stage_say_close(&h.st, request, "alice", h.st.now - 30);
    house_start(&h);
    lifecycle_all(h.b.lifecycle);
    assert_marked(id, "closed");
    bg_signed_free(request);
}

/* An hour after its end one that nobody used goes; one that was used waits for its review, which is due after
 * 72 h. */
static void waits_for_a_review(void **state)
{
    const char *used = grant(5 * HOUR, 600), *unused = grant(4 * HOUR, 600);
    const char *late = grant(75 * HOUR, 600);
    const struct usage once = {.logins = 1};

    (void)state;
    house_start(&h);
    assert_int_equal(usage_save(&h.st.s.root, "bob", used, &once), 0);
    assert_int_equal(usage_save(&h.st.s.root, "bob", late, &once), 0);
    lifecycle_all(h.b.lifecycle);
    lifecycle_all(h.b.lifecycle);
    assert_true(stands("grants", used, "."));
    assert_true(stands("grants", late, "."));
    assert_true(stands("archive", unused, "."));
    assert_int_equal(house_heard(&h, BG_EVENT_REVIEW_OVERDUE, used, NULL), 0);
    assert_int_equal(house_heard(&h, BG_EVENT_REVIEW_OVERDUE, late, NULL), 1);
}

/* A session stays with another grant: what it came in by is not archived under it. */
static void waits_for_its_sessions(void **state)
{
    const char *old = grant(4 * HOUR, 600);
    struct bg_session session = {
        .kind = BG_SESSION_GRANT, .audit = UINT32_MAX, .opened = h.st.now - 4 * HOUR};
    pid_t pid = fork();

    (void)state;
    if (pid == 0) {
        (void)alarm(60);
        (void)pause();
        _exit(0);
    }
    (void)grant(60, 600);
    session.pid = pid;
    session.ends = h.st.now + 500;
    (void)snprintf(session.person, sizeof session.person, "bob");
    (void)snprintf(session.account, sizeof session.account, "root");
    (void)snprintf(session.grant, sizeof session.grant, "%s", old);
    assert_int_equal(bg_process_start(pid, &session.starttime), 0);
    assert_int_equal(bg_session_write(&h.st.s.root, &session), 0);
    house_start(&h);
    sessions_scan(h.b.sessions);
    lifecycle_all(h.b.lifecycle);
    assert_true(stands("grants", old, "."));
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    for (unsigned i = 0; i < 10; i++)
        assert_true(sd_event_run(h.b.event, 20000) >= 0);
    lifecycle_all(h.b.lifecycle);
    assert_true(stands("archive", old, "."));
}

static void review(const struct bg_signed *request, const char *by, bool flagged)
{
    struct bg_signed *s = calloc(1, sizeof *s);

    assert_non_null(s);
    s->st =
        (struct bg_statement){.kind = BG_REVIEW, .time = h.st.now - 60, .by = strdup(by), .flagged = flagged};
    memcpy(s->st.request, request->st.digest, BG_DIGEST_BYTES);
    stage_sign(s);
    stage_put(&h.st, request, s);
    bg_signed_free(s);
}

static const char *reviewed(const struct bg_signed *request)
{
    struct bg_grant found bg_cleanup_(bg_grant_free) = {0};
    struct bg_answer answer bg_cleanup_(bg_answer_free) = {0};
    struct bg_question question = bg_site_question(&h.b.site, h.st.now);
    const char *verdict = NULL;
    char id[BG_ID_SIZE];

    bg_id_from_digest(id, request->st.digest);
    assert_int_equal(bg_store_load(&h.b.site.store, "bob", id, &found), 0);
    assert_int_equal(bg_decide(&answer, &h.b.site.policy, &h.b.site.signers, &found, &question), 0);
    int64_t due = lifecycle_review(&h.b, &found, &answer, h.st.now, &verdict);

    assert_int_equal(due != 0, *verdict == '\0');
    return verdict;
}

/* Reviewers alone review, with a key that counts; and one flag outweighs any ok. */
static void a_flag_outweighs(void **state)
{
    struct bg_signed *request = stage_ask(&h.st, "root", h.st.now - 2 * HOUR, 600);
    const struct usage once = {.logins = 1};
    char id[BG_ID_SIZE];

    (void)state;
    bg_id_from_digest(id, request->st.digest);
    stage_approve(&h.st, request, "alice", h.st.now - 2 * HOUR + 1);
    stage_approve(&h.st, request, "dave", h.st.now - 2 * HOUR + 2);
    house_start(&h);
    assert_int_equal(usage_save(&h.st.s.root, "bob", id, &once), 0);
    assert_string_equal(reviewed(request), "");
    review(request, "bob", false);
    review(request, "nobody", false);
    assert_string_equal(reviewed(request), "");
    review(request, "frank", true);
    assert_string_equal(reviewed(request), "flag");
    review(request, "frank", false);
    assert_string_equal(reviewed(request), "flag");
    bg_signed_free(request);
}

/* Requests that ended make room for a new one, the oldest first; those that still wait are left. */
static void ended_requests_make_room(void **state)
{
    struct stage elsewhere;
    struct bg_signed *waiting = stage_ask(&h.st, "root", h.st.now - 3 * HOUR, 600), *fresh;
    char id[BG_ID_SIZE], oldest[BG_ID_SIZE] = "", newest[BG_ID_SIZE] = "";
    struct bg_outcome outcome;

    (void)state;
    for (int i = 0; i < BG_LIVE_MAX + BG_LIVE_MAX / 2; i++) {
        struct bg_signed *ended = stage_ask(&h.st, "root", h.st.now - 2 * HOUR + i, 600);

        bg_id_from_digest(newest, ended->st.digest);
        if (i == 0)
            memcpy(oldest, newest, sizeof oldest);
        assert_int_equal(bg_store_mark_closed(&h.st.store, "bob", newest), 0);
        bg_signed_free(ended);
    }
    house_start(&h);
    stage_open(&elsewhere);
    elsewhere.nonce = 1000;
    fresh = stage_ask(&elsewhere, "root", h.st.now, 600);
    struct bg_intake in = broker_intake(&h.b);

    assert_int_equal(
        bg_intake_one(&in, fresh->st.text, fresh->st.text_len, fresh->blob, fresh->blob_len, &outcome), 0);
    assert_int_equal(outcome.taken, BG_TAKEN_NEW);
    bg_id_from_digest(id, waiting->st.digest);
    assert_true(stands("grants", id, "."));
    assert_true(stands("grants", outcome.id, "."));
    assert_true(stands("grants", newest, "."));
    assert_true(stands("archive", oldest, "."));
    stage_close(&elsewhere);
    bg_signed_free(fresh);
    bg_signed_free(waiting);
}

/* Told when it is judged a second time: the first look of a broker that starts tells nothing anew. */
static void tells_that_it_expires_soon(void **state)
{
    const char *soon = grant(480, 600), *later = grant(60, 600);

    (void)state;
    house_start(&h);
    for (unsigned i = 0; i < 3; i++)
        lifecycle_all(h.b.lifecycle);
    assert_int_equal(house_heard(&h, BG_EVENT_GRANT_EXPIRING, soon, NULL), 0);
    house_stop(&h);
    house_start(&h);
    lifecycle_all(h.b.lifecycle);
    assert_int_equal(house_heard(&h, BG_EVENT_GRANT_EXPIRING, later, NULL), 0);
    assert_int_equal(house_heard(&h, BG_EVENT_GRANT_EXPIRED, NULL, NULL), 0);
    assert_false(stands("grants", soon, "expired"));
}

/* A maximum that was lowered ends it, and may be mended: nothing is told, marked or archived. */
static void what_may_be_mended_is_not_over(void **state)
{
    const char *id = grant(4 * HOUR, 5 * HOUR);

    (void)state;
    stage_write(&h.st, "etc/breakglass/policy.conf",
                "[Role prod-db-admin]\nRequesters=bob\nApprove=1 of alice\nApprove=1 of dave\nHosts=db*\n"
                "Accounts=root postgres\nMaxDuration=1h\n");
    house_start(&h);
    lifecycle_all(h.b.lifecycle);
    assert_true(stands("grants", id, "."));
    assert_false(stands("grants", id, "expired"));
    assert_int_equal(house_heard(&h, BG_EVENT_GRANT_EXPIRED, id, NULL), 0);
}

/* A lock keeps people out; the minutes go on, and one that opened meanwhile is not noted. */
static void minutes_go_on_while_locked(void **state)
{
    const char *id = grant(60, 61), *later = grant(60, 600);

    (void)state;
    stage_write(&h.st, "etc/breakglass/locked", "");
    house_start(&h);
    lifecycle_all(h.b.lifecycle);
    assert_false(stands("grants", id, "opened") || stands("grants", later, "opened"));
    for (unsigned i = 0; i < 60 && !stands("grants", id, "expired"); i++)
        assert_true(sd_event_run(h.b.event, 100000) >= 0);
    assert_marked(id, "expired");
    assert_false(stands("grants", later, "expired"));
}

/* A mark that was there and is gone, or says nothing, is written anew, and it is told. */
static void tells_of_a_mark_that_was_lost(void **state)
{
    const char *id = grant(60, 600);
    char path[160], why[BG_FIELD_MAX] = "";

    (void)state;
    (void)snprintf(path, sizeof path, BG_VAR "/grants/bob/%s/opened", id);
    house_start(&h);
    lifecycle_all(h.b.lifecycle);
    lifecycle_all(h.b.lifecycle);
    assert_true(stands("grants", id, "opened"));
    assert_int_equal(house_heard(&h, BG_EVENT_HOST_CLOCK, id, NULL), 0);
    assert_int_equal(unlink(scratch_path(&h.st.s, path)), 0);
    lifecycle_all(h.b.lifecycle);
    assert_true(stands("grants", id, "opened"));
    assert_int_equal(house_heard(&h, BG_EVENT_HOST_CLOCK, id, why), 1);
    assert_string_equal(why, BG_NOTED_AGAIN_WHY);
    house_stop(&h);
    stage_write(&h.st, path, "rubbish");
    house_start(&h);
    lifecycle_all(h.b.lifecycle);
    assert_int_equal(house_heard(&h, BG_EVENT_HOST_CLOCK, id, NULL), 2);
}

/* The last approval is dated ahead: the minutes count from now, and their end is noticed when it comes. */
static void notices_the_end_of_one_dated_ahead(void **state)
{
    struct bg_signed *request = stage_ask(&h.st, "root", h.st.now - 5, 2);
    char id[BG_ID_SIZE];

    (void)state;
    stage_approve(&h.st, request, "alice", h.st.now);
    stage_approve(&h.st, request, "dave", h.st.now + 840);
    bg_id_from_digest(id, request->st.digest);
    bg_signed_free(request);
    house_start(&h);
    lifecycle_all(h.b.lifecycle);
    assert_true(stands("grants", id, "opened"));
    for (unsigned i = 0; i < 50 && !stands("grants", id, "expired"); i++)
        assert_true(sd_event_run(h.b.event, 100000) >= 0);
    assert_marked(id, "expired");
    assert_int_equal(house_heard(&h, BG_EVENT_GRANT_EXPIRED, id, NULL), 1);
}

/* What was stored and not told when the broker was killed is told by the next; what was told, is not again.
 */
static void recovers_what_was_not_told(void **state)
{
    struct bg_signed *request = stage_ask(&h.st, "root", h.st.now - 60, 600);

    (void)state;
    house_start(&h);
    intake_log_begin(&h.b, request->st.text, request->st.text_len);
    intake_log_recover(&h.b);
    assert_int_equal(house_heard(&h, BG_EVENT_REQUEST_CREATED, NULL, NULL), 1);
    intake_log_recover(&h.b); /* it forgot */
    assert_int_equal(house_heard(&h, BG_EVENT_REQUEST_CREATED, NULL, NULL), 1);
    intake_log_begin(&h.b, request->st.text, request->st.text_len);
    intake_log_recover(&h.b); /* it is in the spool */
    assert_int_equal(house_heard(&h, BG_EVENT_REQUEST_CREATED, NULL, NULL), 1);
    intake_log_begin(&h.b, request->st.text, request->st.text_len);
    intake_log_end(&h.b);
    bg_signed_free(request);
}

static void recovers_the_approval_that_opened(void **state)
{
    struct bg_signed *request = stage_ask(&h.st, "root", h.st.now - 60, 600), *last = calloc(1, sizeof *last);

    (void)state;
    assert_non_null(last);
    stage_approve(&h.st, request, "alice", h.st.now - 50);
    assert_int_equal(bg_statement_approve(&last->st, &request->st), 0);
    last->st.by = strdup("dave");
    last->st.time = h.st.now - 40;
    stage_sign(last);
    stage_put(&h.st, request, last);
    house_start(&h);
    intake_log_begin(&h.b, last->st.text, last->st.text_len);
    intake_log_recover(&h.b);
    assert_int_equal(house_heard(&h, BG_EVENT_GRANT_APPROVED, NULL, NULL), 1);
    assert_int_equal(house_heard(&h, BG_EVENT_GRANT_OPEN, NULL, NULL), 1);
    bg_signed_free(request);
    bg_signed_free(last);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(expires),
        T(a_used_one_says_how_often),
        T(lapses),
        T(marks_what_was_closed),
        T(waits_for_a_review),
        T(waits_for_its_sessions),
        T(a_flag_outweighs),
        T(ended_requests_make_room),
        T(tells_that_it_expires_soon),
        T(what_may_be_mended_is_not_over),
        T(minutes_go_on_while_locked),
        T(tells_of_a_mark_that_was_lost),
        T(notices_the_end_of_one_dated_ahead),
        T(recovers_what_was_not_told),
        T(recovers_the_approval_that_opened),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
