/* One line as it is typed, without the kernel's line discipline: that cuts lines at 4,096 characters, and
 * tokens are longer. */
#pragma once

#include <stddef.h>

#define DOOR_LINE_MAX 16384

enum door_typed {
    DOOR_MORE,   /* not a whole line yet */
    DOOR_LINE,   /* text[0..len) is the line, NUL-terminated */
    DOOR_CANCEL, /* Ctrl-C: forget the line */
    DOOR_END,    /* Ctrl-D on an empty line */
};

struct door_line {
    char text[DOOR_LINE_MAX + 1];
    size_t len;
    unsigned escape; /* inside an escape sequence of a cursor key */
};

void door_line_begin(struct door_line *line);
/* Takes one byte. `echo` gets what is to be shown for it, at most 3 bytes and a NUL. */
enum door_typed door_line_byte(struct door_line *line, unsigned char byte, char echo[4]);
