/* SPDX-License-Identifier: ISC */
/* A socket by which the test tells a played host what happens next. */
#include "tests/screen/control.h"

#include "policy/base/cleanup.h"
#include "tests/screen/conns.h"
#include "tests/screen/events.h"
#include "tests/screen/scenario.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define TEXT_MAX 65536

static int set_address(struct sockaddr_un *address, const char *path)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address->sun_path)
        return -ENAMETOOLONG;
    strcpy(address->sun_path, path);
    return 0;
}

/* --- the host's side --- */

static int obey(struct play *p, const char *text, struct bg_sentence *err)
{
    int r;

    if (strcmp(text, "die\n") == 0) {
        p->hung = false;
        return sd_event_exit(p->event, 0);
    }
    if (strcmp(text, "hang\n") == 0 || strcmp(text, "resume\n") == 0) {
        p->hung = *text == 'h';
        return 0;
    }
    if (strcmp(text, "drop\n") == 0) {
        conns_drop(p);
        return 0;
    }
    r = scenario_read(p, "./control", text, err);
    events_settle(p);
    return r;
}

static void take(struct play *p)
{
    static char text[TEXT_MAX + 1];
    struct sockaddr_un from;
    socklen_t len = sizeof from;
    struct bg_sentence err = {"ok"};
    ssize_t n = recvfrom(p->control_fd, text, TEXT_MAX, 0, (struct sockaddr *)&from, &len);

    if (n < 0)
        return;
    text[n] = '\0';
    (void)obey(p, text, &err);
    (void)sendto(p->control_fd, err.text, strlen(err.text), MSG_DONTWAIT, (struct sockaddr *)&from, len);
}

/* A host that hangs still hears this, and nothing else. */
static int on_control(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    struct play *p = userdata;
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

    (void)source, (void)events;
    do
        take(p);
    while (p->hung && poll(&poll_fd, 1, -1) >= 0);
    return 0;
}

int control_listen(struct play *p, const char *path)
{
    struct sockaddr_un address;
    int r = set_address(&address, path);

    if (r < 0)
        return r;
    (void)unlink(path);
    p->control_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (p->control_fd < 0 || bind(p->control_fd, (struct sockaddr *)&address, sizeof address) < 0)
        return -errno;
    return sd_event_add_io(p->event, NULL, p->control_fd, EPOLLIN, on_control, p);
}

/* --- the test's side --- */

static char *join(int n, char **lines)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = need(open_memstream(&text, &size));

    for (int i = 0; i < n; i++)
        (void)fprintf(out, "%s\n", lines[i]);
    if (fclose(out) != 0)
        abort();
    return text;
}

/* An address that the kernel chooses, so that there is somewhere to answer to. */
static int connect_known(const char *path)
{
    const struct sockaddr_un own = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec = 10};
    struct sockaddr_un address;
    bg_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (set_address(&address, path) < 0 || fd < 0 ||
        bind(fd, (const struct sockaddr *)&own, sizeof own.sun_family) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0 ||
        connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return -errno;
    return BG_TAKE_FD(fd);
}

int control_tell(const char *path, int n, char **lines)
{
    bg_free_ char *text = join(n, lines);
    bg_close_ int fd = connect_known(path);
    char answer[BG_SENTENCE_SIZE + 1] = "";

    if (fd < 0 || send(fd, text, strlen(text), 0) < 0 || recv(fd, answer, BG_SENTENCE_SIZE, 0) < 0) {
        fprintf(stderr, "play_host: %s: %s\n", path, strerror(errno));
        return EXIT_FAILURE;
    }
    if (strcmp(answer, "ok") == 0)
        return EXIT_SUCCESS;
    fprintf(stderr, "play_host: %s\n", answer);
    return EXIT_FAILURE;
}
