/* The verbs: one table drives what runs, the help and the man page's list. */
#pragma once

#include <stdio.h>

/* Exit statuses of every verb. */
enum {
    EXIT_DONE = 0,
    EXIT_REFUSED = 1, /* and said why */
    EXIT_USAGE = 2,
    EXIT_BROKEN = 3, /* not reachable, or broken */
};

struct verb {
    const char *name;
    const char *arguments; /* as in the usage line */
    const char *summary;   /* one line */
    const char *help;      /* what follows the usage line in --help; fits a screen of 80x24 */
    /* argv[0] is the verb's name; gives an exit status. */
    int (*run)(int argc, char **argv);
};

/* Ends with a verb without a name. */
extern const struct verb verbs[];

const struct verb *verb_find(const char *name);
/* Prints usage and help of one verb to standard output. */
void verb_help(const struct verb *verb);
/* All verbs, a line each. */
void verb_short_help(FILE *to);
/* One sentence and how to get help, to standard error; gives EXIT_USAGE. */
int verb_usage(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

int verb_approve(int argc, char **argv);
int verb_console(int argc, char **argv); /* without a verb */
int verb_deny(int argc, char **argv);
int verb_extend(int argc, char **argv);
int verb_get(int argc, char **argv);
int verb_give_back(int argc, char **argv);
int verb_init(int argc, char **argv);
int verb_list(int argc, char **argv);
int verb_lock(int argc, char **argv);
int verb_log(int argc, char **argv);
int verb_policy(int argc, char **argv);
int verb_put(int argc, char **argv);
int verb_request(int argc, char **argv);
int verb_review(int argc, char **argv);
int verb_revoke(int argc, char **argv);
int verb_show(int argc, char **argv);
int verb_signers(int argc, char **argv);
int verb_text(int argc, char **argv);
int verb_unlock(int argc, char **argv);
int verb_why(int argc, char **argv);
