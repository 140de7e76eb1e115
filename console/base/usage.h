/* A verb that was typed wrong. */
#pragma once

#include "console/base/exit_status.h"
#include "policy/base/error.h"
#include "policy/base/list.h"

/* One sentence and how to get help, to standard error; gives EXIT_USAGE. */
int verb_usage(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A verb that the front door has, too. hosts: takes -H; NULL at the door, which speaks for its own host
 * alone. Gives an exit status; EXIT_USAGE with a sentence where it was typed wrong. */
typedef int verb_anywhere(int argc, char **argv, struct bg_list *hosts, struct bg_sentence *err);
/* Runs it as a verb, with -H. */
int verb_run(int argc, char **argv, verb_anywhere *run);
