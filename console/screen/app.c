/* SPDX-License-Identifier: ISC */
/* The application: keys, signals, what hosts tell, and the loop. */
#include "console/screen/app.h"

#include "console/screen/paint.h"
#include "console/screen/terminal/terminal.h"
#include "console/screen/text/text_view.h"
#include "console/screen/views/views.h"

#include "policy/base/cleanup.h"
#include "console/base/destination.h"
#include "console/base/print.h"
#include "console/action/sign.h"
#include "console/base/exit_status.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define KEYS_AT_ONCE 200

struct app {
    struct frame frame;
    sd_event *event;
    bool quit, more_keys;
    sd_event_source *clock;
    int64_t probed; /* the minute in which the hosts were last asked whether they are there */
    int status;
};

#define V(id, name) [VIEW_##id] = &name##_view,
static const struct view_type *const types[VIEWS] = {VIEWS_BY_NAME(V)};
#undef V

static void drop_done(struct app *app)
{
    for (struct view **at = &app->frame.top; *at;) {
        struct view *view = *at;

        if (!view->done) {
            at = &view->below;
            continue;
        }
        *at = view->below;
        view_free(view);
    }
}

static void resize(struct app *app)
{
    int rows, cols;

    term_size(&rows, &cols);
    if (rows != app->frame.canvas.rows || cols != app->frame.canvas.cols)
        (void)canvas_resize(&app->frame.canvas, rows, cols);
    app->frame.dirty = true;
}

/* At the front door there is no shell to go to. */
static void suspend(struct app *app)
{
    if (!app->frame.door)
        term_suspend();
    resize(app);
}

/* --- keys --- */

static void choose_list(struct app *app, int which)
{
    app->frame.which = (which + LISTS) % LISTS;
    app->frame.dirty = true;
}

static void leave(struct app *app)
{
    if (app->frame.top)
        frame_done(app->frame.top);
    else
        app->quit = true;
}

/* What is the same everywhere, unless a view has done it its own way. */
static void common(struct app *app, enum command command)
{
    switch (command) {
    case CMD_QUIT:
        leave(app);
        break;
    case CMD_BACK:
        if (app->frame.top)
            leave(app);
        break;
    case CMD_HELP:
        (void)frame_open(&app->frame, VIEW_HELP,
                         &(struct view_params){.where = frame_top(&app->frame)->where});
        break;
    case CMD_REDRAW:
        term_redraw();
        break;
    case CMD_SUSPEND:
        suspend(app);
        break;
    case CMD_NEXT_VIEW:
        choose_list(app, app->frame.which + 1);
        break;
    case CMD_PREVIOUS_VIEW:
        choose_list(app, app->frame.which - 1);
        break;
    case CMD_VIEW_GRANTS:
        choose_list(app, VIEW_GRANTS);
        break;
    case CMD_VIEW_EVENTS:
        choose_list(app, VIEW_EVENTS);
        break;
    case CMD_VIEW_RULES:
        choose_list(app, VIEW_RULES);
        break;
    case CMD_VIEW_CREDENTIALS:
        frame_say(&app->frame, STYLE_PLAIN, "this version has no credentials");
        break;
    case CMD_HOSTS:
        (void)frame_open(&app->frame, VIEW_HOSTS, NULL);
        break;
    case CMD_RETRY:
        live_refresh(app->frame.live, NULL);
        frame_say(&app->frame, STYLE_PLAIN, "reloading from all hosts");
        break;
    default:
        break;
    }
}

static void take_paste(struct app *app, struct view *top)
{
    size_t len;
    const char *text = term_pasted(&len);

    if (len > 0 && !(top->type->pasted && top->type->pasted(top, text, len)) &&
        !(top->type->build && search_paste(top, text, len)))
        frame_say(&app->frame, STYLE_WAITS, "paste is not used here; paste it in Grants (1)");
}

static bool view_key(struct view *view, int key)
{
    return (view->type->key && view->type->key(view, key)) || (view->type->build && text_view_key(view, key));
}

static bool view_command(struct view *view, enum command command)
{
    return (view->type->command && view->type->command(view, command)) ||
           (view->type->build && text_view_command(view, command));
}

