/* Asking the person at the terminal; the default is no. */
#pragma once

#include <stdbool.h>

/* Whether `wanted` was typed, in answer to the question, on the terminal itself (the input may be something
 * else). */
bool confirm(const char *question, const char *wanted);
