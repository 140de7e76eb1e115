/* SPDX-License-Identifier: ISC */
/* The application: the table of the views, the lines around them, keys, signals and the loop. */
#include "console/screen/app.h"

#include "console/screen/frame/frame.h"
#include "console/screen/terminal/terminal.h"
#include "console/screen/text/text_view.h"
#include "console/screen/views/views.h"

#include "policy/base/cleanup.h"
#include "policy/base/name.h"
#include "console/base/destination.h"
#include "console/words/instructions.h"
#include "console/base/print.h"
#include "console/action/sign.h"
#include "console/base/exit_status.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SMALLEST_ROWS 16
#define SMALLEST_COLS 60
#define KEYS_AT_ONCE 200

struct app {
    struct frame frame;
    sd_event *event;
    bool quit, more_keys;
    sd_event_source *clock;
    int64_t probed; /* the minute in which the hosts were last asked whether they are there */
    int status;
};

static const struct view_type *const types[VIEWS] = {
    [VIEW_GRANTS] = &grants_view,
    [VIEW_EVENTS] = &events_view,
    [VIEW_RULES] = &rules_view,
    [VIEW_APPROVE] = &approve_view,
    [VIEW_CLOSE] = &close_view,
    [VIEW_DELIVERY] = &delivery_view,
    [VIEW_DETAILS] = &details_view,
    [VIEW_HELP] = &help_view,
    [VIEW_HOSTS] = &host_list_view,
    [VIEW_PASTE] = &paste_view,
    [VIEW_REDELIVER] = &redeliver_view,
    [VIEW_REQUEST] = &request_view,
    [VIEW_REVIEW] = &review_view,
    [VIEW_SIGN_ELSEWHERE] = &sign_elsewhere_view,
    [VIEW_STOCK_COMMANDS] = &stock_commands_view,
    [VIEW_TOKEN] = &token_view,
    [VIEW_WAITING] = &waiting_view,
};

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

/* --- the frame around the views --- */

/* "db1, db2": the watched hosts that are of that kind. */
static size_t names_of(const struct app *app, bool (*is)(const struct host *h), char *out, size_t size)
{
    size_t len = 0, n = 0;

    out[0] = 0;
    for (size_t i = 0; i < app->frame.model.n_hosts; i++) {
        if (app->frame.model.host[i].extra || !is(&app->frame.model.host[i]))
            continue;
        n++;
        if (len < size)
            len += (size_t)snprintf(out + len, size - len, "%s%s", len ? ", " : "",
                                    app->frame.model.host[i].name);
    }
    return n;
}

static bool is_down(const struct host *h)
{
    return h->state == HOST_DOWN;
}

static bool is_connecting(const struct host *h)
{
    return h->state == HOST_CONNECTING && !live_hangs(h);
}

static bool is_any(const struct host *h)
{
    (void)h;
    return true;
}

static void say_hosts(const struct app *app, char *out, size_t size)
{
    char names[256];
    size_t watched = names_of(app, is_any, names, sizeof(names)), n, len;

    if (watched == 0)
        len = (size_t)snprintf(out, size, "no host to watch");
    else if (watched == 1)
        len = (size_t)snprintf(out, size, "%s", names);
    else
        len = (size_t)snprintf(out, size, "%zu hosts", watched);
    n = names_of(app, is_down, names, sizeof(names));
    if (n && len < size)
        len += (size_t)snprintf(out + len, size - len, "%s%s unreachable", watched > 1 ? ", " : "",
                                watched > 1 ? names : "");
    n = names_of(app, live_hangs, names, sizeof(names));
    if (n && len < size)
        len +=
            (size_t)snprintf(out + len, size - len, watched > 1 ? ", %s %s not answer" : "%s %s not answer",
                             watched > 1 ? names : "", n > 1 ? "do" : "does");
    if (names_of(app, is_connecting, names, sizeof(names)) && len < size)
        (void)snprintf(out + len, size - len, ", connecting …");
}

static enum pace pace_of(struct app *app)
{
    enum pace pace = PACE_MINUTES;

    for (size_t i = 0; i < app->frame.model.n_hosts; i++)
        if (app->frame.model.host[i].asked_at)
            return PACE_SECONDS; /* to say which host hangs */
    for (struct view *v = frame_top(&app->frame); v; v = v->below)
        if (v->type->pace && v->type->pace(v) > pace)
            pace = v->type->pace(v);
    return pace;
}

static void say_us(struct app *app, const char *role, char *out, size_t size)
{
    const char *person = frame_person(&app->frame);
    char clock[BG_TIME_SIZE];

    bg_time_format(clock, bg_now());
    (void)snprintf(out, size, "%.60s%s%s%.*s UTC ", *person ? person : "(nobody known)", role,
                   app->frame.door ? " at the door   " : "   ", pace_of(app) == PACE_SECONDS ? 8 : 5,
                   clock + 11);
}

