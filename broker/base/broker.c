/* SPDX-License-Identifier: ISC */
/* Events for the journal, and news from one part of the broker to the others: a part calls what is below it,
 * and whatever is above hears of it through b->on. */
#include "broker/base/broker.h"
#include "policy/base/timestamp.h"
#include "policy/record/spool.h"

#include <stdio.h>
#include <unistd.h>

void broker_event(struct broker *b, const struct bg_event *event)
{
    struct bg_event e = *event;

    if (e.time == 0)
        e.time = bg_now();
    if (!e.field[BG_FIELD_HOST] && b->site.has_host)
        e.field[BG_FIELD_HOST] = b->site.host.name;
    if (bg_spool_write(&b->site.root, &e) < 0)
        (void)dprintf(STDERR_FILENO, "<2>cannot write event %s to any spool: it is lost\n",
                      bg_event_name(e.id));
    if (b->on.spooled)
        b->on.spooled(b);
}

void broker_logged(struct broker *b, const struct bg_event *event)
{
    if (b->on.logged)
        b->on.logged(b, event);
}

void broker_rules(struct broker *b)
{
    if (b->on.rules)
        b->on.rules(b);
}

void broker_statement(struct broker *b, const char *person, const char *id)
{
    if (b->on.statement)
        b->on.statement(b, person, id);
}

void broker_grant(struct broker *b, const char *person, const char *id, enum bg_state state)
{
    if (b->on.grant)
        b->on.grant(b, person, id, state);
}

void broker_session(struct broker *b, const char *person, const char *id)
{
    if (b->on.session)
        b->on.session(b, person, id);
}

void broker_session_end(struct broker *b, pid_t pid, uint64_t start)
{
    if (b->on.session_end)
        b->on.session_end(b, pid, start);
}

static void on_event(const struct bg_event *event, void *arg)
{
    broker_event(arg, event);
}

struct bg_intake broker_intake(struct broker *b)
{
    struct bg_intake in = {.site = &b->site, .event = on_event, .arg = b};

    bg_clock_read(&in.clock);
    return in;
}
