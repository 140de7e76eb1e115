/* SPDX-License-Identifier: ISC */
/* What can be done with one grant, from the list and from its details alike. */
#include "console/screen/app.h"

#include <string.h>

#define EVENTS_OF_ONE 500

bool grant_stands(const struct app *app, const char *id, struct sum *sum)
{
    const struct grant *g = model_find(&app->model, id);

    *sum = (struct sum){.state = GRANT_STATES};
    if (g)
        model_sum(g, app_now(), sum);
    return g != NULL;
}

bool grant_ask_log(struct app *app, const char *id, void *arg, live_answer *answer)
{
    int host = app_host_with(app, id);
    json_ json_object *params = json_object_new_object();

    if (host < 0 || !params)
        return false;
    json_object_object_add(params, "grant", json_object_new_string(id));
    json_object_object_add(params, "oldest", json_object_new_boolean(true));
    json_object_object_add(params, "limit", json_object_new_int64(EVENTS_OF_ONE));
    live_call(app->live, (size_t)host, "Log", live_append_dict, params, arg, answer, arg);
    return true;
}

static void say_no(struct app *app, const char *sentence)
{
    app_say(app, STYLE_WAITS, "%s", sentence);
}

/* Whether a host that is reached waits, and would take an approval by us: so it says itself. */
static bool takes_approval(const struct app *app, const struct grant *g)
{
    const char *person = app_person(app);

    for (size_t i = 0; i < g->n_seen; i++)
        if (app->model.host[g->seen[i].host].state == HOST_UP &&
            model_state_at(&g->seen[i], app_now()) == GRANT_PENDING &&
            (!*person || model_lacks_person(&g->seen[i], person)))
            return true;
    return false;
}

static bool answers(const struct app *app, size_t host)
{
    return app->model.host[host].state == HOST_UP && !host_hangs(&app->model.host[host]);
}

/* Whether another host that is reached has something to say about it that this one has not heard. */
static bool is_behind(const struct app *app, const struct grant *g, const struct seen *seen)
{
    enum grant_state state = seen ? model_state_at(seen, app_now()) : GRANT_PENDING;

    for (size_t i = 0; i < g->n_seen; i++) {
        const struct seen *other = &g->seen[i];
        enum grant_state there = model_state_at(other, app_now());

        if (other == seen || !answers(app, other->host) || there > GRANT_CLOSED)
            continue;
        if (seen ? there == GRANT_CLOSED || (state == GRANT_PENDING && model_got_more(other, seen))
                 : there != GRANT_CLOSED)
            return true;
    }
    return false;
}

bool grant_lacks(const struct app *app, const struct grant *g, size_t host)
{
    const struct host *h = &app->model.host[host];
    const struct seen *seen = model_seen(g, host);

    if (app->door || !answers(app, host))
        return false;
    if (seen ? model_state_at(seen, app_now()) > GRANT_PENDING
             : !h->listed || !model_is_named(g->hosts, h->name, strlen(h->name)))
        return false;
    return is_behind(app, g, seen);
}

static bool any_lacks(const struct app *app, const struct grant *g)
{
    for (size_t i = 0; i < app->model.n_hosts; i++)
        if (grant_lacks(app, g, i))
            return true;
    return false;
}

static void approve(struct app *app, const struct grant *g)
{
    if (!model_waits(g, app_now()))
        say_no(app, "only a request that waits can be agreed to");
    else if (strcmp(g->person, app_person(app)) == 0)
        say_no(app, "you asked for this; another person must agree");
    else if (*app->may_not_sign.text)
        app_push(app, stock_commands_new(app, g->id, "approve"));
    else
        app_push(app, approve_new(app, g->id));
}

static void close_it(struct app *app, const struct grant *g, const struct sum *sum, enum command command)
{
    bool mine = strcmp(g->person, app_person(app)) == 0;

    if (sum->state > GRANT_PENDING)
        say_no(app, "it is not open and does not wait any more");
    else if (command == CMD_GIVE_BACK && !mine)
        say_no(app, "that is not yours to give back; r revokes it");
    else if (!mine && command == CMD_DENY && sum->state != GRANT_PENDING)
        say_no(app, "it is open: r revokes it");
    else if (!mine && command == CMD_REVOKE && sum->state == GRANT_PENDING)
        say_no(app, "it waits: d denies it");
    else
        app_push(app, close_new(app, g->id, mine ? CMD_GIVE_BACK : command));
}

/* Whether a host that wants a review would take ours. What one says of somebody else, or does not say, is
 * no answer. */
static bool takes_review(const struct app *app, const struct grant *g)
{
    for (size_t i = 0; i < g->n_seen; i++)
        if (g->seen[i].review_due && (g->seen[i].reviewable || !app_known_at(app, g->seen[i].host)))
            return true;
    return false;
}

static void review(struct app *app, const struct grant *g, const struct sum *sum)
{
    if (!sum->review_due)
        say_no(app, sum->state <= GRANT_PENDING ? "it has not ended yet; what has ended is reviewed"
                                                : "no review is wanted, or it was done");
    else if (strcmp(g->person, app_person(app)) == 0)
        say_no(app, "it was yours; somebody else reviews it");
    else if (*app_person(app) && !takes_review(app, g))
        say_no(app, "no host would take your review; a reviewer who did not agree to it can");
    else if (*app->may_not_sign.text)
        app_push(app, stock_commands_new(app, g->id, "review"));
    else
        app_push(app, review_new(app, g->id));
}

bool grant_command(struct app *app, const char *id, enum command command)
{
    const struct grant *g = model_find(&app->model, id);
    struct sum sum;

    if (!g)
        return false;
    model_sum(g, app_now(), &sum);
    switch (command) {
    case CMD_APPROVE:
        approve(app, g);
        return true;
    case CMD_DENY:
    case CMD_REVOKE:
    case CMD_GIVE_BACK:
        close_it(app, g, &sum, command);
        return true;
    case CMD_REVIEW:
        review(app, g, &sum);
        return true;
    case CMD_EXTEND:
        if (strcmp(g->person, app_person(app)) != 0)
            say_no(app, "that is not yours; n asks for a role of your own");
        else
            app_push(app, request_new(app, id));
        return true;
    case CMD_WAIT:
        if (strcmp(g->person, app_person(app)) != 0)
            say_no(app, "that is not yours to wait for; it shows here by itself");
        else
            app_push(app, waiting_new(app, id));
        return true;
    case CMD_TOKEN:
        app_push(app, token_new(app, id));
        return true;
    case CMD_SYNC:
        if (any_lacks(app, g))
            app_push(app, redeliver_new(app, id));
        else
            say_no(app, "no host that is reached lacks what another one has of it");
        return true;
    case CMD_OPEN:
        app_push(app, details_new(app, id));
        return true;
    default:
        return false;
    }
}

bool grant_offers(const struct app *app, const char *id, enum command command)
{
    const struct grant *g = *id ? model_find(&app->model, id) : NULL;
    bool mine = g && strcmp(g->person, app_person(app)) == 0, waits = g && model_waits(g, app_now());
    bool other = !mine && *app_person(app); /* nobody can do anything for nobody known */
    struct sum sum;

    (void)grant_stands(app, id, &sum);
    switch (command) {
    case CMD_ASK:
        return *app_person(app) || app_host_with(app, NULL) < 0;
    case CMD_APPROVE: /* who has agreed already, or may not, is not asked to */
        return waits && other && takes_approval(app, g);
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
        return sum.review_due != 0 && other && takes_review(app, g);
    case CMD_TOKEN:
        return waits;
    case CMD_SYNC:
        return g && any_lacks(app, g);
    default:
        return true;
    }
}
