/* SPDX-License-Identifier: ISC */
/* inotify on each folder by descriptor, so that no link can turn it elsewhere. */
#include "broker/watch.h"
#include "policy/base/cleanup.h"
#include "broker/journal/writer.h"
#include "broker/base/load.h"
#include "broker/sessions/sessions.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/inotify.h>

#define SETTLE (300 * 1000ULL) /* microseconds: an editor writes in several steps */
#define CHANGED                                                                                              \
    (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF |     \
     IN_MOVE_SELF)
#define CAME_OR_WENT (IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF)
#define CAME (IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF)

enum what { CONFIG, SESSIONS, SPOOL };

struct watched_folder {
    const char *path;
    enum what what;
    uint32_t mask;
    bool make; /* it is ours to make */
};

static const struct watched_folder folders[] = {
    {BG_ETC, CONFIG, CHANGED, false},
    {BG_ETC "/policy.d", CONFIG, CHANGED, false},
    {BG_ETC "/signers.d", CONFIG, CHANGED, false},
    {BG_RUN "/sessions", SESSIONS, CAME_OR_WENT, true},
    {BG_VAR "/sessions", SESSIONS, CAME_OR_WENT, true},
    {BG_RUN "/spool", SPOOL, CAME, true},
    {BG_VAR "/spool", SPOOL, CAME, true},
};

struct watch {
    struct broker *b;
    struct watched {
        struct watch *owner;
        const struct watched_folder *folder;
        sd_event_source *source;
        int fd; /* of the folder; inotify is told of it through /proc */
    } v[BG_COUNT(folders)];
    sd_event_source *settle;
};

static int on_settled(sd_event_source *source, uint64_t usec, void *arg)
{
    struct watch *w = arg;

    (void)source;
    (void)usec;
    load_again(w->b);
    return 0;
}

static void drop(struct watched *v)
{
    v->source = sd_event_source_disable_unref(v->source);
    if (v->fd >= 0)
        (void)close(v->fd);
    v->fd = -1;
}

static void settle_soon(struct watch *w)
{
    (void)sd_event_source_set_time_relative(w->settle, SETTLE);
    (void)sd_event_source_set_enabled(w->settle, SD_EVENT_ONESHOT);
}

static int on_change(sd_event_source *source, const struct inotify_event *event, void *arg)
{
    struct watched *v = arg;
    struct watch *w = v->owner;

    (void)source;
    switch (v->folder->what) {
    case CONFIG:
        settle_soon(w);
        break;
    case SESSIONS:
        sessions_scan(w->b->sessions);
        break;
    case SPOOL:
        writer_wake(w->b->writer);
        break;
    }
    /* The folder itself went: another one may have its name by now (watch_tick). */
    if ((event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)) != 0)
        drop(v);
    return 0;
}

static int add(struct watched *v)
{
    struct broker *b = v->owner->b;

    v->fd = v->folder->make ? bg_dir_make(&b->site.root, v->folder->path, 0700)
                            : bg_dir_open(&b->site.root, v->folder->path);
    if (v->fd < 0)
        return v->fd;
    int r = sd_event_add_inotify_fd(b->event, &v->source, v->fd, v->folder->mask, on_change, v);

    if (r < 0)
        drop(v);
    return r < 0 ? r : 0;
}

void watch_tick(struct watch *w)
{
    bool config = false;

    for (size_t i = 0; i < BG_COUNT(folders); i++) {
        if (w->v[i].source)
            continue;
        int r = add(&w->v[i]);

        if (r != -ENOENT && folders[i].what == CONFIG)
            config = true;
    }
    if (config)
        settle_soon(w);
}

int watch_new(struct watch **ret, struct broker *b)
{
    struct watch *w = calloc(1, sizeof *w);

    if (!w)
        return -ENOMEM;
    w->b = b;
    for (size_t i = 0; i < BG_COUNT(folders); i++)
        w->v[i] = (struct watched){.owner = w, .folder = &folders[i], .fd = -1};
    int r = sd_event_add_time_relative(b->event, &w->settle, CLOCK_MONOTONIC, SETTLE, 10000, on_settled, w);

    if (r >= 0)
        r = sd_event_source_set_enabled(w->settle, SD_EVENT_OFF);
    if (r < 0) {
        watch_free(w);
        return r;
    }
    for (size_t i = 0; i < BG_COUNT(folders); i++)
        (void)add(&w->v[i]);
    *ret = w;
    return 0;
}

void watch_free(struct watch *w)
{
    if (!w)
        return;
    for (size_t i = 0; i < BG_COUNT(folders); i++)
        drop(&w->v[i]);
    (void)sd_event_source_disable_unref(w->settle);
    free(w);
}
