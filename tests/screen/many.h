/* Thousands of grants and events, for the bench. */
#pragma once

#include "tests/screen/play.h"

/* n grants, one every three minutes up to now, of a twentieth as many people: most of them over, and among
 * each hundred one that is open and two that wait. Their rows are made here and stay as they are. */
void many_grants(struct play *p, long n);
/* n events about those grants, one every 30 seconds up to now. */
void many_events(struct play *p, long n);