static void take_key(struct app *app, int key)
{
    struct view *top = frame_top(&app->frame);
    bool small = paint_too_small(&app->frame.canvas);
    enum command command = keys_command(top->where, key);
    bool ours = command == CMD_SUSPEND || command == CMD_REDRAW;

    app->frame.message[0] = 0;
    app->frame.dirty = true;
    /* Nothing is decided on a screen that does not show it. */
    if (key == TERM_PASTED && !small)
        take_paste(app, top);
    if (key == TERM_PASTED)
        return;
    if (small && (key == 'q' || command == CMD_QUIT))
        leave(app);
    if (!ours && (small || view_key(top, key)))
        return;
    if (command != CMD_NOTHING && !view_command(top, command))
        common(app, command);
}

static int on_terminal(sd_event_source *source, int fd, uint32_t events, void *arg)
{
    struct app *app = arg;
    int key = KEY_NOTHING, i;

    (void)source, (void)fd;
    for (i = 0; i < KEYS_AT_ONCE && !app->quit && (key = term_key()) != KEY_NOTHING; i++) {
        take_key(app, key);
        drop_done(app);
        live_settle(app->frame.live);
    }
    /* Some may be in the library's own buffer, of which no descriptor tells. */
    app->more_keys = i == KEYS_AT_ONCE;
    if ((events & (EPOLLHUP | EPOLLERR)) && key == KEY_NOTHING)
        app->quit = true;
    return 0;
}

/* --- the loop --- */

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *arg)
{
    struct app *app = arg;

    (void)source;
    switch (info->ssi_signo) {
    case SIGWINCH:
        resize(app);
        break;
    case SIGTSTP:
        suspend(app);
        break;
    case SIGCONT: /* whatever another program left on the terminal, it is not ours */
        term_aside();
        term_back();
        resize(app);
        break;
    default:
        app->quit = true;
        app->status = info->ssi_signo == SIGINT ? EXIT_DONE : 128 + (int)info->ssi_signo;
        break;
    }
    return 0;
}

static int on_clock(sd_event_source *source, uint64_t usec, void *arg)
{
    struct app *app = arg;

    (void)source, (void)usec;
    app->frame.model.dirty = true; /* what has run out has expired */
    app->frame.dirty = true;
    /* Once a minute each host is asked something, so that one that hangs is seen. */
    if (bg_now() / 60 != app->probed) {
        app->probed = bg_now() / 60;
        for (size_t i = 0; i < app->frame.model.n_hosts; i++)
            if (app->frame.model.host[i].state == HOST_UP && !app->frame.model.host[i].asked_at)
                live_who(app->frame.live, i);
    }
    return 0;
}

/* Wakes at the next full second or minute of the clock, as the views need it. */
static void set_clock(struct app *app)
{
    struct timespec now = {0};
    uint64_t wait;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    wait = 1000000 - (uint64_t)now.tv_nsec / 1000;
    if (paint_pace(&app->frame) != PACE_SECONDS)
        wait += (uint64_t)(59 - now.tv_sec % 60) * 1000000;
    (void)sd_event_source_set_time_relative(app->clock, wait);
    (void)sd_event_source_set_enabled(app->clock, SD_EVENT_ONESHOT);
}

static void on_moved(void *arg)
{
    struct app *app = arg;

    app->frame.dirty = true;
}

/* All views: the lists, then those that lie on them. NULL begins, and ends. */
static struct view *next_view(struct frame *frame, const struct view *view)
{
    for (int i = 0; view && i < LISTS; i++)
        if (view == frame->list[i])
            return i + 1 < LISTS ? frame->list[i + 1] : frame->top;
    return view ? view->below : frame->list[0];
}

static void on_changed(void *arg, size_t host, const char *id, struct reply *grant)
{
    struct app *app = arg;

    for (struct view *v = NULL; (v = next_view(&app->frame, v));)
        if (v->type->changed)
            v->type->changed(v, host, id, grant);
    app->frame.dirty = true;
}

static void on_logged(void *arg, size_t host)
{
    struct app *app = arg;

    for (struct view *v = NULL; (v = next_view(&app->frame, v));)
        if (v->type->logged)
            v->type->logged(v, host);
}

