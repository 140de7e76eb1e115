/* The verbs: one table drives what runs, the help and the man page's list. No verb needs it. */
#pragma once

#include <stdio.h>

struct verb {
    const char *name;
    const char *arguments; /* as in the usage line */
    const char *summary;   /* one line */
    const char *help;      /* what follows the usage line in --help; fits a screen of 80x24 */
    /* argv[0] is the verb's name; gives an exit status (exit_status.h). */
    int (*run)(int argc, char **argv);
};

/* Ends with a verb without a name. */
extern const struct verb verbs[];

const struct verb *verb_find(const char *name);
/* Prints usage and help of one verb to standard output. */
void verb_help(const struct verb *verb);
/* All verbs, a line each. */
void verb_short_help(FILE *to);
