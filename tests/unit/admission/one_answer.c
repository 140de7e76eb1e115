/* SPDX-License-Identifier: ISC */
/* The gate, the broker's Why and `breakglass why` are asked the same at every `expect` of tests/policy and
 * tests/admission, on the same files, and must say the same: state, reason, grant and end. */
#include "policy/base/timestamp.h"
#include "tests/unit/admission/answers.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SITUATIONS_MIN 200

enum { GATE, BROKER, VERB, ALL };
static const char *const names[ALL] = {"the gate", "the broker", "why"};

/* How often each state came out: a host on which nothing ever opens would agree with itself, too. */
static unsigned situations, n_open, n_pending, n_early, n_closed, n_expired, n_lapsed, n_drill, n_refused;
static const struct {
    const char *state;
    unsigned *n;
} seen[] = {
    {"open", &n_open},       {"pending", &n_pending}, {"early", &n_early}, {"closed", &n_closed},
    {"expired", &n_expired}, {"lapsed", &n_lapsed},   {"drill", &n_drill}, {"refused", &n_refused},
};

struct trial {
    struct scene scene;
    struct bg_list edits;
    bool own;            /* of tests/admission: what it expects holds for the whole host */
    bool stays;          /* the host and its broker, from the next `expect` on */
    struct scratch host; /* as it stays; empty before */
    unsigned expected;
    struct told told[ALL]; /* of the last `expect` */
};

#define FAIL(t, ...) CASE_FAIL(&(t)->scene.c, __VA_ARGS__)

/* --- asking --- */

static void ask_all(struct trial *t, const struct asked *asked, unsigned first)
{
    static void (*const ask[ALL])(struct told *, struct case_file *,
                                  const struct asked *) = {told_by_gate, told_by_broker, told_by_verb};

    for (unsigned i = 0; i < ALL; i++)
        ask[(first + i) % ALL](&t->told[(first + i) % ALL], &t->scene.c, asked);
}

/* Each is the first in a third of the situations, and leaves its marks to the others. A broker that starts
 * archives what ended over an hour ago: then the question is about another host, and asked once more. */
static void ask(struct trial *t, const struct asked *asked)
{
    unsigned first = situations++ % ALL;

    ask_all(t, asked, first);
    if (faccessat(asked->host->root.fd, BG_VAR "/archive", F_OK, 0) == 0)
        ask_all(t, asked, first);
}

static void drop_host(struct trial *t)
{
    broker_drop(&t->scene.c);
    if (*t->host.path)
        scratch_drop(&t->host);
    t->host = (struct scratch){0};
}

/* --- comparing --- */

static void print_all(const struct trial *t)
{
    for (unsigned i = 0; i < ALL; i++) {
        const struct told *told = &t->told[i];
        char ends[BG_TIME_SIZE] = "not told";

        if (told->ends != TOLD_NOT)
            bg_time_format(ends, told->ends);
        fprintf(stderr, "    %-10s %s, %s, reason %s, grant %s, end %s: %s\n", names[i],
                told->open ? "open" : "not open", *told->state ? told->state : "-",
                *told->why ? told->why : "-", *told->id ? told->id : "-", ends, told->sentence);
    }
}

/* Texts that both tell. */
static bool same(const char *a, const char *b)
{
    return !*a || !*b || strcmp(a, b) == 0;
}

static void compare(struct trial *t, unsigned other)
{
    const struct told *broker = &t->told[BROKER], *told = &t->told[other];
    const char *differs = told->open != broker->open                             ? "state"
                          : !same(told->why, broker->why)                        ? "reason"
                          : strcmp(told->id, broker->id) != 0                    ? "grant"
                          : told->ends != TOLD_NOT && told->ends != broker->ends ? "end"
                          : !same(told->sentence, broker->sentence)              ? "sentence"
                                                                                 : NULL;

    if (!differs)
        return;
    FAIL(t, "%s and %s differ in the %s:", names[BROKER], names[other], differs);
    print_all(t);
}

static void count(struct trial *t)
{
    const struct told *broker = &t->told[BROKER];

    for (size_t i = 0; i < BG_COUNT(seen); i++)
        *seen[i].n += strcmp(seen[i].state, broker->state) == 0;
    if (broker->open != (strcmp(broker->state, "open") == 0))
        FAIL(t, "the broker's state is %s, and open is %s", broker->state, broker->open ? "yes" : "no");
}

/* --- what a case says --- */

/* Asks them all, on a host of its own or on the one that stays. */
static void ask_host(struct trial *t)
{
    const struct scene *s = &t->scene;
    struct asked asked = {.host = &t->host, .person = s->person, .account = s->account, .now = s->clock.wall};

    disk_set_clocks(&s->clock);
    if (!*t->host.path) {
        disk_make(&t->host, s, &t->edits);
        if (t->stays)
            broker_keep(&t->host);
    }
    ask(t, &asked);
    if (!t->stays)
        drop_host(t);
}

