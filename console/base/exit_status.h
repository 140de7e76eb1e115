/* What the program says to the shell. */
#pragma once

enum {
    EXIT_DONE = 0,
    EXIT_REFUSED = 1, /* and said why */
    EXIT_USAGE = 2,
    EXIT_BROKEN = 3, /* not reachable, or broken */
};