static void paint_head(struct app *app, struct canvas *c)
{
    static const char *const names[LISTS] = {"1 Grants", "3 Events", "4 Rules"};
    char left[420] = "breakglass  ", right[128];
    int col = 1;

    say_hosts(app, left + strlen(left), sizeof(left) - strlen(left));
    say_us(app, frame_approves(&app->frame) ? " · approver" : "", right, sizeof(right));
    /* How the hosts are matters more. */
    if (canvas_width(c, left) + canvas_width(c, right) > c->cols - 3)
        say_us(app, "", right, sizeof(right));
    canvas_fill(c, 0, 0, c->cols, STYLE_BAR, L' ');
    (void)canvas_text(c, 0, 1, c->cols - 2 - canvas_width(c, right), STYLE_BAR, left);
    canvas_right(c, 0, c->cols - canvas_width(c, right), canvas_width(c, right), STYLE_BAR, right);
    if (app->frame.top && app->frame.top->type->title) {
        (void)canvas_text(c, 1, 1, c->cols - 2, STYLE_STRONG, app->frame.top->type->title);
        return;
    }
    for (int i = 0; i < LISTS; i++)
        col += canvas_text(c, 1, col, c->cols - col,
                           i == app->frame.which ? STYLE_STRONG | STYLE_CHOSEN : STYLE_FAINT, names[i]) +
               3;
    canvas_right(c, 1, c->cols - 8, 7, STYLE_FAINT, "? help");
}

static bool top_offers(void *arg, enum command command)
{
    struct app *app = arg;
    struct view *top = frame_top(&app->frame);

    return !top->type->offers || top->type->offers(top, command);
}

static void paint_foot(struct app *app, struct canvas *c)
{
    struct view *top = frame_top(&app->frame);

    if (*app->frame.message)
        (void)canvas_text(c, c->rows - 2, 1, c->cols - 2, app->frame.message_style, app->frame.message);
    else if (!(top->type->foot && top->type->foot(top, c)) && !(top->type->build && text_view_foot(top, c)))
        canvas_fill(c, c->rows - 2, 1, c->cols - 2, STYLE_FAINT, L'─');
    keys_footer(c, c->rows - 1, frame_top(&app->frame)->where, top_offers, app);
}

static void paint(struct app *app)
{
    struct canvas *c = &app->frame.canvas;
    struct area area = {2, 1, c->rows - 4, c->cols - 2};
    struct view *top = frame_top(&app->frame);

    app->frame.dirty = false;
    canvas_clear(c);
    c->cursor_row = c->rows - 1;
    c->cursor_col = 0;
    if (c->rows < SMALLEST_ROWS || c->cols < SMALLEST_COLS) {
        canvas_put(c, 0, 0, c->cols, STYLE_STRONG, "needs %dx%d", SMALLEST_COLS, SMALLEST_ROWS);
        canvas_put(c, 1, 0, c->cols, STYLE_PLAIN, "has %dx%d", c->cols, c->rows);
        canvas_put(c, 2, 0, c->cols, STYLE_PLAIN, "q: back");
    } else {
        (top->type->paint ? top->type->paint : text_view_paint)(top, c, area);
        paint_head(app, c);
        paint_foot(app, c);
    }
    term_paint(c);
}

static void resize(struct app *app)
{
    int rows, cols;

    term_size(&rows, &cols);
    if (rows != app->frame.canvas.rows || cols != app->frame.canvas.cols)
        (void)canvas_resize(&app->frame.canvas, rows, cols);
    app->frame.dirty = true;
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
        if (!app->frame.door)
            term_suspend();
        resize(app);
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
    const struct canvas *c = &app->frame.canvas;
    bool small = c->rows < SMALLEST_ROWS || c->cols < SMALLEST_COLS;
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

static int on_quit(sd_event_source *source, const struct signalfd_siginfo *info, void *arg)
{
    struct app *app = arg;

    (void)source;
    app->quit = true;
    app->status = info->ssi_signo == SIGINT ? EXIT_DONE : 128 + (int)info->ssi_signo;
    return 0;
}

static int on_resize(sd_event_source *source, const struct signalfd_siginfo *info, void *arg)
{
    (void)source, (void)info;
    resize(arg);
    return 0;
}

/* Another program stopped us, or let us go on: whatever is on the terminal, it is not ours. */
static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *arg)
{
    struct app *app = arg;

    (void)source, (void)info;
    if (!app->frame.door)
        term_suspend();
    resize(app);
    return 0;
}

static int on_continue(sd_event_source *source, const struct signalfd_siginfo *info, void *arg)
{
    (void)source, (void)info;
    term_aside();
    term_back();
    resize(arg);
    return 0;
}

