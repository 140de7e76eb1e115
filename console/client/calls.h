/* Several brokers side by side: the local one, or those behind `ssh breakglass@HOST bridge`. */
#pragma once

#include "console/client/call.h"
#include "console/client/model.h"
#include "policy/base/error.h"
#include "policy/base/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-event.h>

enum calls_state {
    FAN_UNREACHABLE = 0, /* and stays so */
    FAN_READY,           /* nothing asked yet */
    FAN_WAITING,
    FAN_DONE,    /* ->reply has the answer */
    FAN_REFUSED, /* the broker said no: ->error */
};

struct calls_link {
    char *host; /* as given to ssh; NULL for the local broker */
    enum calls_state state;
    bool aside;               /* not meant now: calls_call without `only` and calls_status pass over it */
    struct bg_sentence error; /* of FAN_REFUSED and FAN_UNREACHABLE; cleaned */
    struct reply *reply;      /* the last answer, or NULL */
    struct greeting is;       /* of calls_who */
    int64_t asked;            /* our clock at the last call */
    struct calls *fan;
    struct connection dial;
};

struct calls {
    sd_event *event;
    struct calls_link *link;
    size_t n;
    size_t waiting;
};

/* Starts connections to all hosts at once; no host: the local broker. A host that cannot be reached is no
 * failure here: its link says so. -errno with a sentence only where nothing works at all. */
int calls_open(struct calls *fan, const struct bg_list *hosts, struct bg_sentence *err);
void calls_close(struct calls *fan);

/* Asks every link that is not unreachable, nor aside (`only`: just that one) and waits until each has
 * answered, failed, or the time is up. The answers stand in the links. */
void calls_call(struct calls *fan, struct calls_link *only, const struct call_args *args);
/* The same in two steps, for links that are asked different things. */
void calls_ask(struct calls_link *link, const struct call_args *args);
void calls_wait(struct calls *fan);
/* Asks each who it is and who we are there: ->is. */
void calls_who(struct calls *fan);

/* The host's own name, where it said one that goes with the word given to ssh; else that word, or "this
 * host".
 */
const char *calls_label(const struct calls_link *link);
/* The answer of a link that is done, NULL else. */
struct reply *calls_reply(const struct calls_link *link);
/* Hosts and what they show of grants, as the screen has them; the model is empty before. */
void calls_to_model(const struct calls *fan, struct model *m);
/* One line to standard error for every link that is refused or unreachable; gives the exit status of the
 * whole: done, refused (1), or not reachable (3, only when nobody refused). `closes_by` (0: none) is said of
 * unreachable ones. */
int calls_status(struct calls *fan, int64_t closes_by);
