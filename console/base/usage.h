/* A verb that was typed wrong. */
#pragma once

#include "console/base/exit_status.h"

/* One sentence and how to get help, to standard error; gives EXIT_USAGE. */
int verb_usage(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));
