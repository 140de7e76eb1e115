/* SPDX-License-Identifier: ISC */
/* The store: what was written comes back, from two places as from one; nothing half; no way back from closed.
 */
#include "policy/base/cleanup.h"
#include "tests/kit/scratch.h"
#include "policy/store/store.h"
#include "tests/kit/world.h"

#include <setjmp.h>
#include <sodium.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/wait.h>

#include <cmocka.h>

#define NOON 1795435200 /* 2026-11-23T12:00:00Z */

struct world {
    struct scratch s;
    struct bg_store store;
    struct bg_signed *request, *approve, *close;
    char id[BG_ID_SIZE];
};

static struct bg_signed *sign(struct bg_signed *s)
{
    struct world_pen pen = {.key = s->st.by};
    struct bg_signed *made = world_sign(&s->st, &pen, NULL);

    assert_non_null(made);
    free(s);
    return made;
}

static struct bg_signed *make_request(const char *by, int64_t time, unsigned number)
{
    struct bg_signed *s = calloc(1, sizeof *s);
    char nonce[33];

    (void)snprintf(nonce, sizeof nonce, "%032x", number);
    s->st = (struct bg_statement){.kind = BG_REQUEST, .time = time, .by = strdup(by), .nonce = strdup(nonce)};
    s->st.terms.role = strdup("prod-db-admin");
    s->st.terms.duration = 1800;
    s->st.terms.reason = strdup("disk full");
    assert_int_equal(bg_list_split(&s->st.terms.hosts, "db1.prod"), 0);
    assert_int_equal(bg_list_split(&s->st.terms.accounts, "postgres root"), 0);
    return sign(s);
}

static struct bg_signed *make_approve(const struct bg_signed *request, const char *by, int64_t time)
{
    struct bg_signed *s = calloc(1, sizeof *s);

    assert_int_equal(bg_statement_approve(&s->st, &request->st), 0);
    s->st.by = strdup(by);
    s->st.time = time;
    return sign(s);
}

static struct bg_signed *make_close(const struct bg_signed *request, const char *by, int64_t time)
{
    struct bg_signed *s = calloc(1, sizeof *s);

    s->st =
        (struct bg_statement){.kind = BG_CLOSE, .time = time, .by = strdup(by), .reason = strdup("urgent")};
    memcpy(s->st.request, request->st.digest, BG_DIGEST_BYTES);
    return sign(s);
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    *state = w;
    if (sodium_init() < 0 || scratch_make(&w->s) < 0)
        return -1;
    w->store.root = w->s.root;
    w->request = make_request("bob", NOON, 1);
    w->approve = make_approve(w->request, "alice", NOON + 60);
    w->close = make_close(w->request, "dave", NOON + 120);
    bg_id_from_digest(w->id, w->request->st.digest);
    return scratch_folder(&w->s, "var/lib/breakglass");
}

static int teardown(void **state)
{
    struct world *w = *state;

    bg_signed_free(w->request);
    bg_signed_free(w->approve);
    bg_signed_free(w->close);
    scratch_drop(&w->s);
    free(w);
    return 0;
}

/* A path in the grant's folder; in var unless `run`. */
static const char *in_grant(const struct world *w, bool run, const char *name)
{
    static char paths[4][256];
    static unsigned turn;
    char *out = paths[turn++ % 4];

    (void)snprintf(out, 256, "%s/grants/bob/%s/%s", run ? "run/breakglass/store" : "var/lib/breakglass",
                   w->id, name);
    return out;
}

static char *file_of(const struct bg_signed *s, const char *end)
{
    static char names[4][96];
    static unsigned turn;
    char hex[BG_DIGEST_HEX], *out = names[turn++ % 4];

    bg_hex(hex, s->st.digest);
    (void)snprintf(out, 96, "%s.%s%s", bg_kind_name(s->st.kind), hex, end);
    return out;
}

static bool there(const struct world *w, const char *relative)
{
    return access(scratch_path(&w->s, relative), F_OK) == 0;
}

/* /var stands in the way of every writer, as when it is not mounted. */
static void lose_var(const struct world *w)
{
    assert_int_equal(rename(scratch_path(&w->s, "var/lib/breakglass"), scratch_path(&w->s, "var/lib/away")),
                     0);
}

static void find_var(const struct world *w)
{
    assert_int_equal(rename(scratch_path(&w->s, "var/lib/away"), scratch_path(&w->s, "var/lib/breakglass")),
                     0);
}

/* Neither /var nor /run takes anything. */
static void lose_both(const struct world *w)
{
    lose_var(w);
    assert_int_equal(scratch_write(&w->s, "run", ""), 0);
}

static void put_all(const struct world *w)
{
    assert_int_equal(bg_store_put(&w->store, "bob", w->id, w->request, NULL), 0);
    assert_int_equal(bg_store_put(&w->store, "bob", w->id, w->approve, NULL), 0);
}

