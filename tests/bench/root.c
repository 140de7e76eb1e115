/* SPDX-License-Identifier: ISC */
/* Stands in for pam_module/root.c in the module that the measurement loads: the host is a scratch folder. */
#include "pam_module/gate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int gate_root_open(struct bg_root *root)
{
    const char *path = getenv("BREAKGLASS_TEST_ROOT");

    return path ? bg_root_open(root, path) : -ENOENT;
}

void gate_root_log(const struct bg_root *root, char *path, size_t size)
{
    const char *folder = getenv("BREAKGLASS_TEST_ROOT");

    (void)root;
    (void)snprintf(path, size, "%s/dev/log", folder ? folder : "");
}
