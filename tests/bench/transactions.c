/* SPDX-License-Identifier: ISC */
/* Measures whole PAM transactions (start, account, open and close session, end). A program of its own, which
 * links neither libsodium nor anything of ours: as in sshd, each transaction loads what its modules need.
 *
 * transactions CONFDIR INFO ROUNDS (NAME SERVICE ROOT)…: prints "NAME<tab>BEST<tab>MEDIAN" in microseconds.
 */
#include <dirent.h>
#include <fcntl.h>
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

struct runner {
    const char *name, *service, *root;
    double *times; /* microseconds */
};

static int log_socket = -1;

static int converse(int n, const struct pam_message **messages, struct pam_response **responses, void *data)
{
    (void)messages;
    (void)data;
    *responses = calloc((size_t)n, sizeof **responses);
    return *responses ? PAM_SUCCESS : PAM_CONV_ERR;
}

static void must(int code, const char *what)
{
    if (code != PAM_SUCCESS) {
        fprintf(stderr, "bench: %s gave %d\n", what, code);
        exit(1);
    }
}

static double now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double transaction(const struct runner *r, const char *confdir, const char *info)
{
    static const struct pam_conv conv = {converse, NULL};
    pam_handle_t *pamh = NULL;
    double began = now_us();

    must(pam_start_confdir(r->service, "root", &conv, confdir, &pamh), "pam_start");
    must(pam_set_item(pamh, PAM_RHOST, "192.0.2.7"), "pam_set_item");
    must(pam_putenv(pamh, info), "pam_putenv");
    must(pam_acct_mgmt(pamh, 0), r->name);
    must(pam_open_session(pamh, 0), r->name);
    must(pam_close_session(pamh, PAM_SILENT), r->name);
    must(pam_end(pamh, PAM_SUCCESS), "pam_end");
    return now_us() - began;
}

/* What the broker and the log's daemon would take away, outside of what is measured. */
static void tidy(const struct runner *r)
{
    char path[512], text[4096];
    const struct dirent *entry;

    (void)snprintf(path, sizeof path, "%s/run/breakglass/spool", r->root);
    DIR *spool = opendir(path);
    while (spool && (entry = readdir(spool)))
        if (entry->d_name[0] != '.')
            (void)unlinkat(dirfd(spool), entry->d_name, 0);
    if (spool)
        (void)closedir(spool);
    while (log_socket >= 0 && recv(log_socket, text, sizeof text, MSG_DONTWAIT) > 0)
        ;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void listen_to_log(const char *root)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    (void)snprintf(address.sun_path, sizeof address.sun_path, "%.80s/dev/log", root);
    (void)unlink(address.sun_path);
    log_socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (log_socket < 0 || bind(log_socket, (const struct sockaddr *)&address, sizeof address) < 0)
        exit(1);
}

/* In turns, so that whatever else the machine does falls on all alike. */
static void measure(const struct runner *runners, int n, int rounds, const char *confdir, const char *info)
{
    for (int round = -20; round < rounds; round++) {
        for (int i = 0; i < n; i++) {
            const struct runner *r = &runners[(i + round + 20) % n];
            (void)setenv("BREAKGLASS_TEST_ROOT", r->root, 1);
            double t = transaction(r, confdir, info);
            if (round >= 0)
                r->times[round] = t;
            tidy(r);
        }
    }
}

int main(int argc, char **argv)
{
    int n = (argc - 4) / 3, rounds = argc > 3 ? atoi(argv[3]) : 0;
    struct runner runners[16];

    if (n < 1 || n > 16 || rounds < 1 || rounds > 100000)
        return 2;
    for (int i = 0; i < n; i++) {
        char **word = argv + 4 + 3 * i;
        runners[i] = (struct runner){word[0], word[1], word[2], calloc((size_t)rounds, sizeof(double))};
        if (!runners[i].times)
            return 1;
    }
    listen_to_log(runners[0].root);
    measure(runners, n, rounds, argv[1], argv[2]);
    for (int i = 0; i < n; i++) {
        qsort(runners[i].times, (size_t)rounds, sizeof(double), by_value);
        printf("%s\t%.2f\t%.2f\n", runners[i].name, runners[i].times[0], runners[i].times[rounds / 2]);
    }
    return 0;
}
