/* What every verb that speaks to brokers begins with. */
#pragma once

#include "console/client/calls.h"
#include "console/base/exit_status.h"

/* Opens links to `hosts` (none, or NULL: the local broker) and asks each who it is. Gives EXIT_DONE when at
 * least one answered (those that did not are named on standard error), else the exit status, having said why.
 * The caller closes. */
int connect_known(struct calls *fan, const struct bg_list *hosts);
/* As connect_known; where the user named no hosts and this machine has no broker, to those of the hosts file.
 */
int connect_hosts(struct calls *fan, const struct bg_list *named);
/* The first link that answers, or NULL. */
struct calls_link *connect_first(struct calls *fan);
