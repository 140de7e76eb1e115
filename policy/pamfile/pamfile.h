/* The shape of PAM service files, pam.d(5): lines and their words. What a module is told is gateline.h's. */
#pragma once

#include "policy/base/list.h"

#include <stdbool.h>
#include <stddef.h>

#define BG_PAMFILE_MAX (256 * 1024)

struct bg_pamline {
    const char *start; /* into the text: the whole line, lines that continue it, and the newline */
    size_t len;
    unsigned lines;  /* how many it takes */
    unsigned number; /* of its first line, from 1 */
    bool continued;  /* a backslash continues it: releases of Linux-PAM differ in what they make of that */
    struct bg_list words; /* empty for blank lines and comments; "[success=ok default=bad]" is one word */
};

/* Reads the line at *text (which holds *left bytes) and moves both past it; `number` in *line counts on from
 * the line before (start with a zeroed struct). 1, 0 at the end, or -ENOMEM. The words are the caller's to
 * free. */
int bg_pamline_next(struct bg_pamline *line, const char **text, size_t *left);
void bg_pamline_free(struct bg_pamline *line);

enum bg_pamtype { BG_PAM_NONE, BG_PAM_AUTH, BG_PAM_ACCOUNT, BG_PAM_PASSWORD, BG_PAM_SESSION, BG_PAM_INCLUDE };
/* What the first word makes of the line. A '-' before the type is part of no type: a line that may be missing
 * its module silently is told apart by *optional. */
enum bg_pamtype bg_pamline_type(const struct bg_pamline *line, bool *optional);
/* Whether the line calls our module, by its bare name or by an absolute path. */
bool bg_pamline_ours(const struct bg_pamline *line);
