/* What the views share: what is known, the hosts, and the pile of views of which the uppermost has the keys.
 */
#pragma once

#include "console/screen/terminal/canvas.h"
#include "console/screen/terminal/keys.h"
#include "console/client/live.h"
#include "console/client/model.h"
#include "console/screen/screen.h"

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

struct app;
struct view;

/* How often a view wants to be painted while nothing else happens. */
enum pace { PACE_STILL, PACE_MINUTES, PACE_SECONDS };

/* A view is a table of functions; all but paint may be missing. */
struct view_type {
    enum where where;
    const char *title; /* over a view that lies on others */
    void (*paint)(struct view *view, struct canvas *c, struct area area);
    /* The last but one line, where there is no message; false: it has nothing for it. */
    bool (*foot)(struct view *view, struct canvas *c);
    /* Before commands: what is typed. True: it was taken. */
    bool (*key)(struct view *view, int key);
    /* False: it is not for it. */
    bool (*pasted)(struct view *view, const char *text, size_t len);
    /* True: it was done (or could not be, and that was said). */
    bool (*command)(struct view *view, enum command command);
    bool (*offers)(struct view *view, enum command command);
    enum pace (*pace)(struct view *view);
    void (*changed)(struct view *view, size_t host, const char *id, json_object *grant);
    void (*logged)(struct view *view, size_t host);
    /* The grant that it stays with ("": none): asked for again when a host is back. */
    const char *(*grant)(const struct view *view);
    void (*free)(struct view *view); /* of its own things; its calls are forgotten by the app */
};

/* Stands first in what a view is. */
struct view {
    const struct view_type *type;
    struct app *app;
    struct view *below;
    unsigned where; /* of its type, or MODE_FILTER while something to look for is typed */
    bool done;      /* goes after this round */
};

/* A view of `size` bytes, which begins with a struct view; all else is 0. NULL without memory. */
void *view_new(struct app *app, const struct view_type *type, size_t size);

enum { LIST_GRANTS, LIST_EVENTS, LIST_RULES, LISTS };

struct app {
    sd_event *event;
    struct canvas canvas;
    struct model model;
    struct live *live;
    struct bg_list hosts_file; /* what the person named there, whether it is watched or not */
    struct view *list[LISTS];
    int which;
    struct view *top; /* of those that lie on the list; NULL: none does */
    const char *identity, *by;
    bool door, quit, dirty, more_keys;
    struct bg_sentence may_not_sign; /* why not; empty: it may */
    char message[1024];
    unsigned message_style;
    sd_event_source *clock;
    int64_t probed; /* the minute in which the hosts were last asked whether they are there */
    int status;
};

int64_t app_now(void);
/* On top of what is there; the app frees it. view NULL: its maker has said why, or there is no memory. */
void app_push(struct app *app, struct view *view);
/* The view goes, after this round. */
void app_done(struct view *view);
struct view *app_top(struct app *app);
/* One line at the bottom, until the next key. */
void app_say(struct app *app, unsigned style, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Who we are: --as, or as the first host knows us; "" where nobody does. */
const char *app_person(const struct app *app);
/* Says so where nobody is known. */
bool app_nobody(struct app *app);
/* Whether a host's word on what we may do is about us: it knows us as who we are here. */
bool app_known_at(const struct app *app, size_t host);
/* Whether a host says that we may approve something there. */
bool app_approves(const struct app *app);
/* The fingerprints of our keys that a host lists, or NULL. */
json_object *app_keys(const struct app *app, const char *person);
/* The host that answers and has the grant (id NULL: any) in the state that matters most, with the most
 * approvals; of equal ones the first, one that hangs only where there is no other; or -1. */
int app_host_with(const struct app *app, const char *id);
/* The word for ssh to a host of that name, as far as one is known that can be pasted into a shell. */
const char *app_word(const struct app *app, const char *host);
/* Those of "db1,db2", each; what is no host's name is left out. */
void app_words(struct bg_list *words, const struct app *app, const char *hosts);
/* Whether it owes an answer for so long that one says so. */
bool host_hangs(const struct host *h);

/* The lists. NULL: no memory. */
struct view *grants_new(struct app *app);
struct view *events_new(struct app *app);
struct view *rules_new(struct app *app);
/* Shows in the list of grants that one. */
void grants_select(struct app *app, const char *id);
/* How a grant stands now. False: no host knows it (and *sum is GRANT_STATES). */
bool grant_stands(const struct app *app, const char *id, struct sum *sum);
/* Asks a host for the journal's events of a grant, oldest first; who may not see them sees the rest. arg is
 * the view whose call it is. False: no host has it. */
bool grant_ask_log(struct app *app, const char *id, void *arg, live_answer *answer);
/* What can be done with one grant: opens the view for it, or says why not. False: no such command. */
bool grant_command(struct app *app, const char *id, enum command command);
/* Whether that would make sense now. True for commands that are not about a grant. */
bool grant_offers(const struct app *app, const char *id, enum command command);
/* Whether a host that is reached lacks what another one has of the grant, so that it can be brought there. */
bool grant_lacks(const struct app *app, const struct grant *g, size_t host);
/* Other views that are opened from several places. */
struct view *details_new(struct app *app, const char *id);
struct view *host_list_new(struct app *app);
struct view *help_new(struct app *app, unsigned where);
struct view *approve_new(struct app *app, const char *id);
struct view *close_new(struct app *app, const char *id, enum command as);
struct view *review_new(struct app *app, const char *id);
struct view *request_new(struct app *app, const char *again); /* again: a grant to extend, or NULL */
struct view *waiting_new(struct app *app, const char *id);
struct page;
/* After it was asked for; takes over what hosts said that did not take it, or signed one of their own. */
struct view *waiting_asked(struct app *app, const char *id, struct page *said);
struct view *paste_new(struct app *app, const char *text, size_t len); /* text: pasted already, or NULL */
struct view *token_new(struct app *app, const char *id);
struct view *redeliver_new(struct app *app, const char *id);
/* The stock commands for people who cannot sign here; kind is "approve", "close" or "review". */
struct view *stock_commands_new(struct app *app, const char *id, const char *kind);
