/* What the views share: what is known, the hosts, and the pile of views of which the uppermost has the keys.
 * It needs no view: the application gives it the table of those that can be opened. */
#pragma once

#include "console/screen/frame/search.h"
#include "console/screen/terminal/canvas.h"
#include "console/screen/terminal/keys.h"
#include "console/screen/terminal/page.h"
#include "console/action/answer.h"
#include "console/client/live.h"
#include "console/client/model.h"
#include "policy/base/error.h"
#include "policy/base/list.h"
#include "policy/base/timestamp.h"

#include <stdbool.h>
#include <stdint.h>

struct frame;
struct view;
struct view_params;

/* How often a view wants to be painted while nothing else happens. */
enum pace { PACE_STILL, PACE_MINUTES, PACE_SECONDS };

/* A view is a table of functions. One with `build` is a text to be read: it is painted, scrolled and searched
 * as such. One without has `paint`; all else may be missing. */
struct view_type {
    enum where where;
    size_t size;       /* of what a view of this type is, which begins with a struct view */
    const char *title; /* over a view that lies on others */
    /* Makes it of what it is opened with; all of it is 0 before. False: there is to be none, and why is said;
     * it is freed as it stands. */
    bool (*begin)(struct view *view, const struct view_params *params);
    /* Fills the page, which is empty, at each paint, so that it is always of now. */
    void (*build)(struct view *view, struct page *page);
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
    void (*changed)(struct view *view, size_t host, const char *id, struct reply *grant);
    void (*logged)(struct view *view, size_t host);
    /* The grant that it stays with ("": none): asked for again when a host is back. */
    const char *(*grant)(const struct view *view);
    /* Of a list: shows that grant as the chosen one. */
    void (*select)(struct view *view, const char *id);
    void (*free)(struct view *view); /* of its own things; its page and its calls go by themselves */
};

/* Stands first in what a view is. */
struct view {
    const struct view_type *type;
    struct frame *frame;
    struct view *below;
    unsigned where; /* of its type, or MODE_FILTER while something to look for is typed */
    bool done;      /* goes after this round */
    struct page page;
    struct search search;
};

/* V(ID, name): the views by name; the lists come first. */
#define VIEWS_BY_NAME(V)                                                                                     \
    V(GRANTS, grants)                                                                                        \
    V(EVENTS, events)                                                                                        \
    V(RULES, rules)                                                                                          \
    V(APPROVE, approve)                                                                                      \
    V(CLOSE, close)                                                                                          \
    V(DELIVERY, delivery)                                                                                    \
    V(DETAILS, details)                                                                                      \
    V(HELP, help)                                                                                            \
    V(HOSTS, host_list)                                                                                      \
    V(PASTE, paste)                                                                                          \
    V(REQUEST, request)                                                                                      \
    V(REVIEW, review)                                                                                        \
    V(SIGN_ELSEWHERE, sign_elsewhere)                                                                        \
    V(TOKEN, token)                                                                                          \
    V(WAITING, waiting)

enum view_id {
#define V(id, name) VIEW_##id,
    VIEWS_BY_NAME(V)
#undef V
        VIEWS,
    LISTS = VIEW_RULES + 1
};

struct bg_bundle_item;
struct delivery_params;
struct request_terms;

/* What a view is opened with; each takes what it needs, and keeps none of it unless that is said here. */
struct view_params {
    const char *id;                    /* a grant; of VIEW_REQUEST one to extend, or NULL */
    enum answer_kind answer;           /* VIEW_CLOSE, VIEW_SIGN_ELSEWHERE: which */
    unsigned where;                    /* VIEW_HELP: where one is */
    const char *text;                  /* VIEW_PASTE: pasted already, or NULL */
    size_t len;                        /* of it */
    const struct bg_bundle_item *item; /* VIEW_APPROVE: a pasted request, instead of the grant */
    const struct request_terms *terms; /* VIEW_SIGN_ELSEWHERE: of a new request */
    struct page *said;                 /* VIEW_WAITING: what hosts said to the request; taken over */
    struct delivery_params *delivery;  /* VIEW_DELIVERY: data/delivery.h */
};

struct frame {
    struct canvas canvas;
    struct model model;
    struct live *live;
    struct bg_list hosts_file;            /* what the person named there, whether it is watched or not */
    const struct view_type *const *types; /* VIEWS of them */
    struct view *list[LISTS];
    int which;
    struct view *top; /* of those that lie on the list; NULL: none does */
    const char *identity, *by;
    bool door, dirty;
    struct bg_sentence may_not_sign; /* why not; empty: it may */
    char message[1024];
    unsigned message_style;
};

/* A view that lies on nothing yet; params NULL: it needs none. NULL, having said why. */
struct view *view_new(struct frame *frame, enum view_id id, const struct view_params *params);
void view_free(struct view *view);
/* Opens that view on top of what is there; params NULL: it needs none. False: it could not be made, and why
 * is said. */
bool frame_open(struct frame *frame, enum view_id id, const struct view_params *params);
/* The view goes, after this round. */
void frame_done(struct view *view);
struct view *frame_top(struct frame *frame);
/* Shows in the list of grants that one. */
void frame_select(struct frame *frame, const char *id);
/* One line at the bottom, until the next key. */
void frame_say(struct frame *frame, unsigned style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Who we are: --as, or as the first host knows us; "" where nobody does. */
const char *frame_person(const struct frame *frame);
/* Says so where nobody is known. */
bool frame_nobody(struct frame *frame);
/* Whether a host's word on what we may do is about us: it knows us as who we are here. */
bool frame_known_at(const struct frame *frame, size_t host);
/* Whether a host says that we may approve something there. */
bool frame_approves(const struct frame *frame);
/* The fingerprints of our keys that a host lists, or NULL. */
const struct bg_strings *frame_keys(const struct frame *frame, const char *person);
/* The host that answers and has the grant (id NULL: any) in the state that matters most, with the most
 * approvals; of equal ones the first, one that hangs only where there is no other; or -1. */
int frame_host_with(const struct frame *frame, const char *id);
/* The word for ssh to a host of that name, as far as one is known that can be pasted into a shell. */
const char *frame_word(const struct frame *frame, const char *host);
/* Those of "db1,db2", each; what is no host's name is left out. */
void frame_words(struct bg_list *words, const struct frame *frame, const char *hosts);
