/* SPDX-License-Identifier: ISC */
/* A verb that was typed wrong: one sentence, and where the help is. */
#include "console/base/usage.h"

#include "policy/base/cleanup.h"

#include <stdarg.h>
#include <stdio.h>

#define SENTENCE_SIZE 512

int verb_usage(const char *name, const char *format, ...)
{
    char text[SENTENCE_SIZE];
    va_list ap;

    va_start(ap, format);
    (void)vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    fprintf(stderr, "breakglass %s: %s\nbreakglass %s --help tells more.\n", name, text, name);
    return EXIT_USAGE;
}

int verb_run(int argc, char **argv, verb_anywhere *run)
{
    bg_cleanup_(bg_list_free) struct bg_list hosts = {0};
    struct bg_sentence err = {0};
    int status = run(argc, argv, &hosts, &err);

    return *err.text ? verb_usage(argv[0], "%s", err.text) : status;
}