static void expect(struct trial *t, char *words)
{
    char *save = NULL, *state = strtok_r(words, " ", &save), *why = strtok_r(NULL, " ", &save);
    const struct told *broker = &t->told[BROKER];

    t->expected++;
    if (!t->scene.person || !t->scene.account)
        return; /* a question for lists: nobody comes in as anybody to any account */
    ask_host(t);
    compare(t, GATE);
    compare(t, VERB);
    count(t);
    /* tests/policy speaks of one grant, and not of what a whole host makes of it. */
    bool holds = t->own || *broker->id;
    if (holds && (!state || !why || strcmp(state, broker->state) != 0 || strcmp(why, broker->why) != 0)) {
        FAIL(t, "expected %s %s:", state, why);
        print_all(t);
    }
}

static void expect_grant(struct trial *t, const char *words)
{
    size_t number = (size_t)atoi(words);
    char id[BG_ID_SIZE] = "";

    if (number > t->scene.n_requests)
        FAIL(t, "there is no request %zu", number);
    else if (number > 0)
        bg_id_from_digest(id, t->scene.requests[number - 1]->st.digest);
    if (strcmp(id, t->told[BROKER].id) != 0) {
        FAIL(t, "expected request %s, %s:", words, *id ? id : "none");
        print_all(t);
    }
}

static bool take_expectation(struct trial *t, const char *verb, const char *words)
{
    if (strcmp(verb, "grant") == 0)
        expect_grant(t, words);
    else if (strcmp(verb, "ends") == 0 && world_time(words) != t->told[BROKER].ends) {
        FAIL(t, "expected the end %s:", words);
        print_all(t);
    } else if (strcmp(verb, "says") == 0 && !strstr(t->told[BROKER].sentence, words))
        FAIL(t, "expected \"%s\" in: %s", words, t->told[BROKER].sentence);
    else
        return strcmp(verb, "ends") == 0 || strcmp(verb, "says") == 0;
    return true;
}

static bool take_edit(struct trial *t, const char *verb, const char *words)
{
    static const char *const edits[] = {"without", "folder", "file", "unstored"};
    char line[1024];

    for (size_t i = 0; i < BG_COUNT(edits); i++)
        if (strcmp(verb, edits[i]) == 0) {
            int n = snprintf(line, sizeof line, "%s %s", verb, words);
            CHECK(bg_list_add(&t->edits, line, (size_t)n) >= 0, "out of memory");
            if (*t->host.path)
                disk_edit(&t->host, line);
            return true;
        }
    return false;
}

static bool take_line(void *arg, const char *verb, char *words)
{
    struct trial *t = arg;

    if (strcmp(verb, "expect") == 0)
        expect(t, words);
    else if (t->own && strcmp(verb, "stays") == 0)
        t->stays = true;
    else if (t->own)
        return take_edit(t, verb, words) || take_expectation(t, verb, words);
    return true; /* decide_cases knows what else tests/policy says */
}

static bool run(const char *folder, const char *file)
{
    struct trial t = {.own = strcmp(folder, "admission") == 0};

    scene_begin(&t.scene, file);
    scene_read(&t.scene, folder, take_line, &t);
    if (t.expected == 0)
        FAIL(&t, "expects nothing");
    drop_host(&t);
    bg_list_free(&t.edits);
    scene_end(&t.scene);
    return !t.scene.c.failed;
}

static bool run_policy(const char *file)
{
    return run("policy", file);
}

static bool run_admission(const char *file)
{
    return run("admission", file);
}

/* --- all of them --- */

static int run_all(void)
{
    unsigned failed = case_run_all("admission", run_admission) + case_run_all("policy", run_policy);

    printf("# %u situations", situations);
    CHECK(situations >= SITUATIONS_MIN, ": too few");
    for (size_t i = 0; i < BG_COUNT(seen); i++) {
        printf(", %u %s", *seen[i].n, seen[i].state);
        CHECK(*seen[i].n > 0, "no situation is %s", seen[i].state);
    }
    printf("\n");
    return failed ? 1 : 0;
}

/* Once more under a clock that stands where it is set, with all that is started. */
static void stop_the_clock(char **argv)
{
    char path[] = "/tmp/bg-clock-XXXXXX";
    int fd = mkstemp(path);

    CHECK(fd >= 0 && ftruncate(fd, 32) == 0 && close(fd) == 0, "no file for the clock");
    (void)setenv("TEST_CLOCK", path, 1);
    (void)setenv("LD_PRELOAD", BUILDDIR "/screen/.libs/preload.so", 1);
    (void)setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
    (void)execv("/proc/self/exe", argv);
    CHECK(false, "cannot start again");
}

int main(int argc, char **argv)
{
    if (!getenv("TEST_CLOCK"))
        stop_the_clock(argv);
    CHECK(sodium_init() >= 0, "libsodium does not start");
    (void)umask(022);
    int status = argc == 3 ? !run(argv[1], argv[2]) : run_all();
    (void)unlink(getenv("TEST_CLOCK"));
    return status;
}