static int on_clock(sd_event_source *source, uint64_t usec, void *arg)
{
    struct app *app = arg;

    (void)source, (void)usec;
    app->frame.model.dirty = true; /* what has run out is over */
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
    if (pace_of(app) != PACE_SECONDS)
        wait += (uint64_t)(59 - now.tv_sec % 60) * 1000000;
    (void)sd_event_source_set_time_relative(app->clock, wait);
    (void)sd_event_source_set_enabled(app->clock, SD_EVENT_ONESHOT);
}

static void on_moved(void *arg)
{
    struct app *app = arg;

    app->frame.dirty = true;
}

static void on_changed(void *arg, size_t host, const char *id, struct reply *grant)
{
    struct app *app = arg;

    for (int i = 0; i < LISTS; i++)
        if (app->frame.list[i]->type->changed)
            app->frame.list[i]->type->changed(app->frame.list[i], host, id, grant);
    for (struct view *v = app->frame.top; v; v = v->below)
        if (v->type->changed)
            v->type->changed(v, host, id, grant);
    app->frame.dirty = true;
}

static void on_logged(void *arg, size_t host)
{
    struct app *app = arg;

    for (int i = 0; i < LISTS; i++)
        if (app->frame.list[i]->type->logged)
            app->frame.list[i]->type->logged(app->frame.list[i], host);
    for (struct view *v = app->frame.top; v; v = v->below)
        if (v->type->logged)
            v->type->logged(v, host);
}

/* What was shown of a grant while its host was away may not be so any more. */
static void look_again(struct app *app, size_t host, const struct view *view)
{
    const char *id = view->type->grant ? view->type->grant(view) : "";

    if (*id && (int)host == frame_host_with(&app->frame, id))
        live_look(app->frame.live, host, id);
}

static void on_listed(void *arg, size_t host)
{
    struct app *app = arg;

    for (int i = 0; i < LISTS; i++)
        look_again(app, host, app->frame.list[i]);
    for (const struct view *v = app->frame.top; v; v = v->below)
        look_again(app, host, v);
}

static int add_signals(struct app *app)
{
    static const struct {
        int number;
        sd_event_signal_handler_t handler;
    } signals[] = {{SIGTERM, on_quit},    {SIGHUP, on_quit},  {SIGINT, on_quit},     {SIGQUIT, on_quit},
                   {SIGWINCH, on_resize}, {SIGTSTP, on_stop}, {SIGCONT, on_continue}};
    sigset_t set;
    int r = 0;

    (void)sigemptyset(&set);
    for (size_t i = 0; i < BG_COUNT(signals); i++)
        (void)sigaddset(&set, signals[i].number);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        return -errno;
    for (size_t i = 0; i < BG_COUNT(signals) && r >= 0; i++)
        r = sd_event_add_signal(app->event, NULL, signals[i].number, signals[i].handler, app);
    return r;
}

static int make(struct app *app, const struct app_options *wish)
{
    const struct live_listener listener = {on_moved, on_changed, on_logged, on_listed, app};
    int r = sd_event_new(&app->event);

    if (r >= 0)
        r = live_new(&app->frame.live, app->event, &app->frame.model, &listener, wish->door);
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
    app->frame.identity = wish->identity;
    app->frame.by = wish->by;
    app->frame.door = wish->door;
    /* One that cannot be read names no host. */
    if (!wish->door)
        (void)destination_hosts_file(&app->frame.hosts_file, &(struct bg_sentence){0});
    if (wish->door)
        (void)bg_fail(&app->frame.may_not_sign, -EPERM,
                      "nothing is signed at the front door: people sign where they sit");
    else
        (void)sign_allowed(&app->frame.may_not_sign);
    if (wish->local)
        r = live_watch(app->frame.live, NULL);
    for (size_t i = 0; r >= 0 && i < wish->hosts->n; i++)
        r = live_watch(app->frame.live, wish->hosts->v[i]);
    return r < 0 ? r : 0;
}

static void unmake(struct app *app)
{
    while (app->frame.top) {
        struct view *view = app->frame.top;

        app->frame.top = view->below;
        view_free(view);
    }
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
            paint(app);
            set_clock(app);
        }
        r = sd_event_run(app->event, app->more_keys ? 0 : UINT64_MAX);
        if (app->more_keys)
            (void)on_terminal(NULL, STDIN_FILENO, 0, app);
    }
    return r < 0 ? EXIT_BROKEN : app->status;
}

int app_run(const struct app_options *wish)
{
    bg_free_ struct app *app = calloc(1, sizeof(*app));
    struct bg_sentence err = {0};
    int r, status = EXIT_BROKEN;

    if (!app)
        return EXIT_BROKEN;
    r = term_open(wish->colour, &err);
    if (r == -ENOENT)
        return r;
    if (r >= 0)
        r = make(app, wish);
    if (r >= 0)
        status = run(app);
    term_close();
    if (r < 0)
        complain("the screen cannot be shown: %s", *err.text ? err.text : strerror(-r));
    if (app->frame.live)
        unmake(app);
    return status;
}
