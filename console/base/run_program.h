/* Running a stock program without a shell: its input and output are ours, its terminal and its complaints the
 * user's. */
#pragma once

#include "policy/base/error.h"

#include <stddef.h>
#include <stdbool.h>

/* argv[0] is looked up in PATH. `input` (may be NULL; at most 64 KiB) is its standard input; what it prints,
 * at most `cap` bytes, goes to *output (NUL-terminated, to be freed). key_fd >= 0 becomes its descriptor 3.
 * quiet: its standard error is thrown away. Gives its exit status, or -errno with a sentence. */
int run_program(char *const argv[], const char *input, size_t input_len, int key_fd, bool quiet, size_t cap,
                char **output, size_t *output_len, struct bg_sentence *err);
