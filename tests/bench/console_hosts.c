/* SPDX-License-Identifier: ISC */
/* Played hosts in a scratch folder, and the console's start in front of them. */
#include "tests/bench/console_hosts.h"

#include "policy/base/cleanup.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#define PLAY_HOST BUILDDIR "/screen/play_host"

static void must(bool yes, const char *what)
{
    if (!yes) {
        fprintf(stderr, "bench: %s\n", what);
        exit(1);
    }
}

void hosts_begin(struct hosts *h)
{
    *h = (struct hosts){0};
    must(scratch_make_in(&h->scratch, access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp") == 0, "a folder");
    must(scratch_folder(&h->scratch, "hosts") == 0 && scratch_folder(&h->scratch, "home") == 0, "folders");
}

void hosts_end(struct hosts *h)
{
    for (size_t i = 0; i < h->n; i++) {
        (void)kill(h->pids[i], SIGKILL);
        (void)waitpid(h->pids[i], NULL, 0);
    }
    h->n = 0;
    if (*h->scratch.path)
        scratch_drop(&h->scratch);
    h->scratch.path[0] = '\0';
}

static bool answers(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    bg_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)snprintf(address.sun_path, sizeof address.sun_path, "%.100s", path);
    return fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
}

static void play(struct hosts *h, const char *name, const char *scenario, const char *socket)
{
    const struct timespec moment = {.tv_nsec = 20000000};
    char file[64];

    must(h->n < HOSTS_MAX, "too many hosts");
    (void)snprintf(file, sizeof file, "%zu.scenario", h->n);
    must(scratch_write(&h->scratch, file, scenario) == 0, file);
    pid_t pid = h->pids[h->n++] = fork();
    if (pid == 0) {
        (void)execl(PLAY_HOST, PLAY_HOST, "--host", name, scratch_path(&h->scratch, file), "--socket", socket,
                    (char *)NULL);
        _exit(127);
    }
    must(pid > 0, "fork");
    while (!answers(socket)) {
        must(waitpid(pid, NULL, WNOHANG) == 0, PLAY_HOST);
        (void)nanosleep(&moment, NULL);
    }
}

void hosts_play_local(struct hosts *h, const char *folder, const char *scenario)
{
    char path[80];

    (void)snprintf(path, sizeof path, "%s/run/breakglass", folder);
    must(scratch_folder(&h->scratch, path) == 0, path);
    (void)snprintf(path, sizeof path, "%s/run/breakglass/bus", folder);
    play(h, "db1", scenario, scratch_path(&h->scratch, path));
}

void hosts_play(struct hosts *h, const char *name, const char *scenario)
{
    char path[80];

    (void)snprintf(path, sizeof path, "hosts/%s.bus", name);
    play(h, name, scenario, scratch_path(&h->scratch, path));
}

void hosts_meet(const struct hosts *h, const char *name, const char *what, const char *text)
{
    char path[80];

    (void)snprintf(path, sizeof path, "hosts/%s.%s", name, what);
    if (text)
        must(scratch_write(&h->scratch, path, text) == 0, path);
    else
        (void)unlink(scratch_path(&h->scratch, path));
}

const char *const *hosts_environment(const struct hosts *h)
{
    static char home[PATH_MAX + 8], hosts[PATH_MAX + 16], path[PATH_MAX];
    static const char *const environment[] = {
        home, hosts, path, "PLAY_HOST=" PLAY_HOST, "TERM=xterm-256color", "LC_ALL=C.UTF-8", "TZ=UTC", NULL};
    const char *usual = getenv("PATH");

    (void)snprintf(home, sizeof home, "HOME=%s", scratch_path(&h->scratch, "home"));
    (void)snprintf(hosts, sizeof hosts, "PLAY_HOSTS=%s", scratch_path(&h->scratch, "hosts"));
    (void)snprintf(path, sizeof path, "PATH=" SRCDIR "/screen:%s", usual ? usual : "/usr/bin:/bin");
    return environment;
}