static void comes_back(void **state)
{
    struct world *w = *state;
    struct bg_grant g;
    bool fallback = true;

    assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), -ENOENT);
    assert_int_equal(bg_store_put(&w->store, "bob", w->id, w->request, &fallback), 0);
    assert_false(fallback);
    assert_int_equal(bg_store_put(&w->store, "bob", w->id, w->request, &fallback), -EEXIST);
    assert_int_equal(bg_store_put(&w->store, "bob", w->id, w->approve, &fallback), 0);
    assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), 0);
    assert_string_equal(g.id, w->id);
    assert_int_equal(g.n_responses, 1);
    assert_false(g.closed || g.expired || g.archived);
    assert_memory_equal(g.request->st.text, w->request->st.text, w->request->st.text_len);
    assert_memory_equal(g.request->blob, w->request->blob, w->request->blob_len);
    assert_memory_equal(g.responses[0]->st.digest, w->approve->st.digest, BG_DIGEST_BYTES);
    assert_false(g.request->malformed_sig);
    bg_grant_free(&g);
    assert_int_equal(bg_store_put(&w->store, "eve", w->id, w->request, NULL), -EINVAL);
    assert_int_equal(bg_store_put(&w->store, "../bob", w->id, w->approve, NULL), -EINVAL);
    assert_int_equal(bg_store_put(&w->store, "bob", "AAAAAAAAAAAA", w->approve, NULL), -EINVAL);
    assert_int_equal(bg_store_load(&w->store, "..", w->id, &g), -EINVAL);
    assert_int_equal(bg_store_load(&w->store, "bob", "../../../etc", &g), -EINVAL);
}

/* Stock ssh-keygen finds them good as they lie there. */
static void files_are_openssh(void **state)
{
    struct world *w = *state;
    bg_free_ char *key = world_key_text("bob");
    char line[1024], command[2048];
    FILE *f;

    if (access("/usr/bin/ssh-keygen", X_OK) != 0)
        skip();
    put_all(w);
    (void)snprintf(line, sizeof line, "bob namespaces=\"breakglass\" %s\n", key);
    assert_int_equal(scratch_write(&w->s, "signers", line), 0);
    (void)snprintf(
        command, sizeof command, "/usr/bin/ssh-keygen -Y verify -f %s -I bob -n breakglass -s %s < %s",
        scratch_path(&w->s, "signers"), scratch_path(&w->s, in_grant(w, false, file_of(w->request, ".sig"))),
        scratch_path(&w->s, in_grant(w, false, file_of(w->request, ""))));
    f = popen(command, "re");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    assert_true(strncmp(line, "Good \"breakglass\" signature for bob", 35) == 0);
    assert_int_equal(pclose(f), 0);
}

/* Request in one place, approval in the other: one grant. Then everything moves home. */
static void union_of_both(void **state)
{
    struct world *w = *state;
    struct bg_grant g;
    bool fallback = false;

    assert_int_equal(bg_store_put(&w->store, "bob", w->id, w->request, NULL), 0);
    lose_var(w);
    assert_int_equal(bg_store_migrate(&w->store), 0); /* nothing in /run yet */
    assert_int_equal(bg_store_put(&w->store, "bob", w->id, w->approve, &fallback), 0);
    assert_true(fallback);
    assert_true(there(w, in_grant(w, true, file_of(w->approve, ".sig"))));
    assert_int_equal(bg_store_migrate(&w->store), -ENOENT);
    find_var(w);
    assert_int_equal(bg_store_put(&w->store, "bob", w->id, w->approve, NULL), -EEXIST);
    assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), 0);
    assert_non_null(g.request);
    assert_int_equal(g.n_responses, 1);
    bg_grant_free(&g);
    assert_int_equal(bg_store_migrate(&w->store), 2);
    assert_true(there(w, in_grant(w, false, file_of(w->approve, ""))));
    assert_false(there(w, in_grant(w, true, "")));
    assert_int_equal(bg_store_migrate(&w->store), 0);
    assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), 0);
    assert_int_equal(g.n_responses, 1);
    bg_grant_free(&g);
}

/* What a killed writer leaves, and what is no root's file, is not there for a reader. */
static void leaves_out_the_unsafe(void **state)
{
    struct world *w = *state;
    struct bg_grant g;
    char name[128];

    put_all(w);
    (void)snprintf(name, sizeof name, ".%s.1.1", file_of(w->approve, ""));
    assert_int_equal(scratch_write(&w->s, in_grant(w, false, name), "half"), 0);
    assert_int_equal(scratch_write(&w->s, in_grant(w, false, "notes.txt"), "x"), 0);
    assert_int_equal(unlink(scratch_path(&w->s, in_grant(w, false, file_of(w->approve, ".sig")))), 0);
    assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), 0);
    assert_non_null(g.request);
    assert_int_equal(g.n_responses, 0); /* a text without signature is nothing */
    assert_false(g.closed);
    bg_grant_free(&g);
    assert_int_equal(chmod(scratch_path(&w->s, in_grant(w, false, file_of(w->request, ""))), 0666), 0);
    assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), 0);
    assert_null(g.request);
    bg_grant_free(&g);
}

static void write_pair(const struct world *w, const char *name, const struct bg_signed *s)
{
    bg_free_ char *armour = bg_sshsig_armour(s->blob, s->blob_len);
    char sig[128];

    (void)snprintf(sig, sizeof sig, "%s.sig", name);
    assert_int_equal(scratch_write(&w->s, in_grant(w, false, name), s->st.text), 0);
    assert_int_equal(scratch_write(&w->s, in_grant(w, false, sig), armour), 0);
}

