/* The only way in which text from others reaches a terminal: one call, one line, cleaned as a whole. */
#pragma once

#include <stddef.h>
#include <stdio.h>

/* Prints one line (without a newline in the format); whatever is in it moves no cursor and makes no second
 * line. */
void say(FILE *to, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "breakglass: …" to standard error. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A text of several lines, each cleaned, with `indent` before each. */
void say_block(FILE *to, const char *indent, const char *text);
/* A text folded at blanks to `width` columns, `indent` before each line. */
void say_folded(FILE *to, const char *indent, size_t width, const char *text);
/* Likewise behind so many blanks, and `hang` more from the second line on. */
void say_hanging(FILE *to, int indent, int hang, size_t width, const char *text);
/* snprintf at the end of a text that may be full. */
void text_append(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
