/* The one function through which text from others goes before a person, a log or a terminal sees it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Writes `text` into out[0..size) so that it is one line which moves no cursor, changes no colour and hides
 * nothing: well-formed UTF-8 only; C0, DEL, C1, U+2028/2029, bidirectional and zero-width format controls,
 * tags, private use and noncharacters become '?'; a newline or tab becomes a space. Cut at a character
 * boundary where it does not fit. Always NUL-terminated (size >= 1). Gives back the length written. */
size_t bg_clean(char *out, size_t size, const char *text);
/* As bg_clean, for a buffer of known length that may hold NUL. */
size_t bg_clean_bytes(char *out, size_t size, const void *bytes, size_t len);
/* Whether the bytes are already clean: bg_clean would change nothing. */
bool bg_is_clean(const char *text, size_t len);
