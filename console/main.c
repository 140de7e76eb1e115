/* SPDX-License-Identifier: ISC */
/* breakglass: the verbs, and without one the console. */
#include "console/base/destination.h"
#include "console/base/print.h"
#include "console/verbs/table.h"
#include "console/verbs/verbs.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || (i == 1 && strcmp(argv[i], "-h") == 0))
            return true;
    return false;
}

/* What was printed must have arrived: a full disk or a closed pipe is not "done". */
static int finish(int status)
{
    if (fflush(stdout) != 0 && status == EXIT_DONE) {
        fprintf(stderr, "breakglass: cannot write: %s\n", strerrordesc_np(errno));
        return EXIT_BROKEN;
    }
    return status;
}

/* -H HOST may stand before the verb, as with systemctl; it is the verb's all the same. Moves the verb to the
 * front and gives 0, or -1 where no verb stands there. */
static int verb_first(int argc, char **argv)
{
    int at = 1;

    while (at < argc && strncmp(argv[at], "-H", 2) == 0 && strcmp(argv[at], "--") != 0)
        at += argv[at][2] ? 1 : 2;
    if (at >= argc || argv[at][0] == '-')
        return -1;
    for (char *verb = argv[at]; at > 1; at--) {
        argv[at] = argv[at - 1];
        if (at == 2)
            argv[1] = verb;
    }
    return 0;
}

static int run(const struct verb *verb, int argc, char **argv)
{
    int status = verb->run(argc, argv);

    if (status == VERB_NOTHING_TO_SHOW) {
        verb_short_help(stdout);
        status = EXIT_DONE;
    }
    return finish(status);
}

/* --root DIR: another root than /, for tests and images. */
static int take_root(int *argc, char ***argv)
{
    if (*argc < 2 || strcmp((*argv)[1], "--root") != 0)
        return 0;
    if (*argc < 3)
        return -1;
    destination_set_root((*argv)[2]);
    *argc -= 2;
    *argv += 2;
    return 0;
}

static int help(const struct verb *verb)
{
    if (verb)
        verb_help(verb);
    else
        verb_short_help(stdout);
    return finish(EXIT_DONE);
}

int main(int argc, char **argv)
{
    if (argc < 1 || getauxval(AT_SECURE) != 0) {
        fputs("breakglass: does not run set-uid or with capabilities of its file\n", stderr);
        return EXIT_REFUSED;
    }
    (void)setlocale(LC_CTYPE, "");
    if (sodium_init() < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        return EXIT_BROKEN;
    if (take_root(&argc, &argv) < 0) {
        fputs("breakglass: --root needs a folder\n", stderr);
        return EXIT_USAGE;
    }
    const char *word = argc > 1 ? argv[1] : "";
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0)
        return help(argc > 2 ? verb_find(argv[2]) : NULL);
    if (strcmp(word, "--version") == 0) {
        puts(PACKAGE_STRING);
        return finish(EXIT_DONE);
    }
    int named = verb_first(argc, argv) >= 0; /* else there are only options, of the console */
    const struct verb *verb = verb_find(named ? argv[1] : "console");
    if (!verb) {
        complain("there is no such verb");
        verb_short_help(stderr);
        return EXIT_USAGE;
    }
    return asks_for_help(argc - named, argv + named) ? help(verb) : run(verb, argc - named, argv + named);
}
