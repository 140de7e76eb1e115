/* SPDX-License-Identifier: ISC */
/* A socket that speaks D-Bus as the broker does, and the clients that came by it. */
#include "tests/screen/conns.h"

#include "tests/screen/answers.h"
#include "broker/api/api.h"
#include "policy/base/cleanup.h"
#include "tests/screen/grants.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

struct client {
    struct play *p;
    sd_bus *bus;
    bool watching;
    struct client *next;
};

static const struct {
    const char *name;
    answer_method *answer;
} methods[] = {
    {"Who", answer_who},         {"Roles", answer_roles}, {"List", answer_list}, {"Show", answer_show},
    {"Get", answer_get},         {"Draft", answer_draft}, {"Put", answer_put},   {"Ask", answer_ask},
    {"Close", compose_close},    {"Watch", answer_watch}, {"Log", answer_log},   {"Why", answer_why},
    {"Explain", answer_explain},
};

/* --- calls --- */

/* The sentence with which the scenario has this method refused, or NULL. */
static const char *refusal(const struct play *p, const char *method)
{
    size_t n = strlen(method);

    for (size_t i = 0; i < p->refused.n; i++)
        if (strncmp(p->refused.v[i], method, n) == 0 && p->refused.v[i][n] == ' ')
            return p->refused.v[i] + n + 1;
    return NULL;
}

static void wait_a_moment(const struct play *p)
{
    const struct timespec delay = {.tv_sec = p->delay / 1000, .tv_nsec = p->delay % 1000 * 1000000};

    if (p->delay > 0)
        (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &delay, NULL);
}

static int on_call(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
    struct client *c = userdata;
    const char *member = sd_bus_message_get_member(m), *no = member ? refusal(c->p, member) : NULL;

    if (!sd_bus_message_is_method_call(m, BG_BUS_INTERFACE, NULL))
        return 0;
    wait_a_moment(c->p);
    grants_catch_up(c->p);
    if (no)
        return answer_fail(error, -EPERM, no);
    for (size_t i = 0; i < BG_COUNT(methods); i++)
        if (strcmp(methods[i].name, member) == 0)
            return methods[i].answer(c->p, c, m, error);
    return 0;
}

void conn_watch(struct client *c, bool on)
{
    c->watching = on;
}

/* --- connections --- */

static int start(struct client *c, int in, int out)
{
    sd_id128_t id;
    int r = sd_id128_randomize(&id);

    if (r >= 0)
        r = sd_bus_new(&c->bus);
    if (r >= 0)
        r = sd_bus_set_fd(c->bus, in, out);
    if (r >= 0)
        r = sd_bus_set_server(c->bus, 1, id);
    if (r >= 0)
        r = sd_bus_set_anonymous(c->bus, 1);
    if (r >= 0)
        r = sd_bus_set_trusted(c->bus, 1);
    if (r >= 0)
        r = sd_bus_negotiate_fds(c->bus, 0);
    if (r >= 0)
        r = sd_bus_add_object(c->bus, NULL, BG_BUS_PATH, on_call, c);
    if (r >= 0)
        r = sd_bus_start(c->bus);
    return r < 0 ? r : sd_bus_attach_event(c->bus, c->p->event, SD_EVENT_PRIORITY_NORMAL);
}

static void conn_free(struct client *c)
{
    for (struct client **link = &c->p->conns; *link; link = &(*link)->next)
        if (*link == c) {
            *link = c->next;
            break;
        }
    sd_bus_close_unref(c->bus);
    free(c);
}

int conn_open(struct play *p, int in, int out)
{
    struct client *c = need(calloc(1, sizeof *c));
    int r;

    *c = (struct client){.p = p, .next = p->conns};
    p->conns = c;
    r = start(c, in, out);
    if (r < 0)
        conn_free(c);
    return r;
}

void conns_drop(struct play *p)
{
    while (p->conns)
        conn_free(p->conns);
}

/* After every round: a connection must not be freed inside its own methods. */
static int bury(sd_event_source *source, void *userdata)
{
    struct play *p = userdata;

    (void)source;
    for (struct client *c = p->conns, *next; c; c = next) {
        next = c->next;
        if (sd_bus_is_open(c->bus) <= 0)
            conn_free(c);
    }
    if (!p->conns && p->listen_fd < 0)
        return sd_event_exit(p->event, 0);
    return 0;
}

static int on_connect(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    (void)source, (void)events;
    if (client >= 0)
        (void)conn_open(userdata, client, client);
    return 0;
}

int conns_start(struct play *p)
{
    return sd_event_add_post(p->event, NULL, bury, p);
}

int conns_listen(struct play *p, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof address.sun_path)
        return -ENAMETOOLONG;
    strcpy(address.sun_path, path);
    (void)unlink(path);
    p->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (p->listen_fd < 0 || bind(p->listen_fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(p->listen_fd, 64) < 0)
        return -errno;
    return sd_event_add_io(p->event, NULL, p->listen_fd, EPOLLIN, on_connect, p);
}

/* --- signals --- */

void conns_changed(struct play *p, const struct play_grant *g)
{
    const struct field *id = fields_get(&g->row, BG_NAME(grant, id)),
                       *person = fields_get(&g->row, BG_NAME(grant, person)),
                       *state = fields_get(&g->row, BG_NAME(grant, state));

    for (struct client *c = p->conns; c; c = c->next)
        if (c->watching)
            (void)sd_bus_emit_signal(c->bus, BG_BUS_PATH, BG_BUS_INTERFACE,
                                     bg_signal_names[BG_SIGNAL_CHANGED], "sss", person->text, id->text,
                                     state->text);
}

void conns_logged(struct play *p, const char *grant)
{
    for (struct client *c = p->conns; c; c = c->next)
        if (c->watching)
            (void)sd_bus_emit_signal(c->bus, BG_BUS_PATH, BG_BUS_INTERFACE, bg_signal_names[BG_SIGNAL_LOGGED],
                                     "s", grant ? grant : "");
}
