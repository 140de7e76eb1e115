/* Reading scenarios; README tells how they are written. */
#pragma once

#include "tests/screen/play.h"

#include "policy/base/error.h"

/* Reads a file, or a piece of a scenario that came by the control socket (file is its name in sentences, and
 * where files that it names are looked for). 0, or a negative errno with "FILE:LINE: …". */
int scenario_load(struct play *p, const char *path, struct bg_sentence *err);
int scenario_read(struct play *p, const char *file, const char *text, struct bg_sentence *err);

/* A line and the indented ones below it. */
struct block {
    const char *file; /* the scenario's */
    char *rest;       /* of the line, after its first word */
    struct bg_list lines;
};

/* The kinds of block that have files of their own. */
typedef int scenario_word(struct play *p, struct block *block, struct bg_sentence *err);
scenario_word scenario_grant, scenario_event, scenario_role;
