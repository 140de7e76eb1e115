/* SPDX-License-Identifier: ISC */
/* Plays one breakglass host from a scenario (README):
 *
 *   play_host [--host NAME] [--control PATH] SCENARIO --socket PATH    for any number of clients
 *   play_host [--host NAME] [--control PATH] SCENARIO --stdio          for one, as behind ssh
 *   play_host [--host NAME] SCENARIO --ids        prints "NAME ID" of each grant
 *   play_host [--host NAME] --join PATH           joins stdin and stdout to such a socket, as ssh would
 *   play_host --tell PATH LINE…                   says something to the control socket
 *   play_host --key NAME FILE                     writes the private key of that name, and FILE.pub */
#include "policy/base/cleanup.h"
#include "tests/screen/conns.h"
#include "tests/screen/control.h"
#include "tests/screen/events.h"
#include "tests/screen/grants.h"
#include "tests/screen/pens.h"
#include "tests/screen/scenario.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define TICK 200000ULL /* microseconds between two looks at the clock */

struct options {
    const char *host, *socket, *control, *join, *tell, *key;
    int stdio, ids;
};

static int usage(void)
{
    fputs("usage: play_host [--host NAME] [--control PATH] SCENARIO --socket PATH | --stdio | --ids\n"
          "       play_host [--host NAME] --join PATH | --tell PATH LINE… | --key NAME FILE\n",
          stderr);
    return 2;
}

static int failed(const char *what, int r)
{
    fprintf(stderr, "play_host: %s: %s\n", what, strerror(-r));
    return EXIT_FAILURE;
}

/* --- one host --- */

static void play_begin(struct play *p, const char *host)
{
    *p = (struct play){.listen_fd = -1, .control_fd = -1, .sees_all = true};
    p->b.site.root.fd = p->scratch.root.fd = -1;
    p->person = need_copy("");
    p->how = need_copy("none");
    p->fixed_host = host != NULL;
    (void)snprintf(p->b.site.host.name, sizeof p->b.site.host.name, "%s", host ? host : "db1");
}

static void play_end(struct play *p)
{
    conns_drop(p);
    grants_free(p);
    events_free(p);
    bg_policy_free(&p->b.site.policy);
    bg_signers_free(&p->b.site.signers);
    fields_free(&p->roles);
    bg_list_free(&p->fido);
    bg_list_free(&p->keys);
    bg_list_free(&p->changes);
    bg_list_free(&p->contacts);
    bg_list_free(&p->explain);
    bg_list_free(&p->refused);
    free(p->person);
    free(p->how);
    free(p->policy_digest);
    free(p->signers_digest);
    sd_event_unref(p->event);
    if (*p->scratch.path)
        scratch_drop(&p->scratch);
}

/* Watchers are told of what time alone has changed. */
static int on_tick(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct play *p = userdata;

    grants_catch_up(p);
    (void)sd_event_source_set_time(source, usec + TICK);
    return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* A played host does not outlive the test that started it. */
static int start(struct play *p, const struct options *o)
{
    int r = prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ? -errno : sd_event_default(&p->event);

    if (r >= 0)
        r = sd_event_add_signal(p->event, NULL, SIGTERM, NULL, NULL);
    if (r >= 0)
        r = sd_event_add_time_relative(p->event, NULL, CLOCK_MONOTONIC, TICK, 0, on_tick, p);
    if (r >= 0)
        r = conns_start(p);
    if (r >= 0 && o->control)
        r = control_listen(p, o->control);
    if (r >= 0 && o->socket)
        r = conns_listen(p, o->socket);
    if (r >= 0 && o->stdio)
        r = conn_open(p, STDIN_FILENO, STDOUT_FILENO);
    return r;
}

static int run(struct play *p, const struct options *o)
{
    int r = start(p, o);

    if (r >= 0)
        r = sd_event_loop(p->event);
    if (o->socket)
        (void)unlink(o->socket);
    if (o->control)
        (void)unlink(o->control);
    return r < 0 ? failed("cannot play", r) : EXIT_SUCCESS;
}

static int print_ids(const struct play *p)
{
    for (size_t i = 0; i < p->n_grants; i++)
        if (*p->grants[i]->name)
            printf("%s %s\n", p->grants[i]->name, p->grants[i]->grant.id);
    return EXIT_SUCCESS;
}

static int play(const struct options *o, const char *scenario)
{
    struct bg_sentence err;
    struct play p;
    int status = EXIT_FAILURE;

    play_begin(&p, o->host);
    if (scenario_load(&p, scenario, &err) < 0) {
        fprintf(stderr, "play_host: %s\n", err.text);
    } else {
        pens_host(&p);
        events_settle(&p);
        status = o->ids ? print_ids(&p) : run(&p, o);
    }
    play_end(&p);
    return status;
}

/* --- standard input and output joined to a socket, as the bridge does it --- */

static int pass(int from, int to)
{
    char bytes[65536];
    ssize_t n = read(from, bytes, sizeof bytes), sent = 0;

    for (ssize_t done = 0; done < n; done += sent)
        if ((sent = write(to, bytes + done, (size_t)(n - done))) < 0)
            return -errno;
    return n > 0 ? 0 : -EPIPE;
}

static int join_to(const char *path, const char *host)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    bg_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    int r = 0;
    bool closed = false;

    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return failed(path, -errno);
    while (r == 0 && poll(fds, 2, -1) >= 0) {
        if (fds[0].revents)
            r = pass(STDIN_FILENO, fd);
        if (r == 0 && fds[1].revents) {
            r = pass(fd, STDOUT_FILENO);
            closed = r < 0;
        }
    }
    if (!closed)
        return EXIT_SUCCESS;
    fprintf(stderr, "Connection to %s closed by remote host.\n", host ? host : "HOST");
    return 255;
}

int main(int argc, char **argv)
{
    struct options o = {0};
    const struct option options[] = {
        {"host", required_argument, NULL, 'h'},
        {"socket", required_argument, NULL, 's'},
        {"control", required_argument, NULL, 'c'},
        {"join", required_argument, NULL, 'j'},
        {"tell", required_argument, NULL, 't'},
        {"key", required_argument, NULL, 'k'},
        {"stdio", no_argument, &o.stdio, 1},
        {"ids", no_argument, &o.ids, 1},
        {0},
    };
    const char **values[] = {['h'] = &o.host, ['s'] = &o.socket, ['c'] = &o.control,
                             ['j'] = &o.join, ['t'] = &o.tell,   ['k'] = &o.key};
    sigset_t signals;
    int r;

    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == '?')
            return usage();
        if (c != 0)
            *values[c] = optarg;
    }
    if (sodium_init() < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR || sigemptyset(&signals) < 0 ||
        sigaddset(&signals, SIGTERM) < 0 || sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
        return EXIT_FAILURE;
    if (o.join)
        return join_to(o.join, o.host);
    if (o.tell)
        return control_tell(o.tell, argc - optind, argv + optind);
    if (optind + 1 != argc)
        return usage();
    if (o.key) {
        r = pen_write(o.key, argv[optind]);
        return r < 0 ? failed(argv[optind], r) : EXIT_SUCCESS;
    }
    if (!o.socket && !o.stdio && !o.ids)
        return usage();
    return play(&o, argv[optind]);
}