/* The name of a file is the digest of what is in it, and the folder is its request's. */
static void names_are_checked(void **state)
{
    struct world *w = *state;
    struct bg_signed *other = make_request("bob", NOON, 2),
                     *carols = make_approve(w->request, "carol", NOON + 90);
    struct bg_signed *of_other = make_approve(other, "alice", NOON + 90);
    struct bg_grant g;

    put_all(w);
    write_pair(w, file_of(w->approve, ""), carols); /* another approval under that name */
    assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), 0);
    assert_non_null(g.request);
    assert_int_equal(g.n_responses, 0);
    bg_grant_free(&g);
    write_pair(w, file_of(other, ""), other); /* whole statements, of another request */
    write_pair(w, file_of(of_other, ""), of_other);
    assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), 0);
    assert_memory_equal(g.request->st.digest, w->request->st.digest, BG_DIGEST_BYTES);
    assert_int_equal(g.n_responses, 0);
    assert_false(g.closed);
    bg_grant_free(&g);
    write_pair(w, file_of(w->request, ""), other); /* and under this request's name */
    assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), 0);
    assert_null(g.request);
    bg_grant_free(&g);
    bg_signed_free(other);
    bg_signed_free(carols);
    bg_signed_free(of_other);
}

static void closed_stays_closed(void **state)
{
    struct world *w = *state;
    struct bg_grant g;

    put_all(w);
    assert_int_equal(bg_store_mark_closed(&w->store, "bob", w->id), 0);
    assert_true(there(w, in_grant(w, false, "closed")) && there(w, in_grant(w, true, "closed")));
    for (int lost = 0; lost < 2; lost++) { /* either disk alone knows */
        assert_int_equal(unlink(scratch_path(&w->s, in_grant(w, lost == 1, "closed"))), 0);
        assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), 0);
        assert_true(g.closed);
        bg_grant_free(&g);
        assert_int_equal(bg_store_mark_closed(&w->store, "bob", w->id), 0);
    }
    /* Settling keeps both. */
    assert_int_equal(bg_store_migrate(&w->store), 0);
    assert_true(there(w, in_grant(w, false, "closed")) && there(w, in_grant(w, true, "closed")));
    /* Anything of that name counts, whatever it is. */
    assert_int_equal(unlink(scratch_path(&w->s, in_grant(w, true, "closed"))), 0);
    assert_int_equal(unlink(scratch_path(&w->s, in_grant(w, false, "closed"))), 0);
    assert_int_equal(symlink("nowhere", scratch_path(&w->s, in_grant(w, false, "closed"))), 0);
    assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), 0);
    assert_true(g.closed);
    bg_grant_free(&g);
}

static void marks_without_var(void **state)
{
    struct world *w = *state;
    struct bg_grant g;

    put_all(w);
    lose_var(w);
    assert_int_equal(bg_store_mark_closed(&w->store, "bob", w->id), 0);
    find_var(w);
    assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), 0);
    assert_true(g.closed);
    bg_grant_free(&g);
    assert_int_equal(bg_store_migrate(&w->store), 1);
    assert_true(there(w, in_grant(w, false, "closed")) && there(w, in_grant(w, true, "closed")));
}

/* What cannot be read may be the close, or the mark: closed. */
static void unreadable_is_closed(void **state)
{
    struct world *w = *state;
    struct bg_grant g;
    char path[256];

    put_all(w);
    assert_int_equal(bg_store_put(&w->store, "bob", w->id, w->close, NULL), 0);
    assert_int_equal(truncate(scratch_path(&w->s, in_grant(w, false, file_of(w->close, ""))), 10), 0);
    assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), 0);
    assert_true(g.closed);
    bg_grant_free(&g);
    assert_int_equal(unlink(scratch_path(&w->s, in_grant(w, false, file_of(w->close, "")))), 0);
    assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), 0);
    assert_false(g.closed);
    bg_grant_free(&g);
    (void)snprintf(path, sizeof path, "var/lib/breakglass/grants/bob/%s", w->id);
    assert_int_equal(chmod(scratch_path(&w->s, path), 0777), 0);
    assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), 0);
    assert_true(g.closed);
    bg_grant_free(&g);
}

#define BOOT_A "00000000-0000-0000-0000-00000000000a"
#define BOOT_B "00000000-0000-0000-0000-00000000000b"

static struct bg_opened load_opened(const struct world *w)
{
    struct bg_grant g;

    assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), 0);
    struct bg_opened opened = g.opened;
    bg_grant_free(&g);
    return opened;
}

static void opened_comes_back(void **state)
{
    const struct bg_clock at = {.wall = NOON + 60, .since_boot = 100, .boot = BOOT_A};
    static const char *const bad[] = {"",
                                      "2026-11-23T12:00:00Z\n",
                                      "2026-11-23T12:00:00Z " BOOT_A " \n",
                                      "2026-11-23T12:00:00Z " BOOT_A " -5\n",
                                      "2026-11-23T12:00:00Z " BOOT_A " 5",
                                      "2026-11-23T12:00:00Z " BOOT_A " 5\n\n",
                                      "2026-11-23T12:00:00Z " BOOT_A " 1234567890123\n",
                                      "2026-11-23T12:00:99Z " BOOT_A " 5\n",
                                      "2026-11-23T12:00:00Z 00000000 5\n"};
    struct world *w = *state;

    put_all(w);
    assert_false(load_opened(w).noted);
    assert_int_equal(bg_store_mark_opened(&w->store, "bob", w->id, &at), 0);
    assert_false(there(w, in_grant(w, true, "opened")));
    struct bg_opened opened = load_opened(w);
    assert_true(opened.noted && !opened.unreadable);
    assert_int_equal(opened.at.wall, at.wall);
    assert_int_equal(opened.at.since_boot, at.since_boot);
    assert_string_equal(opened.at.boot, at.boot);
    for (size_t i = 0; i < BG_COUNT(bad); i++) {
        assert_int_equal(scratch_write(&w->s, in_grant(w, false, "opened"), bad[i]), 0);
        opened = load_opened(w);
        assert_true(!opened.noted && opened.unreadable);
    }
}

