/* One sentence for a tired person: what happened, to which thing, what to do. */
#pragma once

#include <stdarg.h>

#define BG_SENTENCE_SIZE 1024

struct bg_sentence {
    char text[BG_SENTENCE_SIZE]; /* cleaned, never empty, no newline at the end */
};

/* Writes the sentence into *err (which may be NULL) and gives r back, so that a caller can say
 * `return bg_fail(err, -EINVAL, "policy.conf:%u: …", line);`. Text from others may be passed: the result
 * is cleaned as a whole (clean.h). r is a negative errno. */
int bg_fail(struct bg_sentence *err, int r, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same sentence where nothing failed. */
void bg_say(struct bg_sentence *sentence, const char *format, ...) __attribute__((format(printf, 2, 3)));
void bg_vsay(struct bg_sentence *sentence, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
