/* Runs a program of the system's (sshd, systemctl): no shell, no terminal, a clean environment, bounded
 * output. */
#pragma once

#include "policy/base/error.h"

/* argv[0] is the absolute path. *output (to be freed, NUL-terminated, at most 256 KiB) holds standard output
 * and standard error together; NULL: not wanted. Gives the exit status, 128 + the signal, or -errno with a
 * sentence. */
int gate_run(const char *const *argv, char **output, struct bg_sentence *err);