/* /var takes nothing: /run has it, and it goes home; of two the earlier counts. */
static void opened_without_var(void **state)
{
    const struct bg_clock first = {.wall = NOON + 60, .since_boot = 100, .boot = BOOT_A},
                          stepped = {.wall = NOON - 60, .since_boot = 200, .boot = BOOT_A},
                          other = {.wall = NOON - 90, .since_boot = 500, .boot = BOOT_B};
    struct world *w = *state;

    put_all(w);
    lose_var(w);
    assert_int_equal(bg_store_mark_opened(&w->store, "bob", w->id, &first), 0);
    find_var(w);
    assert_int_equal(load_opened(w).at.wall, first.wall);
    assert_int_equal(bg_store_migrate(&w->store), 1);
    assert_true(there(w, in_grant(w, false, "opened")) && !there(w, in_grant(w, true, "opened")));
    assert_int_equal(load_opened(w).at.since_boot, first.since_boot);
    lose_var(w);
    assert_int_equal(bg_store_mark_opened(&w->store, "bob", w->id, &stepped), 0);
    find_var(w);
    assert_int_equal(load_opened(w).at.wall, first.wall);
    assert_int_equal(bg_store_migrate(&w->store), 0);
    assert_int_equal(load_opened(w).at.wall, first.wall);
    lose_var(w);
    assert_int_equal(bg_store_mark_opened(&w->store, "bob", w->id, &other), 0);
    find_var(w);
    assert_int_equal(load_opened(w).at.wall, other.wall);
    assert_int_equal(bg_store_migrate(&w->store), 1);
    assert_int_equal(load_opened(w).at.wall, other.wall);
}

/* One that cannot be read takes nothing from the other; one that says nothing is never written. */
static void opened_in_one_place(void **state)
{
    const struct bg_clock at = {.wall = NOON + 60, .since_boot = 100, .boot = BOOT_A},
                          no_boot = {.wall = NOON},
                          no_time = {.wall = NOON, .since_boot = -1, .boot = BOOT_A};
    struct world *w = *state;

    put_all(w);
    assert_int_equal(bg_store_mark_opened(&w->store, "bob", w->id, &no_boot), -EINVAL);
    assert_int_equal(bg_store_mark_opened(&w->store, "bob", w->id, &no_time), -EINVAL);
    assert_false(there(w, in_grant(w, false, "opened")));
    assert_int_equal(bg_store_mark_opened(&w->store, "bob", w->id, &at), 0);
    assert_int_equal(scratch_folder(&w->s, in_grant(w, true, "")), 0);
    assert_int_equal(scratch_write(&w->s, in_grant(w, true, "opened"), "rubbish"), 0);
    assert_true(load_opened(w).noted && !load_opened(w).unreadable);
    assert_int_equal(rename(scratch_path(&w->s, in_grant(w, false, "opened")),
                            scratch_path(&w->s, in_grant(w, true, "opened"))),
                     0);
    assert_int_equal(scratch_write(&w->s, in_grant(w, false, "opened"), "rubbish"), 0);
    assert_true(load_opened(w).noted && !load_opened(w).unreadable);
}

/* What an answer leaves, by the clocks and by what may have changed it. */
static enum bg_noted note_by(struct world *w, enum bg_state answered, int64_t ends, int64_t policy_changed,
                             int64_t signers_changed, const struct bg_clock *clock, bool locked)
{
    const struct bg_policy policy = {.changed = policy_changed, .clock_skew = 900};
    const struct bg_signers signers = {.changed = signers_changed};
    const struct bg_answer answer = {.state = answered, .ends = ends};
    struct bg_grant g;

    assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), 0);
    enum bg_noted noted = bg_store_note(&w->store, &g, &answer, &policy, &signers, locked, clock);
    if (noted == BG_NOTED_EXPIRED)
        assert_true(g.expired && g.expired_time == ends);
    if (noted == BG_NOTED_OPENED || noted == BG_NOTED_AGAIN)
        assert_true(g.opened.noted && g.opened.at.wall == clock->wall);
    bg_grant_free(&g);
    return noted;
}

static enum bg_noted note(struct world *w, enum bg_state answered, int64_t ends, int64_t policy_changed,
                          const struct bg_clock *clock, bool locked)
{
    return note_by(w, answered, ends, policy_changed, 0, clock, locked);
}

