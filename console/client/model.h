/* What the console knows: hosts, and grants as each host sees them. No bus and no terminal; small, since
 * there may be ten thousand. */
#pragma once

#include "console/client/call.h"
#include "policy/base/list.h"
#include "policy/base/name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_HOSTS 256
#define MODEL_GRANTS 100000 /* hosts that lie must not fill our memory */

enum host_state { HOST_CONNECTING, HOST_UP, HOST_DOWN };

struct host {
    char *to;                /* the word for ssh; NULL: this machine */
    char name[BG_HOST_SIZE]; /* what it is called here */
    enum host_state state;
    bool listed;   /* its list is here as a whole */
    bool extra;    /* not watched: it was only needed for one thing */
    char why[512]; /* of HOST_DOWN; cleaned */
    struct greeting is;
    int64_t asked_at; /* monotonic ms since when an answer is due; 0: none is */
    uint32_t listing; /* counts its lists: what an older one has and the newest has not is gone */
};

/* The state of a grant, in the order in which they matter to who looks: sums take the first. */
enum grant_state {
    GRANT_OPEN,
    GRANT_EARLY,
    GRANT_PENDING,
    GRANT_CLOSED,
    GRANT_EXPIRED,
    GRANT_LAPSED,
    GRANT_REFUSED,
    GRANT_DRILL,
    GRANT_STATES,
};

/* What reviewers said of it; a flag counts more. */
enum verdict { VERDICT_NONE, VERDICT_OK, VERDICT_FLAG };

/* What one host says of a grant. */
struct seen {
    uint16_t host;
    uint8_t state;     /* enum grant_state */
    uint8_t closed_as; /* model_closed_as names it */
    uint8_t verdict;   /* enum verdict */
    bool solo, critical;
    bool reviewable; /* it would take a review by whom it knows us as, or does not say */
    uint16_t filled, need, sessions;
    uint32_t listing;
    int64_t opens, ends, review_due;
    const struct bg_grant_row *row; /* while it waits or is open, else NULL: all that the host says of it */
    struct reply *told;             /* in here */
};

struct grant {
    char id[BG_ID_SIZE];
    const char *person, *role, *hosts, *accounts, *credentials, *reason, *ticket; /* all in ->text */
    char *text;
    int64_t requested, duration;
    bool drill;
    uint16_t n_hosts; /* of the request */
    uint16_t n_seen;
    struct seen *seen;
};

/* All that the hosts say of one grant, put together. */
struct sum {
    enum grant_state state;
    enum verdict verdict;
    uint8_t closed_as;
    bool solo, critical;
    unsigned filled, need, sessions;
    unsigned hosts;      /* that are in this state */
    unsigned other;      /* that say something else */
    int64_t opens, ends; /* the latest end */
    int64_t review_due;  /* the earliest; 0: none */
};

struct model {
    struct host host[MODEL_HOSTS];
    size_t n_hosts;
    struct grant **grant; /* n of them, by their IDs */
    size_t n;
    struct grant **shown; /* of filter_arrange: those that fit, in the order of the screen */
    size_t n_shown;
    bool dirty; /* shown must be made anew */
};

/* Copies a text to *at, where there is room for it, and moves *at behind it: several texts in one piece of
 * memory.
 */
const char *model_keep(char **at, const char *text);

void model_free(struct model *m);
/* The index of a new host, or -1 when there is no room. */
int model_add_host(struct model *m, const char *to);
/* By its own name or the word for ssh; -1: none. */
int model_find_host(const struct model *m, const char *name);

struct grant *model_find(const struct model *m, const char *id);
/* Takes row i of an answer. NULL: there is none, its ID is none, or there is no memory. */
struct grant *model_take(struct model *m, size_t host, struct reply *told, size_t i);
/* A host's new list begins; at its end what it no longer names goes. */
void model_list_begin(struct model *m, size_t host);
void model_list_end(struct model *m, size_t host);
/* The host knows nothing of that grant any more. */
void model_drop(struct model *m, size_t host, const char *id);

/* now: what has run out has expired, whatever a host said last. */
void model_sum(const struct grant *g, int64_t now, struct sum *sum);
const struct seen *model_seen(const struct grant *g, size_t host);
/* What has run out has expired, whatever the host said last. */
enum grant_state model_state_at(const struct seen *seen, int64_t now);
/* Whether it still waits on some host. */
bool model_waits(const struct grant *g, int64_t now);
/* Whether an approval of that person counts there. */
bool model_got(const struct seen *seen, const char *person);
/* Whether the host says that an approval by that person is still missing there. */
bool model_lacks_person(const struct seen *seen, const char *person);
/* Whether the name is one of those with commas between. */
bool model_is_named(const char *commas, const char *name);
/* Whether an approval counts there of which the other host does not know. */
bool model_got_more(const struct seen *seen, const struct seen *other);
/* "pending", "OPEN", "denied" … */
const char *model_state(const struct sum *sum);
/* "signed off", "flagged" or "". */
const char *model_verdict(const struct sum *sum);
