/* SPDX-License-Identifier: ISC */
/* What broker/main.c gives to the parts of the broker, for tests of single parts: the question, and nothing
 * else. A test that wants to hear of events has its own broker_event. */
#include "broker/broker.h"

struct bg_question broker_question(const struct broker *b, int64_t now)
{
    return (struct bg_question){.host = b->host.name, .now = now};
}

struct bg_intake broker_intake(struct broker *b)
{
    (void)b;
    return (struct bg_intake){0};
}

__attribute__((weak)) void broker_event(struct broker *b, const struct bg_event *event)
{
    (void)b;
    (void)event;
}

void broker_changed(struct broker *b, const char *person, const char *id)
{
    (void)b;
    (void)person;
    (void)id;
}