static void notes_what_it_sees(void **state)
{
    struct bg_clock clock = {.wall = NOON + 60, .since_boot = 100, .boot = BOOT_A};
    const int64_t ends = NOON + 60 + 1800;
    struct world *w = *state;

    put_all(w);
    assert_int_equal(note(w, BG_STATE_PENDING, 0, 0, &clock, false), BG_NOTED_NOTHING);
    assert_int_equal(note(w, BG_STATE_OPEN, ends, 0, &clock, true), BG_NOTED_NOTHING);
    assert_int_equal(note(w, BG_STATE_DRILL, ends, 0, &clock, false), BG_NOTED_NOTHING);
    assert_int_equal(note(w, BG_STATE_OPEN, ends, 0, &clock, false), BG_NOTED_OPENED);
    assert_int_equal(note(w, BG_STATE_OPEN, ends, 0, &clock, false), BG_NOTED_NOTHING);
    /* One from a time to come in this boot is as good as none. */
    clock.since_boot = 50;
    assert_int_equal(note(w, BG_STATE_OPEN, ends, 0, &clock, false), BG_NOTED_AGAIN);
    assert_int_equal(note(w, BG_STATE_OPEN, ends, 0, &clock, false), BG_NOTED_NOTHING);
    assert_int_equal(scratch_write(&w->s, in_grant(w, false, "opened"), "rubbish"), 0);
    assert_int_equal(note(w, BG_STATE_OPEN, ends, 0, &clock, false), BG_NOTED_AGAIN);
    /* The wall clock jumped, and the time since boot did not: not for good. */
    clock.wall += 7200;
    clock.since_boot += 1799;
    assert_int_equal(note(w, BG_STATE_EXPIRED, ends, 0, &clock, false), BG_NOTED_NOTHING);
    /* The minutes that were signed are over: for good, whatever the rules say by then. */
    clock.since_boot++;
    assert_int_equal(note(w, BG_STATE_EXPIRED, ends, INT64_MAX, &clock, false), BG_NOTED_EXPIRED);
    assert_true(there(w, in_grant(w, false, "expired")) && there(w, in_grant(w, true, "expired")));
}

/* A maximum that was lowered since ends it now; only one that was there before its end ends it for good. */
static void rules_end_nothing_for_good(void **state)
{
    struct bg_clock clock = {.wall = NOON + 60, .since_boot = 100, .boot = BOOT_A};
    const int64_t lowered = NOON + 60 + 300;
    struct world *w = *state;

    put_all(w);
    assert_int_equal(note(w, BG_STATE_OPEN, lowered, 0, &clock, false), BG_NOTED_OPENED);
    clock.wall += 600;
    clock.since_boot += 600;
    assert_int_equal(note(w, BG_STATE_EXPIRED, lowered, lowered + 1, &clock, false), BG_NOTED_NOTHING);
    assert_int_equal(note_by(w, BG_STATE_EXPIRED, lowered, 0, lowered + 1, &clock, false), BG_NOTED_NOTHING);
    assert_int_equal(note(w, BG_STATE_EXPIRED, lowered, lowered, &clock, false), BG_NOTED_EXPIRED);
}

/* All that was signed is over when the minutes since it opened are, or, where that was not noted, since the
 * last approval; whatever the rules say since. */
static void the_minutes_signed_end_it_for_good(void **state)
{
    struct bg_clock clock = {.wall = NOON + 900, .since_boot = 100, .boot = BOOT_A};
    struct world *w = *state;

    put_all(w);
    clock.wall = NOON + 60 + 1800 - 1;
    assert_int_equal(note(w, BG_STATE_EXPIRED, NOON + 300, INT64_MAX, &clock, false), BG_NOTED_NOTHING);
    clock.wall = NOON + 900;
    assert_int_equal(note(w, BG_STATE_OPEN, NOON + 1200, 0, &clock, false), BG_NOTED_OPENED);
    clock.wall += 1800 - 1;
    clock.since_boot += 1800 - 1;
    assert_int_equal(note(w, BG_STATE_EXPIRED, NOON + 1200, INT64_MAX, &clock, false), BG_NOTED_NOTHING);
    clock.since_boot++;
    assert_int_equal(note(w, BG_STATE_EXPIRED, NOON + 1200, INT64_MAX, &clock, false), BG_NOTED_EXPIRED);
    assert_int_equal(note(w, BG_STATE_EXPIRED, NOON + 1200, 0, &clock, false), BG_NOTED_NOTHING);
}

/* The rules are dated by the clock of then: set back since, it makes no old rules new. */
static void a_clock_set_back_makes_no_rules_newer(void **state)
{
    struct bg_clock clock = {.wall = NOON + 60, .since_boot = 100, .boot = BOOT_A};
    const int64_t ends = NOON + 60 + 300; /* before the minutes signed are over */
    struct world *w = *state;

    put_all(w);
    assert_int_equal(note(w, BG_STATE_OPEN, ends, NOON, &clock, false), BG_NOTED_OPENED);
    clock.wall += 400 - 7200;
    clock.since_boot += 400;
    assert_int_equal(note(w, BG_STATE_EXPIRED, ends, ends + 1, &clock, false), BG_NOTED_NOTHING);
    assert_int_equal(note(w, BG_STATE_EXPIRED, ends, clock.wall, &clock, false), BG_NOTED_NOTHING);
    assert_int_equal(note(w, BG_STATE_EXPIRED, ends, NOON, &clock, false), BG_NOTED_EXPIRED);
}

/* Without any disk the answer stands, and it is tried again. */
static void marks_without_a_disk(void **state)
{
    const struct bg_clock clock = {.wall = NOON + 60, .since_boot = 100, .boot = BOOT_A};
    const struct bg_policy policy = {.clock_skew = 900};
    const struct bg_signers signers = {0};
    struct bg_answer answer = {.state = BG_STATE_OPEN, .ends = NOON + 60};
    struct world *w = *state;
    struct bg_grant g;

    put_all(w);
    assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), 0);
    lose_both(w);
    assert_true(bg_store_mark_closed(&w->store, "bob", w->id) < 0);
    assert_true(bg_store_mark_expired(&w->store, "bob", w->id, NOON) < 0);
    assert_int_equal(bg_store_note(&w->store, &g, &answer, &policy, &signers, false, &clock),
                     BG_NOTED_NOTHING);
    assert_false(g.opened.noted);
    answer.state = BG_STATE_EXPIRED;
    assert_int_equal(bg_store_note(&w->store, &g, &answer, &policy, &signers, false, &clock),
                     BG_NOTED_EXPIRED);
    assert_true(g.expired);
    bg_grant_free(&g);
}

