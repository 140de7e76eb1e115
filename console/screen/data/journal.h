/* The events of all hosts, newest first: read a page at a time, followed as they are written, and checked as
 * a chain as far as they are here. */
#pragma once

#include "console/client/filter.h"
#include "console/client/log_chain.h"
#include "console/screen/frame/frame.h"

#ifndef JOURNAL_MAX       /* a fuzzer has fewer */
#define JOURNAL_MAX 10000 /* events that are kept; older ones are for `breakglass log` */
#endif
#define JOURNAL_LOOK 10000 /* of a host that are looked at for a filter, until somebody wants more */

struct entry {
    int64_t time;
    uint64_t seq;
    uint16_t host;
    bool door; /* only that somebody came to the front door, or left it */
    const char *event, *person, *role, *grant, *message;
    char text[]; /* of all of them */
};

struct journal_host {
    bool begun, busy, whole; /* whole: there is nothing older */
    bool stale;              /* more was written while we read */
    char *older;             /* the cursor behind the oldest page */
    bool some;               /* something is here, and these are the ends of it */
    struct log_link newest, oldest;
    size_t looked;    /* events that it has sent, whether they fit or not */
    int64_t back_to;  /* the time of the oldest of them */
    char broken[512]; /* what is wrong with the chain; empty: nothing that is here */
    char why[256];    /* it gives no log: why */
    bool reading_new; /* which end the page on its way is for */
};

struct journal {
    struct frame *frame;
    struct journal_host host[MODEL_HOSTS];
    struct entry **v; /* n of them, newest first */
    size_t n, room;
    unsigned changes; /* counts them: pointers from before one may be stale */
    const struct filter *filter;
    size_t may_look; /* at so many of a host */
    bool cut;        /* older ones were dropped: there is no room */
};

/* Reads what is new, or the first page, of every host that has more. */
void journal_follow(struct journal *j);
enum journal_end {
    JOURNAL_WHOLE,  /* nothing older is on the hosts */
    JOURNAL_FULL,   /* no room for it */
    JOURNAL_LOOKED, /* journal_further goes on */
    JOURNAL_MORE,
};
/* Where the older end is. */
enum journal_end journal_end(const struct journal *j);
/* Reads one older page of every host that has one, a long one if many are wanted. False: there is none, or no
 * room, or enough of them have been looked at. */
bool journal_older(struct journal *j, bool many);
/* As many again may be looked at as until now. */
void journal_further(struct journal *j);
/* The host has written more. */
void journal_logged(struct journal *j, size_t host);
/* Another filter: everything is read anew. */
void journal_restart(struct journal *j);
/* How far back one has looked for what fits; empty where no filter is. */
void journal_looked(const struct journal *j, char *out, size_t size);
/* One line about the chains; its style. */
unsigned journal_chain(const struct journal *j, char *out, size_t size);
bool journal_busy(const struct journal *j);
void journal_free(struct journal *j);
