/* SPDX-License-Identifier: ISC */
/* What the gate costs at a login, as ratios of one run: this program prepares scratch hosts, and
 * bench/transactions measures on them. */
#include "tests/kit/stage.h"

#include "policy/base/cleanup.h"

#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define ROUNDS "1500"
#define MODULES BUILDDIR "/bench/.libs/"
#define RUNNERS 8

/* One thing that is measured: a PAM service on one scratch host. */
struct runner {
    const char *name, *service;
    const struct stage *stage;
    double best, median; /* microseconds */
};

/* Runs bench/transactions; its output is read from *out. */
static pid_t start(char **argv, FILE **out)
{
    int ends[2];

    stage_must(pipe2(ends, O_CLOEXEC) == 0, "pipe");
    pid_t pid = fork();
    if (pid == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)execv(argv[0], argv);
        _exit(127);
    }
    (void)close(ends[1]);
    *out = fdopen(ends[0], "re");
    stage_must(pid > 0 && *out, "bench/transactions");
    return pid;
}

/* Gives the peak memory in KiB. */
static long measure(struct runner *runners, size_t n, const char *confdir, const char *info,
                    const char *rounds)
{
    char *argv[4 + 3 * RUNNERS + 1] = {(char *)(uintptr_t)BUILDDIR "/bench/transactions",
                                       (char *)(uintptr_t)confdir, (char *)(uintptr_t)info,
                                       (char *)(uintptr_t)rounds};
    struct rusage usage;
    char line[256];
    FILE *out;
    int status;

    for (size_t i = 0; i < n; i++) {
        argv[4 + 3 * i] = (char *)(uintptr_t)runners[i].name;
        argv[5 + 3 * i] = (char *)(uintptr_t)runners[i].service;
        argv[6 + 3 * i] = (char *)(uintptr_t)runners[i].stage->s.path;
    }
    pid_t pid = start(argv, &out);
    for (size_t i = 0; i < n; i++) {
        const char *tab = fgets(line, sizeof line, out) ? strchr(line, '\t') : NULL;
        stage_must(tab && sscanf(tab, "%lf %lf", &runners[i].best, &runners[i].median) == 2, runners[i].name);
    }
    (void)fclose(out);
    stage_must(wait4(pid, &status, 0, &usage) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0,
               "bench/transactions");
    return usage.ru_maxrss;
}

static void write_services(const struct stage *st)
{
    stage_write(st, "etc/pam.d/permit", "account required pam_permit.so\nsession required pam_permit.so\n");
    stage_write(st, "etc/pam.d/unix", "account required pam_unix.so\nsession required pam_unix.so quiet\n");
    stage_write(st, "etc/pam.d/floor",
                "session requisite " MODULES "pam_floor.so\n"
                "account required pam_permit.so\nsession required pam_permit.so\n");
    stage_write(st, "etc/pam.d/sshd",
                "session requisite " MODULES "pam_breakglass_bench.so accounts=root\n"
                "account required pam_permit.so\nsession required pam_permit.so\n");
}

static void put_file(int dir, const char *name, const char *text)
{
    bg_close_ int fd = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    stage_must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), name);
}

/* Grants of other people, 32 each, as files of the usual number and size. The gate may not look into them, so
 * what they say does not matter. */
static void crowd(const struct stage *st, unsigned n)
{
    char path[256], name[96], text[700];

    (void)memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (unsigned i = 0; i < n; i++) {
        (void)snprintf(path, sizeof path, BG_VAR "/grants/p%05u/%012u", i / 32, i);
        bg_close_ int dir = bg_dir_make(&st->s.root, path, 0700);
        stage_must(dir >= 0, path);
        for (unsigned k = 0; k < 3; k++) {
            (void)snprintf(name, sizeof name, "%s.%064u", k == 0 ? "request" : "approve", i * 3 + k);
            put_file(dir, name, text);
            (void)snprintf(name, sizeof name, "%s.%064u.sig", k == 0 ? "request" : "approve", i * 3 + k);
            put_file(dir, name, text);
        }
    }
}

