/* The console as a screen: `breakglass` without a verb, and the front door with a terminal. */
#pragma once

#include "policy/base/list.h"

#include <stdbool.h>

struct app_options {
    const struct bg_list *hosts; /* to watch by ssh; empty: none but this machine */
    bool local;                  /* this machine's own broker */
    const char *identity, *by;   /* as --identity and --as; may be NULL */
    bool door;                   /* at the front door: nothing is signed, no shell is near */
    bool colour;
};

/* Runs until the person leaves. Gives an exit status; -ENOENT where the terminal is not known on this
 * machine, and nothing was shown. */
int app_run(const struct app_options *options);
