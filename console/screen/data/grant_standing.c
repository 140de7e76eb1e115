/* SPDX-License-Identifier: ISC */
/* How a grant stands on all hosts together, and what makes sense to do with it now. */
#include "console/screen/data/grant_standing.h"

#include <string.h>

#define EVENTS_OF_ONE 500

bool grant_stands(const struct frame *frame, const char *id, struct sum *sum)
{
    const struct grant *g = model_find(&frame->model, id);

    *sum = (struct sum){.state = GRANT_STATES};
    if (g)
        model_sum(g, bg_now(), sum);
    return g != NULL;
}

bool grant_ask_log(struct frame *frame, const char *id, void *arg, call_answer *answer)
{
    int host = frame_host_with(frame, id);
    struct bg_filter_row filter = {.grant = id, .oldest = true, .limit = EVENTS_OF_ONE};

    if (host < 0)
        return false;
    live_call(frame->live, (size_t)host, &(struct call_args){BG_METHOD_LOG, .filter = &filter}, arg, answer,
              arg);
    return true;
}

/* Whether a host that is reached waits, and would take an approval by us: so it says itself. */
static bool takes_approval(const struct frame *frame, const struct grant *g)
{
    const char *person = frame_person(frame);

    for (size_t i = 0; i < g->n_seen; i++)
        if (frame->model.host[g->seen[i].host].state == HOST_UP &&
            model_state_at(&g->seen[i], bg_now()) == GRANT_PENDING &&
            (!*person || model_lacks_person(&g->seen[i], person)))
            return true;
    return false;
}

static bool answers(const struct frame *frame, size_t host)
{
    return frame->model.host[host].state == HOST_UP && !live_hangs(&frame->model.host[host]);
}

/* Whether another host that is reached has something to say about it that this one has not heard. */
static bool is_behind(const struct frame *frame, const struct grant *g, const struct seen *seen)
{
    enum grant_state state = seen ? model_state_at(seen, bg_now()) : GRANT_PENDING;

    for (size_t i = 0; i < g->n_seen; i++) {
        const struct seen *other = &g->seen[i];
        enum grant_state there = model_state_at(other, bg_now());

        if (other == seen || !answers(frame, other->host) || there > GRANT_CLOSED)
            continue;
        if (seen ? there == GRANT_CLOSED || (state == GRANT_PENDING && model_got_more(other, seen))
                 : there != GRANT_CLOSED)
            return true;
    }
    return false;
}

bool grant_lacks(const struct frame *frame, const struct grant *g, size_t host)
{
    const struct host *h = &frame->model.host[host];
    const struct seen *seen = model_seen(g, host);

    if (frame->door || !answers(frame, host))
        return false;
    if (seen ? model_state_at(seen, bg_now()) > GRANT_PENDING
             : !h->listed || !model_is_named(g->hosts, h->name))
        return false;
    return is_behind(frame, g, seen);
}

static bool any_lacks(const struct frame *frame, const struct grant *g)
{
    for (size_t i = 0; i < frame->model.n_hosts; i++)
        if (grant_lacks(frame, g, i))
            return true;
    return false;
}

/* Whether a host that wants a review would take ours. What one says of somebody else, or does not say, is
 * no answer. */
static bool takes_review(const struct frame *frame, const struct grant *g)
{
    for (size_t i = 0; i < g->n_seen; i++)
        if (g->seen[i].review_due && (g->seen[i].reviewable || !frame_known_at(frame, g->seen[i].host)))
            return true;
    return false;
}

bool grant_offers(const struct frame *frame, const char *id, enum command command)
{
    const struct grant *g = *id ? model_find(&frame->model, id) : NULL;
    bool mine = g && strcmp(g->person, frame_person(frame)) == 0, waits = g && model_waits(g, bg_now());
    bool other = !mine && *frame_person(frame); /* nobody can do anything for nobody known */
    struct sum sum;

    (void)grant_stands(frame, id, &sum);
    switch (command) {
    case CMD_REQUEST:
        return *frame_person(frame) || frame_host_with(frame, NULL) < 0;
    case CMD_APPROVE: /* not for who has approved already, or may not */
        return waits && other && takes_approval(frame, g);
    case CMD_DENY:
        return sum.state == GRANT_PENDING && other;
    case CMD_REVOKE:
        return (sum.state == GRANT_OPEN || sum.state == GRANT_EARLY) && other;
    case CMD_GIVE_BACK:
        return mine && sum.state <= GRANT_PENDING;
    case CMD_WITHDRAW:
        return mine && sum.state == GRANT_PENDING;
    case CMD_WAIT:
        return mine && (waits || sum.state == GRANT_EARLY);
    case CMD_EXTEND: /* also what has ended */
        return mine && sum.state != GRANT_PENDING && sum.state != GRANT_EARLY;
    case CMD_REVIEW:
        return sum.review_due != 0 && other && takes_review(frame, g);
    case CMD_TOKEN:
        return waits;
    case CMD_SYNC:
        return g && any_lacks(frame, g);
    default:
        return true;
    }
}
