/* What the program says to the shell. */
#pragma once

enum {
    EXIT_DONE = 0,
    EXIT_REFUSED = 1, /* and said why */
    EXIT_USAGE = 2,
    EXIT_BROKEN = 3, /* not reachable, or broken */
};

/* Of two things that were done: a refusal counts most. */
static inline int exit_worse(int a, int b)
{
    return a == EXIT_DONE || b == EXIT_REFUSED ? b : a;
}
