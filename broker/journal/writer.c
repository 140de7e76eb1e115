/* SPDX-License-Identifier: ISC */
/* A loop over the spool: each event is numbered, sent to journald and dropped only then. What journald does
 * not take now is tried again. */
#include "broker/journal/writer.h"
#include "broker/journal/chain.h"
#include "policy/base/cleanup.h"
#include "broker/journal/reader.h"
#include "policy/record/spool.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BATCH 64
#define RETRY_FIRST (50 * 1000ULL) /* microseconds */
#define RETRY_LAST (5 * 1000000ULL)
#define LATE 10 /* seconds that journald may accept nothing before that is an event, too */

struct writer {
    struct broker *b;
    int fd;
    struct chain_state state;
    bool loaded; /* `state` holds what was kept */
    sd_event_source *wake, *retry;
    uint64_t pause;      /* of the next retry */
    int64_t stuck_since; /* when journald stopped accepting; 0: it accepts */
};

/* The socket stands below the root, so that a test can stand in for journald. connect() follows no link of
 * ours. */
static int send_event(struct writer *j, const void *data, size_t len)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};

    if (j->b->real)
        (void)snprintf(to.sun_path, sizeof to.sun_path, "/run/systemd/journal/socket");
    else
        (void)snprintf(to.sun_path, sizeof to.sun_path, "/proc/self/fd/%d/run/systemd/journal/socket",
                       j->b->site.root.fd);
    ssize_t n = sendto(j->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof to);

    return n < 0 ? -errno : 0;
}

static void advance(struct writer *j)
{
    j->state.last.seq++;
    memcpy(j->state.last.digest, j->state.next_digest, sizeof j->state.last.digest);
    j->state.next[0] = '\0';
}

/* What a crash left: the record named in the state was written if it is gone from the spool, or if the
 * journal has it. */
static void settle_next(struct writer *j)
{
    bg_free_ char *text = NULL;

    if (j->state.next[0] == '\0')
        return;
    int r = bg_spool_read(&j->b->site.root, j->state.next, &text);

    if (r == -ENOENT) {
        advance(j);
        return;
    }
    if (reader_has(j->b, j->state.last.seq + 1, j->state.next_digest)) {
        struct bg_event event;

        /* If it was a login, it may not have been counted. */
        if (r == 0 && text && bg_event_parse(&event, text) == 0)
            broker_logged(j->b, &event);
        (void)bg_spool_drop(&j->b->site.root, j->state.next);
        advance(j);
        return;
    }
    j->state.next[0] = '\0';
}

static void load(struct writer *j)
{
    struct bg_chain seen;

    if (j->loaded)
        return;
    j->loaded = true;
    if (chain_load(&j->b->site.root, &j->state) < 0)
        j->state = (struct chain_state){0};
    settle_next(j);
    /* A lost or older file: the journal knows better. */
    if (reader_last(j->b, &seen) == 0 && seen.seq > j->state.last.seq)
        j->state.last = seen;
}

enum sent { SENT, RETRY, DROP };

/* Only an event that is too large can never be sent. Any other obstacle passes, and the event waits for that:
 * a dropped event is gone for good. */
static bool taken_later(int r)
{
    return r != -EMSGSIZE && r != -EINVAL;
}

static enum sent write_event(struct writer *j, const char *name, struct bg_event *event)
{
    struct bg_chain chain = j->state.last;
    bg_free_ void *data = NULL;
    size_t len = 0;
    int r = bg_chain_next(&chain, event);

    if (r == 0)
        r = bg_event_encode(event, &chain, j->state.last.digest, &data, &len);
    if (r < 0)
        return r == -ENOMEM ? RETRY : DROP;
    memcpy(j->state.next_digest, chain.digest, sizeof j->state.next_digest);
    (void)snprintf(j->state.next, sizeof j->state.next, "%s", name);
    /* Nowhere to keep the state: still better in the journal, which also says how far it got. */
    (void)chain_save(&j->b->site.root, &j->state);
    r = send_event(j, data, len);
    if (r < 0) {
        j->state.next[0] = '\0';
        return taken_later(r) ? RETRY : DROP;
    }
    advance(j);
    return SENT;
}

static enum sent write_record(struct writer *j, const char *name)
{
    bg_free_ char *text = NULL;
    struct bg_event event;
    int r = bg_spool_read(&j->b->site.root, name, &text);