/* What was shown of a grant while its host was away may not be so any more. */
static void on_listed(void *arg, size_t host)
{
    struct app *app = arg;

    for (struct view *v = NULL; (v = next_view(&app->frame, v));) {
        const char *id = v->type->grant ? v->type->grant(v) : "";

        if (*id && (int)host == frame_host_with(&app->frame, id))
            live_look(app->frame.live, host, id);
    }
}

/* They stay blocked when the screen has gone: one that is still pending then must not end us otherwise. */
static int add_signals(struct app *app)
{
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGWINCH, SIGTSTP, SIGCONT};
    sigset_t set;
    int r = 0;

    (void)sigemptyset(&set);
    for (size_t i = 0; i < BG_COUNT(signals); i++)
        (void)sigaddset(&set, signals[i]);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        return -errno;
    for (size_t i = 0; i < BG_COUNT(signals) && r >= 0; i++)
        r = sd_event_add_signal(app->event, NULL, signals[i], on_signal, app);
    return r;
}

static int make(struct app *app, const struct app_options *options)
{
    const struct live_listener listener = {on_moved, on_changed, on_logged, on_listed, app};
    int r = sd_event_new(&app->event);

    if (r >= 0)
        r = live_new(&app->frame.live, app->event, &app->frame.model, &listener, options->door);
    if (r >= 0)
        r = add_signals(app);
    if (r >= 0)
        r = sd_event_add_io(app->event, NULL, STDIN_FILENO, EPOLLIN, on_terminal, app);
    if (r >= 0)
        r = sd_event_add_time_relative(app->event, &app->clock, CLOCK_MONOTONIC, 1000000, 20000, on_clock,
                                       app);
    if (r < 0)
        return r;
    app->frame.types = types;
    for (int i = 0; i < LISTS; i++) {
        app->frame.list[i] = view_new(&app->frame, (enum view_id)i, NULL);
        if (!app->frame.list[i])
            return -ENOMEM;
    }
    app->frame.canvas.utf8 = term_is_utf8();
    app->frame.identity = options->identity;
    app->frame.by = options->by;
    app->frame.door = options->door;
    if (options->door)
        (void)bg_fail(&app->frame.may_not_sign, -EPERM,
                      "nothing is signed at the front door: people sign where they sit");
    else {
        (void)destination_hosts_file(&app->frame.hosts_file, &(struct bg_sentence){0});
        (void)sign_allowed(&app->frame.may_not_sign);
    }
    if (options->local)
        r = live_watch(app->frame.live, NULL);
    for (size_t i = 0; r >= 0 && i < options->hosts->n; i++)
        r = live_watch(app->frame.live, options->hosts->v[i]);
    return r < 0 ? r : 0;
}

static void unmake(struct app *app)
{
    for (struct view *v = app->frame.top; v; v = v->below)
        v->done = true;
    drop_done(app);
    for (int i = 0; i < LISTS; i++)
        view_free(app->frame.list[i]);
    live_free(app->frame.live);
    model_free(&app->frame.model);
    bg_list_free(&app->frame.hosts_file);
    canvas_free(&app->frame.canvas);
    (void)sd_event_source_disable_unref(app->clock);
    (void)sd_event_unref(app->event);
}

static int run(struct app *app)
{
    int r = 0;

    resize(app);
    while (!app->quit && r >= 0) {
        live_settle(app->frame.live);
        drop_done(app);
        if (app->frame.dirty) {
            paint_all(&app->frame);
            set_clock(app);
        }
        r = sd_event_run(app->event, app->more_keys ? 0 : UINT64_MAX);
        if (app->more_keys)
            (void)on_terminal(NULL, STDIN_FILENO, 0, app);
    }
    return r < 0 ? EXIT_BROKEN : app->status;
}

int app_run(const struct app_options *options)
{
    bg_free_ struct app *app = calloc(1, sizeof *app);
    struct bg_sentence err = {0};
    int r, status = EXIT_BROKEN;

    if (!app)
        return EXIT_BROKEN;
    r = term_open(options->colour, &err);
    if (r == -ENOENT)
        return r;
    if (r >= 0)
        r = make(app, options);
    if (r >= 0)
        status = run(app);
    term_close();
    if (r < 0)
        complain("the screen cannot be shown: %s", *err.text ? err.text : strerrordesc_np(-r));
    if (app->frame.live)
        unmake(app);
    return status;
}
