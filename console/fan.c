#include "fan.h"

#include "clean.h"
#include "cleanup.h"
#include "place.h"
#include "say.h"
#include "when.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define BROKER_PATH "/org/breakglass/Broker1"
#define BROKER_INTERFACE "org.breakglass.Broker1"
#define SECOND ((uint64_t)1000000)
/* A person may have to type a passphrase or touch a key while ssh connects to one host; with several, ssh may
 * not ask. */
#define PATIENCE_ONE (120 * SECOND)
#define PATIENCE_SEVERAL (40 * SECOND)

static void settle(struct fan_link *link, enum fan_state state)
{
    if (link->state == FAN_WAITING)
        link->fan->waiting--;
    link->state = state;
    link->answered = bg_now();
}

static void unreachable(struct fan_link *link, const char *why)
{
    if (*link->last && !link->fan->late)
        (void)bg_fail(&link->error, 0, "unreachable: %s", link->last);
    else
        (void)bg_fail(&link->error, 0, "unreachable: %s", why);
    settle(link, FAN_UNREACHABLE);
}

/* One line of what ssh and the host say on the way; with a single host it is shown at once. */
static void heard_line(struct fan_link *link)
{
    if (link->said_len == 0)
        return;
    (void)bg_clean_bytes(link->last, sizeof(link->last), link->said, link->said_len);
    link->said_len = 0;
    if (link->fan->n == 1)
        say(stderr, "%s: %s", link->host, link->last);
}

static void heard(struct fan_link *link, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '\n' || bytes[i] == '\r')
            heard_line(link);
        else if (link->said_len < sizeof(link->said))
            link->said[link->said_len++] = bytes[i];
    }
}

