/* SPDX-License-Identifier: ISC */
/* Text from others becomes safe to show: no control character, no broken UTF-8, no bidirectional trick. */
#include "policy/base/clean.h"

#include "policy/base/cleanup.h"

#include <stdint.h>
#include <string.h>

/* Decodes one well-formed UTF-8 character (RFC 3629: no surrogates, no over-long forms). Gives its length, 0
 * if the bytes are not one. */
static size_t decode(const unsigned char *s, size_t left, uint32_t *c)
{
    static const struct {
        unsigned char mask, lead;
        size_t len;
        uint32_t least;
    } forms[] = {{0x80, 0x00, 1, 0}, {0xe0, 0xc0, 2, 0x80}, {0xf0, 0xe0, 3, 0x800}, {0xf8, 0xf0, 4, 0x10000}};

    for (size_t f = 0; f < 4; f++) {
        if ((s[0] & forms[f].mask) != forms[f].lead)
            continue;
        if (left < forms[f].len)
            return 0;
        uint32_t value = s[0] & (unsigned char)~forms[f].mask;
        for (size_t i = 1; i < forms[f].len; i++) {
            if ((s[i] & 0xc0) != 0x80)
                return 0;
            value = value << 6 | (s[i] & 0x3f);
        }
        if (value < forms[f].least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
            return 0;
        *c = value;
        return forms[f].len;
    }
    return 0;
}

/* Whether a character may reach a terminal: it shows something or is a plain space, and moves nothing else.
 */
static bool harmless(uint32_t c)
{
    /* Ranges that are not: controls, zero-width and bidirectional formats, separators of lines, invisible
     * fillers, private use, tags and everything of planes 14 to 16. */
    static const uint32_t refused[][2] = {
        {0x0000, 0x001f}, {0x007f, 0x009f}, {0x00ad, 0x00ad}, {0x034f, 0x034f},    {0x061c, 0x061c},
        {0x115f, 0x1160}, {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f},    {0x2028, 0x202e},
        {0x2060, 0x206f}, {0x3164, 0x3164}, {0xe000, 0xf8ff}, {0xfdd0, 0xfdef},    {0xfe00, 0xfe0f},
        {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0xe0000, 0x10ffff},
    };
    for (size_t i = 0; i < BG_COUNT(refused); i++)
        if (c >= refused[i][0] && c <= refused[i][1])
            return false;
    return (c & 0xfffe) != 0xfffe;
}

/* Printable ASCII, which is nearly all there is. */
static bool is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte < 0x7f;
}

size_t bg_clean_bytes(char *out, size_t size, const void *bytes, size_t len)
{
    const unsigned char *s = bytes;
    size_t used = 0;

    for (size_t i = 0; i < len;) {
        if (is_plain(s[i])) {
            if (used + 1 >= size)
                break;
            out[used++] = (char)s[i++];
            continue;
        }
        uint32_t c;
        size_t n = decode(s + i, len - i, &c);
        bool keep = n > 0 && harmless(c);
        size_t want = keep ? n : 1;
        if (used + want >= size)
            break;
        if (keep)
            memcpy(out + used, s + i, n);
        else
            out[used] = n == 1 && (c == '\n' || c == '\t') ? ' ' : '?';
        used += want;
        i += n > 0 ? n : 1;
    }
    out[used] = '\0';
    return used;
}

size_t bg_clean(char *out, size_t size, const char *text)
{
    return bg_clean_bytes(out, size, text, strlen(text));
}

bool bg_is_clean(const char *text, size_t len)
{
    const unsigned char *s = (const unsigned char *)text;

    for (size_t i = 0; i < len;) {
        if (is_plain(s[i])) {
            i++;
            continue;
        }
        uint32_t c;
        size_t n = decode(s + i, len - i, &c);
        if (n == 0 || !harmless(c))
            return false;
        i += n;
    }
    return true;
}
