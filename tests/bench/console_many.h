/* The console and forty hosts at once. */
#pragma once

#include "tests/bench/console_hosts.h"

void many_hosts(struct hosts *hosts);
