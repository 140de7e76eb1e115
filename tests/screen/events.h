/* The journal of the host that is played. */
#pragma once

#include "tests/screen/play.h"

/* One more, at the end; valid until the next. It becomes part of the chain by events_settle. */
struct play_event *event_add(struct play *p);
/* Makes the chain of what was added since; watchers are told. At the start everything is put in the order of
 * time first. */
void events_settle(struct play *p);
/* Takes over what bg_intake_one did; for its `event`. */
void event_taken(const struct bg_event *event, void *play);
/* A row of Log. */
void event_fields(const struct play_event *e, struct fields *f);
void events_free(struct play *p);
