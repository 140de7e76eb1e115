/* SPDX-License-Identifier: ISC */
/* What breakglassd answers to Why: the real one, on the files of the case, over its socket. */
#include "console/base/destination.h"
#include "console/client/calls.h"
#include "policy/base/cleanup.h"
#include "tests/unit/admission/answers.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#define PROGRAM BUILDDIR "/../broker/breakglassd"
#define SOCKET_FD 3       /* SD_LISTEN_FDS_START */
#define ENDS_WITHIN 20000 /* milliseconds */

static int listen_below(const struct scratch *host)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s/" BG_RUN "/bus", host->path);
    (void)unlink(at.sun_path);
    CHECK(fd >= 0 && bind(fd, (const struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 8) == 0,
          "no socket at %s", at.sun_path);
    return fd;
}

/* With its socket handed over as systemd does it, so that nobody has to wait for one. */
static pid_t start(const struct scratch *host)
{
    bg_close_ int fd = listen_below(host);
    pid_t pid = fork();

    CHECK(pid >= 0, "no process");
    if (pid > 0)
        return pid;
    char number[16];
    (void)snprintf(number, sizeof number, "%d", (int)getpid());
    if ((fd == SOCKET_FD ? fcntl(fd, F_SETFD, 0) : dup2(fd, SOCKET_FD)) < 0 ||
        prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || setenv("LISTEN_PID", number, 1) < 0 ||
        setenv("LISTEN_FDS", "1", 1) < 0)
        _exit(1);
    (void)execl(PROGRAM, PROGRAM, "--root", host->path, NULL);
    _exit(1);
}

static void stop(pid_t pid, struct case_file *c)
{
    struct pollfd ended = {.fd = pidfd_open(pid, 0), .events = POLLIN};
    int status = 0;

    CHECK(ended.fd >= 0, "no pidfd");
    (void)kill(pid, SIGTERM);
    if (poll(&ended, 1, ENDS_WITHIN) != 1)
        (void)kill(pid, SIGKILL);
    (void)close(ended.fd);
    CHECK(waitpid(pid, &status, 0) == pid, "the broker is gone");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        CASE_FAIL(c, "the broker did not end well: status %d", status);
}

static void take(struct told *told, const struct bg_why_row *row)
{
    told->open = row->open;
    told->ends = row->ends;
    (void)snprintf(told->state, sizeof told->state, "%s", row->state);
    (void)snprintf(told->why, sizeof told->why, "%s", row->why);
    (void)snprintf(told->id, sizeof told->id, "%s", row->id);
    (void)snprintf(told->sentence, sizeof told->sentence, "%s", row->sentence);
}

/* One that stays, whatever happens to its host meanwhile; 0: each question has its own. */
static pid_t kept;

void broker_keep(const struct scratch *host)
{
    kept = start(host);
}

void broker_drop(struct case_file *c)
{
    if (kept)
        stop(kept, c);
    kept = 0;
}

void told_by_broker(struct told *told, struct case_file *c, const struct asked *asked)
{
    struct bg_list local = {0};
    struct bg_sentence err = {0};
    struct calls fan = {0};
    pid_t own = kept ? 0 : start(asked->host);

    *told = (struct told){0};
    destination_set_root(asked->host->path);
    CHECK(calls_open(&fan, &local, &err) >= 0 && fan.n == 1, "cannot call the broker: %s", err.text);
    calls_call(&fan, NULL, &(struct call_args){BG_METHOD_WHY, .text = {asked->person, asked->account}});
    const struct bg_why_row *row = reply_why(calls_reply(&fan.link[0]));
    if (row)
        take(told, row);
    else
        CASE_FAIL(c, "the broker gives no answer: %s", fan.link[0].error.text);
    calls_close(&fan);
    if (own)
        stop(own, c);
}
