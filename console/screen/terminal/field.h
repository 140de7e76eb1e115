/* A line that is typed: a reason, a host's name, the word that approves. */
#pragma once

#include "console/screen/terminal/canvas.h"

#include <stdbool.h>
#include <stddef.h>

#define FIELD_MAX 1024 /* bytes; what a reason may have */

struct field {
    char text[FIELD_MAX + 1]; /* well-formed UTF-8 without controls */
    size_t len, cursor;       /* bytes */
};

void field_set(struct field *f, const char *text);
/* Takes a key that edits: characters, Left, Right, Home, End, Backspace, Delete, Ctrl-A, Ctrl-E, Ctrl-U,
 * Ctrl-W, Ctrl-K. False: it is for somebody else. */
bool field_key(struct field *f, int key);
/* What is pasted into it: line ends become blanks. */
void field_paste(struct field *f, const char *text, size_t len);
/* Scrolled so that the cursor can be seen; focused: the cursor stands here. */
void field_paint(const struct field *f, struct canvas *c, int row, int col, int width, bool focused);
