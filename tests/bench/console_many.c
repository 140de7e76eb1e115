/* SPDX-License-Identifier: ISC */
/* Forty hosts at once: the console against a floor of bare connections. */
#include "tests/bench/console_many.h"

#include "tests/bench/console_numbers.h"
#include "tests/bench/console_terminal.h"

#include "policy/base/timestamp.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define HOSTS 40
#define ROUNDS 15
#define SLOW_S "2"
#define SLOW (HOSTS - 2)
#define SILENT (HOSTS - 1)
#define PATIENCE_MS 30000
#define OWN " carol "

/* One grant of all, the newest, which stays the selected one; below it one of its own; and as many more as
 * make ten thousand in all. */
static const char scenario[] = "include " SRCDIR "/screen/people.scenario\n"
                               "person alice session\n"
                               "grants 250\n"
                               "grant all bob prod-db-admin\n"
                               "  asked %s\n"
                               "  hosts%s\n"
                               "grant own" OWN "prod-db-admin\n"
                               "  asked %s\n"
                               "  hosts %s\n";

static char names[HOSTS][8];

static void play(struct hosts *hosts)
{
    char text[1024], all[HOSTS * 8 + 1] = "", newest[BG_TIME_SIZE], next[BG_TIME_SIZE];

    for (int i = 0; i < HOSTS; i++) {
        (void)snprintf(names[i], sizeof names[i], "db%d", 101 + i);
        (void)snprintf(all + strlen(all), sizeof all - strlen(all), " %s", names[i]);
    }
    bg_time_format(newest, bg_now());
    bg_time_format(next, bg_now() - 10);
    for (int i = 0; i < HOSTS; i++) {
        (void)snprintf(text, sizeof text, scenario, newest, all, next, names[i]);
        hosts_play(hosts, names[i], text);
    }
}

/* --- the floor: the same ways to the same hosts, and one word from each --- */

static pid_t connect_known(struct hosts *hosts, const char *name, int *fd)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        abort();
    pid_t pid = fork();
    if (pid == 0) {
        (void)dup2(ends[1], STDIN_FILENO);
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)execle(SRCDIR "/screen/ssh", "ssh", "--", name, "bridge", (char *)NULL,
                     hosts_environment(hosts));
        _exit(127);
    }
    (void)close(ends[1]);
    if (pid < 0 || write(ends[0], "\0AUTH ANONYMOUS\r\n", 17) != 17)
        abort();
    *fd = ends[0];
    return pid;
}

static void floor_once(struct hosts *hosts, struct samples *s)
{
    struct pollfd fds[HOSTS];
    pid_t pids[HOSTS];
    double began = now_ms();
    int left = HOSTS;

    for (int i = 0; i < HOSTS; i++) {
        pids[i] = connect_known(hosts, names[i], &fds[i].fd);
        fds[i].events = POLLIN;
    }
    while (left > 0 && poll(fds, HOSTS, PATIENCE_MS) > 0)
        for (int i = 0; i < HOSTS; i++)
            if (fds[i].revents && fds[i].events) {
                fds[i].events = 0;
                left--;
            }
    samples_add(s, now_ms() - began);
    for (int i = 0; i < HOSTS; i++) {
        (void)close(fds[i].fd);
        (void)kill(pids[i], SIGKILL);
        (void)waitpid(pids[i], NULL, 0);
    }
}

/* --- the console --- */

static void start(struct hosts *hosts, struct terminal *t)
{
    const char *argv[3 + 2 * HOSTS + 1] = {BUILDDIR "/../console/breakglass", "--root",
                                           scratch_path(&hosts->scratch, "home")};

    for (int i = 0; i < HOSTS; i++) {
        argv[3 + 2 * i] = "-H";
        argv[4 + 2 * i] = names[i];
    }
    terminal_start(t, 60, 100, argv, hosts_environment(hosts)); /* all their rows fit on it */
}

/* When the rows of the first n hosts were all there. */
static double await_rows(struct terminal *t, int n)
{
    for (int i = 0; i < n; i++)
        (void)terminal_await_row(t, OWN, names[i], PATIENCE_MS);
    return t->at;
}

static void many_once(struct hosts *hosts, int prompt, struct samples *screen, struct samples *rows,
                      struct samples *slow)
{
    struct terminal t;

    start(hosts, &t);
    samples_add(screen, terminal_await(&t, "40 hosts", PATIENCE_MS) - t.began);
    samples_add(rows, await_rows(&t, prompt) - t.began);
    if (slow)
        samples_add(slow, terminal_await_row(&t, OWN, names[SLOW], PATIENCE_MS) - t.began);
    terminal_end(&t);
}

static void meet(const struct hosts *hosts, bool trouble)
{
    hosts_meet(hosts, names[SLOW], "slow", trouble ? SLOW_S : NULL);
    hosts_meet(hosts, names[SILENT], "silent", trouble ? "" : NULL);
}

void many_hosts(struct hosts *hosts)
{
    static struct samples ways, screen, rows, screen_again, others, slow;

    play(hosts);
    for (int i = 0; i < ROUNDS; i++) {
        meet(hosts, false);
        floor_once(hosts, &ways);
        many_once(hosts, HOSTS, &screen, &rows, NULL);
        meet(hosts, true);
        many_once(hosts, SLOW, &screen_again, &others, &slow);
    }
    printf("40 hosts of 251 grants by what stands in for ssh (the floor: each has said a word):\n");
    samples_print("the floor", &ways, NULL);
    samples_print("the screen", &screen, &ways);
    samples_print("rows of all", &rows, &ways);
    samples_print("of 38, another " SLOW_S " s late, another silent", &others, &ways);
    samples_print("of the late one", &slow, NULL);
    print_goal("milliseconds to the screen", samples_at(&screen_again, 50), 100);
    print_goal("of the time with none late", samples_at(&others, 50) / samples_at(&rows, 50), 1.1);
}