static void no_marks_of_a_drill_nor_in_the_archive(void **state)
{
    const struct bg_clock clock = {.wall = NOON + 60, .since_boot = 100, .boot = BOOT_A};
    const struct bg_policy policy = {.clock_skew = 900};
    const struct bg_signers signers = {0};
    const struct bg_answer answer = {.state = BG_STATE_EXPIRED, .ends = NOON};
    struct world *w = *state;
    struct bg_grant g;

    put_all(w);
    assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), 0);
    g.request->st.drill = true;
    assert_int_equal(bg_store_note(&w->store, &g, &answer, &policy, &signers, false, &clock),
                     BG_NOTED_NOTHING);
    bg_grant_free(&g);
    assert_int_equal(bg_store_archive(&w->store, "bob", w->id), 0);
    assert_int_equal(note(w, BG_STATE_OPEN, NOON + 1800, 0, &clock, false), BG_NOTED_NOTHING);
    assert_int_equal(note(w, BG_STATE_EXPIRED, NOON, 0, &clock, false), BG_NOTED_NOTHING);
    assert_false(there(w, in_grant(w, false, "")));
}

static void expired_keeps_the_earliest(void **state)
{
    static const char *const bad[] = {"", "soon\n", "2026-11-23T12:00:00Z", "2026-11-23T12:00:00Z\n\n"};
    struct world *w = *state;
    struct bg_grant g;

    put_all(w);
    assert_int_equal(bg_store_mark_expired(&w->store, "bob", w->id, NOON + 100), 0);
    assert_int_equal(bg_store_mark_expired(&w->store, "bob", w->id, NOON + 200), 0);
    assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), 0);
    assert_true(g.expired && !g.closed);
    assert_int_equal(g.expired_time, NOON + 100);
    bg_grant_free(&g);
    /* An earlier one that only /run heard of goes home. */
    assert_int_equal(scratch_write(&w->s, in_grant(w, true, "expired"), "2026-11-23T11:00:00Z\n"), 0);
    assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), 0);
    assert_int_equal(g.expired_time, NOON - 3600);
    bg_grant_free(&g);
    assert_int_equal(bg_store_migrate(&w->store), 1);
    assert_int_equal(unlink(scratch_path(&w->s, in_grant(w, true, "expired"))), 0);
    assert_int_equal(bg_store_mark_expired(&w->store, "bob", w->id, NOON + 300), 0);
    assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), 0);
    assert_int_equal(g.expired_time, NOON - 3600);
    bg_grant_free(&g);
    for (size_t i = 0; i < BG_COUNT(bad); i++) {
        assert_int_equal(scratch_write(&w->s, in_grant(w, false, "expired"), bad[i]), 0);
        assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), 0);
        assert_true(g.closed);
        bg_grant_free(&g);
    }
}

static void two_requests_under_one_id(void **state)
{
    struct world *w = *state;
    struct bg_grant g;

    put_all(w);
    /* The same ID cannot be made by hand; the same request twice can: it is one. */
    lose_var(w);
    assert_int_equal(bg_store_put(&w->store, "bob", w->id, w->request, NULL), 0);
    find_var(w);
    assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), 0);
    assert_non_null(g.request);
    assert_false(g.closed);
    assert_int_equal(g.n_responses, 1);
    bg_grant_free(&g);
}

static void person_newest_first(void **state)
{
    struct world *w = *state;
    struct bg_grants all;

    for (unsigned i = 0; i < 5; i++) {
        struct bg_signed *r = make_request("bob", NOON + (i * 7 % 5) * 60, 100 + i),
                         *o = make_request("carol", NOON, i);
        char id[BG_ID_SIZE];

        bg_id_from_digest(id, r->st.digest);
        assert_int_equal(bg_store_put(&w->store, "bob", id, r, NULL), 0);
        bg_id_from_digest(id, o->st.digest);
        assert_int_equal(bg_store_put(&w->store, "carol", id, o, NULL), 0);
        bg_signed_free(r);
        bg_signed_free(o);
    }
    assert_int_equal(bg_store_load_person(&w->store, "bob", false, &all), 0);
    assert_int_equal(all.n, 5);
    for (size_t i = 0; i < all.n; i++) {
        assert_string_equal(all.v[i].request->st.by, "bob");
        assert_true(i == 0 || all.v[i - 1].request->st.time > all.v[i].request->st.time);
    }
    bg_grants_free(&all);
    assert_int_equal(bg_store_load_person(&w->store, "nobody", false, &all), 0);
    assert_int_equal(all.n, 0);
}

static int count(const char *person, const char *id, bool is_archived, void *arg)
{
    (void)person;
    (void)id;
    ((unsigned *)arg)[is_archived]++;
    return 0;
}