    if (r == -ENOENT)
        return SENT;
    if (r == -ENOMEM || r == -EMFILE || r == -ENFILE || r == -EIO || (r == 0 && !text))
        return RETRY;
    if (r < 0 || bg_event_parse(&event, text) < 0)
        return DROP;
    enum sent sent = write_event(j, name, &event);

    if (sent == SENT) {
        broker_logged(j->b, &event);
        (void)bg_spool_drop(&j->b->site.root, name);
    }
    return sent;
}

/* A record that cannot be read or sent must neither block those behind it nor vanish silently. */
static void give_up(struct writer *j, const char *name)
{
    struct bg_sentence why;
    struct bg_event event = {.id = BG_EVENT_AUDIT_SPOOLED, .time = bg_now()};

    bg_say(&why, "dropped the record %s: it cannot be read", name);
    event.field[BG_FIELD_WHY] = why.text;
    if (bg_spool_drop(&j->b->site.root, name) == 0)
        broker_event(j->b, &event);
}

static void stuck(struct writer *j)
{
    if (j->stuck_since == 0)
        j->stuck_since = bg_now();
    j->pause = j->pause == 0 ? RETRY_FIRST : 2 * j->pause > RETRY_LAST ? RETRY_LAST : 2 * j->pause;
    (void)sd_event_source_set_time_relative(j->retry, j->pause);
    (void)sd_event_source_set_enabled(j->retry, SD_EVENT_ONESHOT);
}

static void unstuck(struct writer *j)
{
    int64_t waited = j->stuck_since == 0 ? 0 : bg_now() - j->stuck_since;
    struct bg_sentence why;
    struct bg_event event = {.id = BG_EVENT_AUDIT_SPOOLED, .time = bg_now()};

    j->stuck_since = 0;
    j->pause = 0;
    if (waited < LATE)
        return;
    bg_say(&why, "journald accepted nothing for %lld seconds", (long long)waited);
    event.field[BG_FIELD_WHY] = why.text;
    broker_event(j->b, &event);
}

unsigned writer_pump(struct writer *j)
{
    struct bg_list names bg_cleanup_(bg_list_free) = {0};
    unsigned written = 0, dropped = 0;

    load(j);
    if (bg_spool_names(&j->b->site.root, BATCH, &names) < 0)
        return 0;
    for (size_t i = 0; i < names.n; i++) {
        enum sent sent = write_record(j, names.v[i]);

        if (sent == RETRY) {
            stuck(j);
            return written;
        }
        if (sent == DROP) {
            give_up(j, names.v[i]);
            dropped++;
        } else {
            written++;
        }
    }
    if (written > 0) {
        (void)chain_save(&j->b->site.root, &j->state);
        unstuck(j);
    }
    if (names.n == BATCH && written + dropped > 0)
        writer_wake(j);
    return written;
}

static int on_wake(sd_event_source *source, void *arg)
{
    struct writer *j = arg;

    (void)source;
    (void)writer_pump(j);
    return 0;
}

static int on_retry(sd_event_source *source, uint64_t usec, void *arg)
{
    struct writer *j = arg;

    (void)source;
    (void)usec;
    (void)writer_pump(j);
    return 0;
}

void writer_wake(struct writer *j)
{
    if (j)
        (void)sd_event_source_set_enabled(j->wake, SD_EVENT_ONESHOT);
}

int writer_new(struct writer **ret, struct broker *b)
{
    struct writer *j = calloc(1, sizeof *j);
    int r;

    if (!j)
        return -ENOMEM;
    j->b = b;
    j->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    r = j->fd < 0 ? -errno : 0;
    if (r == 0)
        r = sd_event_add_defer(b->event, &j->wake, on_wake, j);
    if (r >= 0)
        r = sd_event_add_time_relative(b->event, &j->retry, CLOCK_MONOTONIC, RETRY_FIRST, 10000, on_retry, j);
    if (r < 0) {
        writer_free(j);
        return r;
    }
    *ret = j;
    return 0;
}

void writer_free(struct writer *j)
{
    if (!j)
        return;
    (void)sd_event_source_disable_unref(j->wake);
    (void)sd_event_source_disable_unref(j->retry);
    if (j->fd >= 0)
        (void)close(j->fd);
    free(j);
}
