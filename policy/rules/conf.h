/* The shape of policy files: sections and keys as in systemd units. What they mean is policy.h's.
 * Own code, because the parsers at hand either merge repeated keys (libeconf), or cut lines at 200 bytes and
 * hide the line number (inih); here both matter for who gets root. */
#pragma once

#include <stddef.h>

/* One of three things: a section's header (key and bad NULL), a key with its value (bad NULL), or a line that
 * does not fit the shape (bad says what is wrong with it, key NULL). */
struct bg_conf_line {
    const char *file; /* as shown */
    unsigned line;    /* from 1; of a continued line the first */
    const char
        *section;     /* "Role", "Defaults"; "" before the first header, and after one that is itself bad */
    const char *name; /* "prod-db-admin"; "" where the header has none */
    unsigned header;  /* line of the section's header: tells two sections of one name apart */
    const char *key;
    const char *value; /* trimmed, continuation lines joined by a space, comment cut off; may be "" */
    const char *bad;
};

/* Calls `each` for every header, key and bad line, in order; the strings live for the call. Comments: lines
 * starting with '#' or ';' (also between continued lines), and from a '#' that follows white space to the end
 * of the line. A backslash at the end of a line (its comment cut off) continues it. Sections: [Word] or [Word
 * name]. CR LF is taken. 0, -ENOMEM, or the first negative value from `each`. */
int bg_conf_parse(const char *file, const char *text, size_t len,
                  int (*each)(const struct bg_conf_line *line, void *arg), void *arg);
