/* SPDX-License-Identifier: ISC */
/* Base64 by table lookup: quick, because what is decoded at each login is public. */
#include "policy/base/base64.h"

#include <errno.h>
#include <stdint.h>

#define PAD 65
#define BLANK 66

int bg_base64_decode(unsigned char *out, size_t size, size_t *out_len, const char *text, size_t len)
{
    /* clang-format off */
    static const unsigned char values[256] = { /* value + 1; 0 is none */
        ['A'] = 1, ['B'] = 2, ['C'] = 3, ['D'] = 4, ['E'] = 5, ['F'] = 6, ['G'] = 7, ['H'] = 8,
        ['I'] = 9, ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
        ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
        ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
        ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
        ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
        ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
        ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
        ['='] = PAD, [' '] = BLANK, ['\t'] = BLANK, ['\r'] = BLANK, ['\n'] = BLANK,
    };
    /* clang-format on */
    uint32_t group = 0; /* of four characters, 24 bits */
    size_t n = 0, characters = 0, padding = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned value = values[(unsigned char)text[i]];
        if (value == BLANK)
            continue;
        if (value == PAD)
            padding++;
        else if (value == 0 || padding > 0)
            return -EINVAL;
        group = group << 6 | (value == PAD ? 0 : value - 1);
        if (++characters % 4 != 0)
            continue;
        /* What padding cuts off is 0, so that each text has one form. */
        if (padding > 2 || (group & ((1u << 8 * padding) - 1)) != 0 || size - n < 3 - padding)
            return -EINVAL;
        for (size_t k = 0; k < 3 - padding; k++)
            out[n++] = (unsigned char)(group >> (16 - 8 * k));
        group = 0;
    }
    if (characters % 4 != 0)
        return -EINVAL;
    *out_len = n;
    return 0;
}
