/* SPDX-License-Identifier: ISC */
/* The words of a scenario: quotes, times relative to now, lists. */
#include "tests/screen/text.h"

#include "tests/screen/fields.h"
#include "policy/base/timestamp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *text_word(char **rest)
{
    char *word = *rest + strspn(*rest, " \t"), *end = word + strcspn(word, " \t");

    *rest = end + (*end ? 1 + strspn(end + 1, " \t") : 0);
    *end = '\0';
    return word;
}

bool text_yes(const char *word)
{
    return *word == '\0' || strcmp(word, "yes") == 0;
}

/* --- characters that no editor shows --- */

static void put_character(FILE *out, unsigned long c)
{
    if (c < 0x80) {
        (void)fputc((int)c, out);
    } else if (c < 0x800) {
        (void)fprintf(out, "%c%c", (int)(0xc0 | c >> 6), (int)(0x80 | (c & 0x3f)));
    } else if (c < 0x10000) {
        (void)fprintf(out, "%c%c%c", (int)(0xe0 | c >> 12), (int)(0x80 | (c >> 6 & 0x3f)),
                      (int)(0x80 | (c & 0x3f)));
    } else {
        (void)fprintf(out, "%c%c%c%c", (int)(0xf0 | c >> 18), (int)(0x80 | (c >> 12 & 0x3f)),
                      (int)(0x80 | (c >> 6 & 0x3f)), (int)(0x80 | (c & 0x3f)));
    }
}

static const char *put_one(FILE *out, const char *text);

/* After "\{": the count, and what is repeated. */
static const char *put_many(FILE *out, const char *text)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    const char *what = *end == '}' ? end + 1 : end, *after = what;

    if (*what == '\0')
        return what;
    for (unsigned long i = 0; i < n; i++)
        after = put_one(out, what);
    return after;
}

static const char *put_escape(FILE *out, const char *text)
{
    static const char names[] = "entr\\", values[] = "\033\n\t\r\\";
    const char *name = *text ? strchr(names, *text) : NULL;
    char *end;

    if (name) {
        (void)fputc(values[name - names], out);
        return text + 1;
    }
    if (*text == '{')
        return put_many(out, text + 1);
    if (*text == 'x' && strspn(text + 1, "0123456789abcdefABCDEF") >= 2) {
        const char hex[] = {text[1], text[2], '\0'};

        put_character(out, strtoul(hex, NULL, 16));
        return text + 3;
    }
    if (*text == 'u' && text[1] == '{') {
        put_character(out, strtoul(text + 2, &end, 16));
        return *end == '}' ? end + 1 : end;
    }
    (void)fputc('\\', out);
    return text;
}

static const char *put_one(FILE *out, const char *text)
{
    if (*text == '\\')
        return put_escape(out, text + 1);
    do
        (void)fputc(*text++, out);
    while ((*text & 0xc0) == 0x80);
    return text;
}

char *text_plain(const char *text)
{
    char *plain = NULL;
    size_t size = 0;
    FILE *out = need(open_memstream(&plain, &size));

    while (*text)
        text = put_one(out, text);
    if (fclose(out) != 0)
        abort();
    return plain;
}

/* --- times --- */

static int from_now(int64_t *t, const char *word)
{
    int64_t seconds;
    int r = bg_duration_parse(&seconds, word + 1);

    *t = bg_now() + (*word == '-' ? -seconds : seconds);
    return r;
}

int text_time(int64_t *t, const char *word)
{
    char today[BG_TIME_SIZE], full[64];

    if (strcmp(word, "now") == 0) {
        *t = bg_now();
        return 0;
    }
    if ((*word == '-' || *word == '+') && from_now(t, word) == 0)
        return 0;
    bg_time_format(today, bg_now());
    (void)snprintf(full, sizeof full, "%.11s%.20s%sZ", today, word, strlen(word) == 5 ? ":00" : "");
    return bg_time_parse(t, full) == 0 ? 0 : bg_time_parse(t, word);
}
