/* Base64 of what is public. libsodium's decoder runs in constant time, for secrets; the gate decodes all of
 * signers and every signature at each login, ten times quicker so. */
#pragma once

#include <stddef.h>

/* Strict (RFC 4648, section 4): whole groups, padded, spare bits 0. Blanks and line ends (" \t\r\n") between
 * the characters do not count. 0, or -EINVAL where it is not base64 or more than `size` bytes. */
int bg_base64_decode(unsigned char *out, size_t size, size_t *out_len, const char *text, size_t len);