static void open_stage(struct stage *st)
{
    char id[BG_ID_SIZE];

    stage_open_in(st, access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    stage_grant(st, "root", 3000, id);
}

static void print(const struct runner *r, const struct runner *to)
{
    printf("  %-34s best %7.0f us   median %7.0f us   x %.2f of %s (medians %.2f)\n", r->name, r->best,
           r->median, r->best / to->best, to->name, r->median / to->median);
}

static void print_goal(const char *what, double is, double goal)
{
    printf("  goal: %s %.2f, at most %.2f: %s\n", what, is, goal, is <= goal ? "met" : "MISSED");
}

static void transactions(const struct stage *st, const char *confdir, const char *info)
{
    static struct runner runners[4];

    runners[0] = (struct runner){.name = "pam_permit", .service = "permit", .stage = st};
    runners[1] = (struct runner){.name = "pam_unix", .service = "unix", .stage = st};
    runners[2] = (struct runner){.name = "the floor", .service = "floor", .stage = st};
    runners[3] = (struct runner){.name = "the gate", .service = "sshd", .stage = st};
    (void)measure(runners, 4, confdir, info, ROUNDS);
    printf("One PAM transaction, a grant with two approvals (the floor: pam_permit, libsodium, 3 "
           "signatures):\n");
    for (size_t i = 0; i < 3; i++)
        print(&runners[i], &runners[0]);
    print(&runners[3], &runners[0]);
    print(&runners[3], &runners[1]);
    print(&runners[3], &runners[2]);
    print_goal("of the floor", runners[3].best / runners[2].best, 1.6);
    print_goal("milliseconds", runners[3].median / 1000, 1.0);
}

static void crowds(const char *confdir, const char *info)
{
    static const struct {
        const char *name;
        unsigned n;
    } kinds[] = {
        {"alone", 0},
        {"10 of others", 10},
        {"1,000 of others", 1000},
        {"10,000 of others", 10000},
    };
    static struct runner runners[BG_COUNT(kinds)];
    static struct stage stages[BG_COUNT(kinds)];
    double worst = 0;

    for (size_t i = 0; i < BG_COUNT(kinds); i++) {
        open_stage(&stages[i]);
        crowd(&stages[i], kinds[i].n);
        runners[i] = (struct runner){.name = kinds[i].name, .service = "sshd", .stage = &stages[i]};
    }
    (void)measure(runners, BG_COUNT(kinds), confdir, info, ROUNDS);
    printf("The same with live grants of other people:\n");
    for (size_t i = 0; i < BG_COUNT(kinds); i++) {
        print(&runners[i], &runners[0]);
        double ratio = runners[i].best / runners[0].best;
        worst = ratio > worst ? ratio : worst;
        stage_close(&stages[i]);
    }
    print_goal("of alone", worst, 1.1);
}

static void memory(const struct stage *st, const char *confdir, const char *info)
{
    struct runner permit = {.name = "pam_permit", .service = "permit", .stage = st};
    struct runner gate = {.name = "the gate", .service = "sshd", .stage = st};
    long before = measure(&permit, 1, confdir, info, "1"), after = measure(&gate, 1, confdir, info, "1");

    printf("Peak memory: pam_permit %ld KiB, the gate %ld KiB\n", before, after);
    print_goal("MiB more", (double)(after - before) / 1024, 4);
}

int main(void)
{
    char confdir[128], info[600];
    static struct stage st;

    open_stage(&st);
    write_services(&st);
    (void)snprintf(confdir, sizeof confdir, "%s/etc/pam.d", st.s.path);
    (void)snprintf(info, sizeof info, "SSH_AUTH_INFO_0=%s", stage_key("bob"));
    transactions(&st, confdir, info);
    crowds(confdir, info);
    memory(&st, confdir, info);
    stage_close(&st);
    return 0;
}
