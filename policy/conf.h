/* The shape of policy files: sections and keys as in systemd units. What they mean is policy.h's.
 * Own code, because the parsers at hand either merge repeated keys (libeconf), or cut lines at 200 bytes and
 * hide the line number (inih); here both matter for who gets root. */
#pragma once

#include "problem.h"

#include <stddef.h>

struct bg_conf_line {
    const char *file;    /* as shown */
    unsigned line;       /* from 1 */
    const char *section; /* "Role", "Defaults" */
    const char *name;    /* "prod-db-admin"; "" where the header has none */
    unsigned header;     /* line of the section's header: tells two sections of one name apart */
    const char *key;
    const char *value;   /* trimmed, continuation lines joined, comment cut off */
};

/* Calls `each` for every key. Comments: lines starting with '#' or ';', and from a '#' that follows white space to
 * the end of the line. A backslash at the end of a line continues it. Sections: [Word] or [Word name].
 * Also called once for each section header, with key NULL. What does not fit the shape becomes an error in
 * `problems`. 0, or the first negative value from `each`. */
int bg_conf_parse(const char *file, const char *text, size_t len, struct bg_problems *problems,
                  int (*each)(const struct bg_conf_line *line, void *arg), void *arg);
