/* A statement between the store and the spool. Intake stores it first and tells of it then; a broker that is
 * killed between the two must still tell. The statement being taken in is named in run/breakglass/intake
 * until its events are in the spool. */
#pragma once

#include "broker/base/broker.h"

/* Before intake: remembers the statement. Failure is no reason to refuse it. */
void intake_log_begin(const struct broker *b, const char *text, size_t len);
/* After intake: its events are in the spool. */
void intake_log_end(const struct broker *b);
/* At start, before anything is written to the journal: tells what a killed broker had stored and not told. */
void intake_log_recover(struct broker *b);
