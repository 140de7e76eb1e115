/* SPDX-License-Identifier: ISC */
/* A failure is a negative errno, and a sentence for the person who meets it. */
#include "policy/base/error.h"

#include "policy/base/clean.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int bg_fail(struct bg_sentence *err, int r, const char *format, ...)
{
    if (err) {
        char raw[BG_SENTENCE_SIZE];
        va_list args;

        va_start(args, format);
        int n = vsnprintf(raw, sizeof raw, format, args);
        va_end(args);
        if (n < 0 || raw[0] == '\0')
            (void)snprintf(raw, sizeof raw, "error %d", -r);
        bg_clean(err->text, sizeof err->text, raw);
    }
    /* A failure is negative whatever the caller passed: 0 here must never read as success. */
    return r < 0 ? r : -EINVAL;
}
