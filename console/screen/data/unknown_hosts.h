/* Hosts that a pasted text names and nobody else: whoever wrote it chose them, so ssh is not started to any
 * of them unless the person at the screen says so. */
#pragma once

#include "console/screen/frame/frame.h"
#include "console/screen/terminal/page.h"

/* The host that the name means among one's own: one that is watched, or connected already, or stands in the
 * hosts file, under the word for ssh that stands there; it is reached from now on. Its index, or -1. */
int own_host(struct frame *frame, const char *name);
/* Adds those of `hosts` that are not one's own, each once. 0 or -ENOMEM. */
int unknown_hosts_add(struct bg_list *strangers, struct frame *frame, const struct bg_list *hosts);
/* Who they are, and what it means to reach them. */
void unknown_hosts_say(struct page *page, const struct bg_list *strangers);
