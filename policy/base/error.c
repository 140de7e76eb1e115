/* SPDX-License-Identifier: ISC */
/* A failure is a negative errno, and a sentence for the person who meets it. */
#include "policy/base/error.h"

#include "policy/base/clean.h"

#include <errno.h>
#include <stdio.h>

void bg_vsay(struct bg_sentence *sentence, const char *format, va_list args)
{
    char raw[BG_SENTENCE_SIZE];
    int n = vsnprintf(raw, sizeof raw, format, args);

    bg_clean(sentence->text, sizeof sentence->text, n <= 0 ? "no sentence could be made of this" : raw);
}

void bg_say(struct bg_sentence *sentence, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    bg_vsay(sentence, format, args);
    va_end(args);
}

int bg_fail(struct bg_sentence *err, int r, const char *format, ...)
{
    if (err) {
        va_list args;

        va_start(args, format);
        bg_vsay(err, format, args);
        va_end(args);
    }
    /* A failure is negative whatever the caller passed: 0 here must never read as success. */
    return r < 0 ? r : -EINVAL;
}
