/* One call to one broker: sent, waited for, its answer read and its errors put into words. */
#pragma once

#include "console/client/connection.h"
#include "console/client/values.h"

#define CALL_NOT_OURS "its answer is not one of breakglass"

/* A method and its arguments: as many of these as its signature has. */
struct call_args {
    enum bg_method method;
    const char *text[2]; /* NULL is "" */
    uint32_t number;     /* or a flag */
    const struct bg_draft_row *draft;
    const struct bg_filter_row *filter;
};

/* What came of it; once for every call that is not forgotten before. r 0: `reply` (take a reference to keep
 * it). Else `sentence` says why: -EREMOTEIO the broker says no, -EBADMSG its answer is not what the contract
 * says, -EHOSTUNREACH the connection is of no more use. */
typedef void call_answer(void *arg, size_t host, int r, struct reply *reply, const char *sentence);

/* Where nothing can be sent, the answer comes at once. owner: whose call it is; host: passed to the answer;
 * answer NULL: nobody waits for it. */
void call_start(struct connection *d, size_t host, const struct call_args *args, const void *owner,
                call_answer *answer, void *arg);
/* The owner (NULL: everybody) is gone: none of its calls will be answered. */
void call_forget(struct connection *d, const void *owner);
/* The connection is of no more use, and whoever waits is answered so. */
void call_give_up(struct connection *d, const char *why);
/* What it means that the other side has ended it. */
const char *call_why_closed(const struct connection *d);
/* When the oldest call began that waits (bg_monotonic); 0: none does. */
uint64_t call_oldest(const struct connection *d);

/* Who a host says that it is. */
struct greeting {
    struct reply *reply;
    const struct bg_who_row *who; /* in it, or values_nobody; never NULL after greeting_take */
    int64_t ahead;                /* seconds by which its clock is ahead of ours */
};

/* Takes the answer to Who (NULL: none) that was asked for `seconds` ago. to: the word for ssh, or NULL. */
void greeting_take(struct greeting *g, struct reply *reply, int64_t seconds);
void greeting_free(struct greeting *g);
/* The host's own name, where it says one that goes with the word for ssh (NULL: none); else "". */
const char *greeting_name(const struct greeting *g, const char *to);