static void archives(void **state)
{
    struct world *w = *state;
    struct bg_grant g;
    struct bg_grants all;
    unsigned n[2] = {0};
    char person[65], id[BG_ID_SIZE];

    put_all(w);
    lose_var(w);
    assert_int_equal(bg_store_put(&w->store, "bob", w->id, w->close, NULL), 0);
    assert_int_equal(bg_store_archive(&w->store, "bob", w->id), -ENOENT);
    find_var(w);
    assert_int_equal(bg_store_mark_closed(&w->store, "bob", w->id), 0);
    assert_int_equal(bg_store_archive(&w->store, "bob", w->id), 0);
    assert_int_equal(bg_store_archive(&w->store, "bob", w->id), 0);
    assert_false(there(w, in_grant(w, false, "")));
    assert_false(there(w, in_grant(w, true, "")));
    assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), 0);
    assert_true(g.archived && g.closed);
    assert_int_equal(g.n_responses, 2);
    bg_grant_free(&g);
    assert_int_equal(bg_store_load_person(&w->store, "bob", false, &all), 0);
    assert_int_equal(all.n, 0);
    assert_int_equal(bg_store_load_person(&w->store, "bob", true, &all), 0);
    assert_int_equal(all.n, 1);
    assert_true(all.v[0].archived);
    bg_grants_free(&all);
    assert_int_equal(bg_store_each(&w->store, true, count, n), 0);
    assert_true(n[0] == 0 && n[1] == 1);
    assert_int_equal(bg_store_find(&w->store, w->id, person, id), 0);
    assert_string_equal(person, "bob");
}

/* A request of bob's for a role, put into the store. */
static void put_for(const struct world *w, const char *role, unsigned number, char id[BG_ID_SIZE])
{
    struct bg_signed *s = make_request("bob", NOON, number);

    free(s->st.terms.role);
    s->st.terms.role = strdup(role);
    s = sign(s);
    bg_id_from_digest(id, s->st.digest);
    assert_int_equal(bg_store_put(&w->store, "bob", id, s, NULL), 0);
    bg_signed_free(s);
}

static void knows_the_first(void **state)
{
    struct world *w = *state;
    char other[BG_ID_SIZE], same[BG_ID_SIZE];

    put_all(w);
    assert_int_equal(bg_store_is_first_use(&w->store, w->request, w->id), 1);
    put_for(w, "web-admin", 2, other);
    assert_int_equal(bg_store_is_first_use(&w->store, w->request, w->id), 1);
    assert_int_equal(bg_store_archive(&w->store, "bob", other), 0);
    assert_int_equal(bg_store_mark_closed(&w->store, "bob", other), 0);
    assert_int_equal(bg_store_is_first_use(&w->store, w->request, w->id), 1);
    put_for(w, "prod-db-admin", 3, same);
    assert_int_equal(bg_store_is_first_use(&w->store, w->request, w->id), 0);
    assert_int_equal(bg_store_archive(&w->store, "bob", same), 0);
    assert_int_equal(bg_store_is_first_use(&w->store, w->request, w->id), 0);
}

/* What cannot be read, and a long history, are not called the first. */
static void does_not_guess_the_first(void **state)
{
    struct world *w = *state;
    char path[128];

    put_all(w);
    assert_int_equal(scratch_folder(&w->s, "var/lib/breakglass/archive/bob/000000000000"), 0);
    assert_int_equal(bg_store_is_first_use(&w->store, w->request, w->id), -ENOENT);
    for (unsigned i = 1; i < 200; i++) {
        (void)snprintf(path, sizeof path, "var/lib/breakglass/archive/bob/%012u", i);
        assert_int_equal(scratch_folder(&w->s, path), 0);
    }
    assert_int_equal(bg_store_is_first_use(&w->store, w->request, w->id), -E2BIG);
}

static void finds_by_prefix(void **state)
{
    struct world *w = *state;
    char person[65], id[BG_ID_SIZE], prefix[BG_ID_SIZE];

    put_all(w);
    memcpy(prefix, w->id, sizeof prefix);
    prefix[4] = '\0';
    assert_int_equal(bg_store_find(&w->store, prefix, person, id), 0);
    assert_string_equal(id, w->id);
    prefix[3] = prefix[3] == '0' ? '1' : '0';
    assert_int_equal(bg_store_find(&w->store, prefix, person, id), -ENOENT);
    assert_string_equal(person, "");
    /* Another with the same first character makes that one ambiguous. */
    for (unsigned i = 2; i < 200; i++) {
        struct bg_signed *r = make_request("carol", NOON, i);
        char other[BG_ID_SIZE];

        bg_id_from_digest(other, r->st.digest);
        if (other[0] == w->id[0])
            assert_int_equal(bg_store_put(&w->store, "carol", other, r, NULL), 0);
        bool same = other[0] == w->id[0];
        bg_signed_free(r);
        if (same)
            break;
    }
    prefix[1] = '\0';
    assert_int_equal(bg_store_find(&w->store, prefix, person, id), -ENOTUNIQ);
    assert_string_equal(person, "");
}