static int on_stderr(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    struct fan_link *link = userdata;
    char bytes[1024];
    ssize_t n = read(fd, bytes, sizeof(bytes));

    (void)events;
    if (n > 0)
        heard(link, bytes, (size_t)n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        heard_line(link);
        (void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
    }
    return 0;
}

/* ssh writes its complaints to a pipe of ours: a host must not write to the terminal unseen. sd-bus lets its
 * child inherit standard error, so ours is swapped for the moment of the fork. */
static int start_with_pipe(struct fan_link *link)
{
    int ends[2] = {-1, -1}, started, r;
    bg_close_ int reader = -1, writer = -1, saved = -1;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    reader = ends[0];
    writer = ends[1];
    saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (saved < 0 || fcntl(reader, F_SETFL, O_NONBLOCK) < 0 || dup2(writer, STDERR_FILENO) < 0)
        return -errno;
    started = sd_bus_start(link->bus);
    if (dup2(saved, STDERR_FILENO) < 0)
        return -errno;
    /* Also where it failed: an ssh that ends at once has said why. */
    r = sd_event_add_io(link->fan->event, &link->stderr_source, reader, EPOLLIN, on_stderr, link);
    if (r < 0)
        return r;
    r = sd_event_source_set_io_fd_own(link->stderr_source, true);
    if (r >= 0)
        reader = -1;
    return r < 0 ? r : started;
}

static int start_ssh(struct fan_link *link, bool several)
{
    char *argv[20];
    size_t n = 0;
    int r;

    argv[n++] = (char *)"ssh";
    argv[n++] = (char *)"-Txa"; /* no terminal, no X11, no agent: a host gets nothing of ours */
    argv[n++] = (char *)"-oConnectTimeout=10";
    argv[n++] = (char *)"-oClearAllForwardings=yes";
    argv[n++] = (char *)"-oRemoteCommand=none";
    if (several)
        argv[n++] = (char *)"-oBatchMode=yes";
    argv[n++] = (char *)"-lbreakglass";
    argv[n++] = (char *)"--";
    argv[n++] = link->host;
    argv[n++] = (char *)"bridge";
    argv[n] = NULL;
    r = sd_bus_set_exec(link->bus, "ssh", argv);
    return r < 0 ? r : start_with_pipe(link);
}

static int start_local(struct fan_link *link)
{
    bg_free_ char *path = place_bus_path();
    bg_free_ char *address = NULL;
    int r;

    if (!path || asprintf(&address, "unix:path=%s", path) < 0) {
        address = NULL;
        return -ENOMEM;
    }
    r = sd_bus_set_address(link->bus, address);
    return r < 0 ? r : sd_bus_start(link->bus);
}

static void say_why_not(struct fan_link *link, int r)
{
    if (link->host)
        (void)bg_fail(&link->error, 0, "unreachable: cannot start ssh: %s", strerror(-r));
    else if (r == -EACCES || r == -EPERM)
        (void)bg_fail(
            &link->error, 0,
            "only root and the group breakglass may speak to the broker here; use -H HOST, which comes in by "
            "ssh breakglass@HOST");
    else if (r == -ENOENT)
        (void)bg_fail(&link->error, 0,
                      "there is no broker on this machine (/" BG_RUN
                      "/bus): name a host with -H HOST, or see "
                      "systemctl status breakglassd.socket");
    else
        (void)bg_fail(&link->error, 0, "the broker does not answer: %s; see systemctl status breakglassd",
                      strerror(-r));
    link->state = FAN_UNREACHABLE;
}

static int link_start(struct fan_link *link, bool several)
{
    int r = sd_bus_new(&link->bus);

    if (r >= 0)
        r = sd_bus_negotiate_fds(link->bus, 0);
    if (r >= 0)
        r = link->host ? start_ssh(link, several) : start_local(link);
    if (r >= 0)
        r = sd_bus_attach_event(link->bus, link->fan->event, SD_EVENT_PRIORITY_NORMAL);
    return r;
}

int fan_open(struct fan *fan, const struct bg_list *hosts, struct bg_error *err)
{
    size_t n = hosts->n ? hosts->n : 1;
    int r = place_check(hosts, err);

    *fan = (struct fan){0};
    if (r < 0)
        return r;
    r = sd_event_new(&fan->event);
    if (r < 0)
        return bg_fail(err, r, "cannot make an event loop: %s", strerror(-r));
    fan->link = calloc(n, sizeof(*fan->link));
    if (!fan->link)
        return bg_fail(err, -ENOMEM, "no memory left");
    fan->n = n;
    for (size_t i = 0; i < n; i++) {
        struct fan_link *link = &fan->link[i];

        link->fan = fan;
        link->state = FAN_READY;
        if (hosts->n && !(link->host = strdup(hosts->v[i])))
            return bg_fail(err, -ENOMEM, "no memory left");
        r = link_start(link, n > 1);
        if (r < 0)
            say_why_not(link, r);
    }
    return 0;
}

void fan_close(struct fan *fan)
{
    for (size_t i = 0; i < fan->n; i++) {
        struct fan_link *link = &fan->link[i];

        sd_bus_slot_unref(link->slot);
        sd_bus_close_unref(link->bus);
        sd_event_source_unref(link->stderr_source);
        json_putp(&link->reply);
        json_putp(&link->who);
        free(link->host);
    }
    free(fan->link);
    sd_event_unref(fan->event);
    *fan = (struct fan){0};
}

static int on_reply(sd_bus_message *m, void *userdata, sd_bus_error *ret)
{
    struct fan_link *link = userdata;
    const sd_bus_error *error = sd_bus_message_get_error(m);

    (void)ret;
    link->slot = sd_bus_slot_unref(link->slot);
    if (!error) {
        if (dict_read(m, &link->reply) < 0)
            unreachable(link, "its answer is not one of breakglass");
        else
            settle(link, FAN_DONE);
        return 0;
    }
    (void)bg_clean(link->error_name, sizeof(link->error_name), error->name ? error->name : "");
    if (strncmp(link->error_name, "org.breakglass.Error.", 21) == 0) {
        (void)bg_fail(&link->error, 0, "%s", error->message ? error->message : link->error_name);
        settle(link, FAN_REFUSED);
    } else if (!sd_bus_error_has_name(error, SD_BUS_ERROR_NO_REPLY)) {
        (void)bg_fail(&link->error, 0, "%s", error->message ? error->message : link->error_name);
        settle(link, FAN_UNREACHABLE);
    } else {
        unreachable(link, "it did not answer");
    }
    return 0;
}

static void ask(struct fan_link *link, const char *member, fan_append *append, void *arg)
{
    sd_bus_message *m = NULL;
    int r;

    json_putp(&link->reply);
    link->reply = NULL;
    link->error.text[0] = link->error_name[0] = 0;
    link->asked = bg_now();
    r = sd_bus_message_new_method_call(link->bus, &m, NULL, BROKER_PATH, BROKER_INTERFACE, member);
    if (r >= 0 && append)
        r = append(m, link, arg);
    if (r >= 0)
        r = sd_bus_call_async(link->bus, &link->slot, m, on_reply, link, PATIENCE_ONE);
    sd_bus_message_unref(m);
    if (r < 0) {
        unreachable(link, strerror(-r));
        return;
    }
    link->state = FAN_WAITING;
    link->fan->waiting++;
}

static int on_late(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct fan *fan = userdata;

    (void)source, (void)usec;
    fan->late = true;
    return 0;
}

static void give_up(struct fan *fan)
{
    for (size_t i = 0; i < fan->n; i++) {
        struct fan_link *link = &fan->link[i];

        if (link->state != FAN_WAITING)
            continue;
        link->slot = sd_bus_slot_unref(link->slot);
        unreachable(link, "no answer in time");
    }
}

/* What ssh said last may still be in the pipe when the connection is already gone. */
static void hear_rest(struct fan *fan)
{
    for (size_t i = 0; i < fan->n; i++) {
        struct fan_link *link = &fan->link[i];
        char bytes[1024];
        ssize_t n;
        int on = SD_EVENT_OFF;

        if (link->state != FAN_UNREACHABLE || !link->stderr_source)
            continue;
        if (sd_event_source_get_enabled(link->stderr_source, &on) <= 0)
            continue;
        while ((n = read(sd_event_source_get_io_fd(link->stderr_source), bytes, sizeof(bytes))) > 0)
            heard(link, bytes, (size_t)n);
        heard_line(link);
        if (*link->last && !fan->late)
            (void)bg_fail(&link->error, 0, "unreachable: %s", link->last);
    }
}

void fan_call(struct fan *fan, struct fan_link *only, const char *member, fan_append *append, void *arg)
{
    sd_event_source *timer = NULL;

    for (size_t i = 0; i < fan->n; i++)
        if (fan->link[i].state != FAN_UNREACHABLE && (!only || only == &fan->link[i]))
            ask(&fan->link[i], member, append, arg);
    fan->late = false;
    if (sd_event_add_time_relative(fan->event, &timer, CLOCK_MONOTONIC,
                                   fan->n > 1 ? PATIENCE_SEVERAL : PATIENCE_ONE, 0, on_late, fan) < 0)
        fan->late = true;
    while (fan->waiting > 0 && !fan->late)
        if (sd_event_run(fan->event, UINT64_MAX) < 0)
            fan->late = true;
    if (fan->waiting > 0)
        give_up(fan);
    hear_rest(fan);
    sd_event_source_unref(timer);
}

void fan_who(struct fan *fan)
{
    fan_call(fan, NULL, "Who", NULL, NULL);
    for (size_t i = 0; i < fan->n; i++) {
        struct fan_link *link = &fan->link[i];
        json_object *who = link->state == FAN_DONE ? fan_reply(link, 0) : NULL;

        json_putp(&link->who);
        link->who = who ? json_object_get(who) : NULL;
        link->ahead =
            who && row_number(who, "now") ? row_number(who, "now") - (link->asked + link->answered) / 2 : 0;
    }
}

/* Whether a host reached as `named` may say that it is `says`: db1 and db1.prod are one name. Under any other
 * name its word is its own: it must not pass for a host that was never asked. */
static bool may_be(const char *named, const char *says)
{
    size_t n = strlen(named), m = strlen(says), len = n < m ? n : m;

    return strncasecmp(named, says, len) == 0 && (n == m || (n > m ? named : says)[len] == '.');
}

const char *fan_label(const struct fan_link *link)
{
    const char *says = link->who ? row_string(link->who, "host") : "";

    if (*says && (!link->host || may_be(link->host, says)))
        return says;
    return link->host ? link->host : "this host";
}

json_object *fan_reply(const struct fan_link *link, size_t argument)
{
    if (!link->reply || argument >= json_object_array_length(link->reply))
        return NULL;
    return json_object_array_get_idx(link->reply, argument);
}

int fan_status(struct fan *fan, int64_t closes_by)
{
    int status = 0;

    for (size_t i = 0; i < fan->n; i++) {
        struct fan_link *link = &fan->link[i];
        char when[BG_TIME_SIZE];

        if (link->state != FAN_REFUSED && link->state != FAN_UNREACHABLE)
            continue;
        if (link->state == FAN_UNREACHABLE && closes_by > 0) {
            bg_time_format(when, closes_by);
            complain("%s: %s; closes by itself at %.5s UTC", fan_label(link), link->error.text, when + 11);
        } else if (fan->n == 1 && link->state == FAN_UNREACHABLE && *link->last) {
            complain("%s: unreachable", fan_label(link)); /* ssh's own words were shown when they came */
        } else {
            complain("%s: %s", fan_label(link), link->error.text);
        }
        if (link->state == FAN_REFUSED)
            status = 1;
        else if (status == 0)
            status = 3;
    }
    return status;
}

int fan_append_string(sd_bus_message *m, struct fan_link *link, void *string)
{
    (void)link;
    return sd_bus_message_append(m, "s", (const char *)string);
}

int fan_append_dict(sd_bus_message *m, struct fan_link *link, void *object)
{
    (void)link;
    return dict_append(m, object);
}
