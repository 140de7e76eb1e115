/* Folders that the broker waits on: the configuration, the spool and the session records. */
#pragma once

#include "broker/base/broker.h"

/* Starts to wait; what cannot be watched yet (policy.d may come later) is tried again by watch_tick. */
int watch_new(struct watch **ret, struct broker *b);
void watch_free(struct watch *w);
/* Tries again what is not watched. Where inotify itself fails, the configuration is simply read again. */
void watch_tick(struct watch *w);