static void early(void **state)
{
    struct world *w = *state;
    struct bg_signed **said = NULL, *other = make_request("bob", NOON, 9);
    size_t n = 0;

    assert_int_equal(bg_store_put_early(&w->store, "alice", w->approve), 0);
    assert_int_equal(bg_store_put_early(&w->store, "alice", w->approve), -EEXIST);
    lose_var(w);
    assert_int_equal(bg_store_put_early(&w->store, "dave", w->close), 0);
    find_var(w);
    assert_int_equal(bg_store_load_early(&w->store, w->request->st.digest, &said, &n), 0);
    assert_int_equal(n, 2);
    for (size_t i = 0; i < n; i++)
        bg_signed_free(said[i]);
    free(said);
    assert_int_equal(bg_store_load_early(&w->store, other->st.digest, &said, &n), 0);
    assert_int_equal(n, 0);
    assert_int_equal(bg_store_drop_early(&w->store, w->close), 0);
    assert_int_equal(bg_store_drop_early(&w->store, w->close), -ENOENT);
    assert_int_equal(bg_store_load_early(&w->store, w->request->st.digest, &said, &n), 0);
    assert_int_equal(n, 1);
    bg_signed_free(said[0]);
    free(said);
    /* Bounded for each signer. */
    for (unsigned i = 0; i < BG_EARLY_MAX; i++) {
        struct bg_signed *s = make_approve(other, "alice", NOON + i);
        assert_int_equal(bg_store_put_early(&w->store, "alice", s), i < BG_EARLY_MAX - 1 ? 0 : -EDQUOT);
        bg_signed_free(s);
    }
    bg_signed_free(other);
}

static void bounded_but_never_for_a_close(void **state)
{
    struct world *w = *state;
    struct bg_grant g;
    bool found = false;

    assert_int_equal(bg_store_put(&w->store, "bob", w->id, w->request, NULL), 0);
    for (unsigned i = 0; i < BG_RESPONSES_MAX; i++) {
        struct bg_signed *s = make_approve(w->request, "alice", NOON + i);
        assert_int_equal(bg_store_put(&w->store, "bob", w->id, s, NULL),
                         i < BG_RESPONSES_MAX - 1 ? 0 : -EDQUOT);
        bg_signed_free(s);
    }
    assert_int_equal(bg_store_put(&w->store, "bob", w->id, w->close, NULL), 0);
    assert_int_equal(bg_store_load(&w->store, "bob", w->id, &g), 0);
    for (size_t i = 0; i < g.n_responses; i++)
        found = found || g.responses[i]->st.kind == BG_CLOSE;
    assert_true(found);
    bg_grant_free(&g);
}

/* A writer killed at any moment: a reader finds the old state or the new one, and the sweep takes the rest
 * away. */
static void killed_writers(void **state)
{
    struct world *w = *state;

    for (unsigned i = 0; i < 60; i++) {
        struct bg_grant g;
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
            for (unsigned k = 0;; k++) {
                struct bg_signed *s = make_approve(w->request, "alice", NOON + i * 1000 + k);
                if (k == 0)
                    (void)bg_store_put(&w->store, "bob", w->id, w->request, NULL);
                (void)bg_store_put(&w->store, "bob", w->id, s, NULL);
                (void)bg_store_mark_expired(&w->store, "bob", w->id, NOON + 5000 - k);
            }
        }
        usleep(500 + i * 97);
        (void)kill(pid, SIGKILL);
        (void)waitpid(pid, NULL, 0);
        int r = bg_store_load(&w->store, "bob", w->id, &g);
        assert_true(r == 0 || r == -ENOENT);
        if (r < 0)
            continue;
        assert_false(g.closed); /* nothing was half written */
        for (size_t k = 0; k < g.n_responses; k++)
            assert_false(g.responses[k]->malformed_sig);
        bg_grant_free(&g);
    }
}

static void sweeps(void **state)
{
    static const char *const names[] = {"grants/bob/.x.1.2", "early/alice/.y.1.2", "early/alice/approve.old"};
    struct world *w = *state;
    struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    char path[128];

    put_all(w);
    assert_int_equal(scratch_folder(&w->s, "var/lib/breakglass/early/alice"), 0);
    for (size_t i = 0; i < BG_COUNT(names); i++) {
        (void)snprintf(path, sizeof path, "var/lib/breakglass/%s", names[i]);
        assert_int_equal(scratch_write(&w->s, path, "x"), 0);
        if (i > 0)
            assert_int_equal(utimensat(AT_FDCWD, scratch_path(&w->s, path), old, 0), 0);
    }
    assert_int_equal(bg_store_migrate(&w->store), 0);
    assert_true(there(w, "var/lib/breakglass/grants/bob/.x.1.2")); /* its writer may be alive */
    assert_false(there(w, "var/lib/breakglass/early/alice/.y.1.2"));
    assert_false(there(w, "var/lib/breakglass/early/alice/approve.old"));
    assert_true(there(w, in_grant(w, false, file_of(w->request, ""))));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(comes_back),
        T(files_are_openssh),
        T(union_of_both),
        T(leaves_out_the_unsafe),
        T(names_are_checked),
        T(closed_stays_closed),
        T(marks_without_var),
        T(unreadable_is_closed),
        T(expired_keeps_the_earliest),
        T(opened_comes_back),
        T(opened_without_var),
        T(opened_in_one_place),
        T(notes_what_it_sees),
        T(rules_end_nothing_for_good),
        T(the_minutes_signed_end_it_for_good),
        T(a_clock_set_back_makes_no_rules_newer),
        T(marks_without_a_disk),
        T(no_marks_of_a_drill_nor_in_the_archive),
        T(two_requests_under_one_id),
        T(person_newest_first),
        T(archives),
        T(knows_the_first),
        T(does_not_guess_the_first),
        T(finds_by_prefix),
        T(early),
        T(bounded_but_never_for_a_close),
        T(killed_writers),
        T(sweeps),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
