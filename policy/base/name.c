/* SPDX-License-Identifier: ISC */
/* What a name may consist of, how globs match it, and how a request's ID is made and shown. */
#include "policy/base/name.h"

#include <errno.h>
#include <string.h>

static const char crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static bool lower_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* [a-z0-9._-]{1,max}, not starting with '.' or '-'. */
static bool is_word(const char *s, size_t len, size_t max)
{
    if (len == 0 || len > max || s[0] == '.' || s[0] == '-')
        return false;
    for (size_t i = 0; i < len; i++)
        if (!lower_or_digit(s[i]) && s[i] != '.' && s[i] != '_' && s[i] != '-')
            return false;
    return true;
}

bool bg_is_person(const char *s)
{
    return is_word(s, strlen(s), 64);
}

bool bg_is_role(const char *s)
{
    return bg_is_person(s);
}

bool bg_is_host(const char *s)
{
    return is_word(s, strlen(s), 253) && !strstr(s, "..");
}

bool bg_is_account(const char *s)
{
    size_t len = strlen(s);

    if (len == 0 || len > 32 || !((s[0] >= 'a' && s[0] <= 'z') || s[0] == '_'))
        return false;
    for (size_t i = 1; i < len; i++)
        if (!lower_or_digit(s[i]) && s[i] != '_' && s[i] != '.' && s[i] != '-')
            return false;
    return true;
}

bool bg_is_credential(const char *s)
{
    if (strlen(s) > 200)
        return false;
    for (;;) {
        size_t len = strcspn(s, "/");
        if (!is_word(s, len, 200))
            return false;
        if (s[len] == '\0')
            return true;
        s += len + 1;
    }
}

bool bg_glob(const char *pattern, const char *s)
{
    /* The last '*' and how far it has eaten: going back there is all the backtracking a glob needs. */
    const char *star = NULL, *eaten = NULL;

    while (*s) {
        if (*pattern == '*') {
            star = pattern++;
            eaten = s;
        } else if (*pattern == '?' || *pattern == *s) {
            pattern++;
            s++;
        } else if (star) {
            pattern = star + 1;
            s = ++eaten;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

void bg_hex(char out[BG_DIGEST_HEX], const unsigned char digest[BG_DIGEST_BYTES])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < BG_DIGEST_BYTES; i++) {
        out[2 * i] = digits[digest[i] >> 4];
        out[2 * i + 1] = digits[digest[i] & 15];
    }
    out[BG_DIGEST_HEX - 1] = '\0';
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

int bg_unhex(unsigned char digest[BG_DIGEST_BYTES], const char *hex)
{
    if (strlen(hex) != BG_DIGEST_HEX - 1)
        return -EINVAL;
    for (size_t i = 0; i < BG_DIGEST_BYTES; i++) {
        int high = nibble(hex[2 * i]), low = nibble(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return -EINVAL;
        digest[i] = (unsigned char)(high << 4 | low);
    }
    return 0;
}

void bg_id_from_digest(char out[BG_ID_SIZE], const unsigned char digest[BG_DIGEST_BYTES])
{
    uint64_t bits = 0;

    for (size_t i = 0; i < 8; i++)
        bits = bits << 8 | digest[i];
    for (size_t i = 0; i < BG_ID_CHARS; i++)
        out[i] = crockford[bits >> (59 - 5 * i) & 31];
    out[BG_ID_CHARS] = '\0';
}

void bg_id_show(char out[BG_ID_SHOWN_SIZE], const char *id)
{
    size_t used = 0;

    for (size_t i = 0; id[i] && i < BG_ID_CHARS; i++) {
        if (i == 4 || i == 8)
            out[used++] = '-';
        out[used++] = id[i];
    }
    out[used] = '\0';
}

int bg_id_parse(char out[BG_ID_SIZE], const char *typed)
{
    size_t used = 0;

    for (; *typed; typed++) {
        char c = *typed;
        if (c == '-')
            continue;
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (c == 'O')
            c = '0';
        else if (c == 'I' || c == 'L')
            c = '1';
        if (!strchr(crockford, c) || used == BG_ID_CHARS)
            return -EINVAL;
        out[used++] = c;
    }
    out[used] = '\0';
    return used >= 4 ? 0 : -EINVAL;
}

bool bg_is_id(const char *s)
{
    return strlen(s) == BG_ID_CHARS && strspn(s, crockford) == BG_ID_CHARS;
}
