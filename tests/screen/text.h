/* How the words of a scenario are written. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Takes the next word off *rest, which then begins at the one after it; "" at the end. */
char *text_word(char **rest);
/* \e \n \t \\ \xHH \u{HEX} and \{N}c (the character c, repeated N times) made into what they stand for; what
 * is no such thing stands for itself. To be freed. */
char *text_plain(const char *text);
/* RFC 3339; "14:02" or "14:02:31" of today; "now"; "-3m" and "+20m" from now. 0 or -EINVAL. */
int text_time(int64_t *t, const char *word);
/* "yes", or nothing. */
bool text_yes(const char *word);
