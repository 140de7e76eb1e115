/* One call to one broker: sent, waited for, its answer read and its errors put into words. */
#pragma once

#include "console/client/connection.h"
#include "console/client/values.h"

#define CALL_NOT_OURS "its answer is not one of breakglass"

struct call;

/* A method and its arguments: as many of these as its signature has. */
struct call_args {
    enum bg_method method;
    const char *text[2]; /* NULL is "" */
    uint32_t number;     /* or a flag */
    const struct bg_draft_row *draft;
    const struct bg_filter_row *filter;
};

/* What came of it; once for every call that is not dropped before, and `call` ends with it. r 0: `reply`
 * (take a reference to keep it). Else `sentence` says why: -EREMOTEIO the broker says no, -EBADMSG its answer
 * is not what the contract says, -EHOSTUNREACH the connection is of no more use. */
typedef void call_answer(void *arg, int r, struct reply *reply, const char *sentence);

/* 0, or -errno where nothing was sent: -EHOSTUNREACH where the connection is the reason. */
int call_start(struct call **ret, struct connection *d, const struct call_args *args, call_answer *answer,
               void *arg);
/* Nobody wants the answer any more. NULL is nothing. */
void call_drop(struct call *call);

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
