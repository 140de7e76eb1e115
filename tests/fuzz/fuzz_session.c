/* SPDX-License-Identifier: ISC */
/* Session records: what is read is written back as the same record. */
#include "policy/base/cleanup.h"
#include "policy/record/spool.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct bg_root root = {.fd = -1};

static void drop_root(void)
{
    static const char *const folders[] = {BG_RUN "/sessions", BG_RUN, "run"};

    for (size_t i = 0; i < BG_COUNT(folders); i++)
        (void)unlinkat(root.fd, folders[i], AT_REMOVEDIR);
}

static int open_sessions(void)
{
    static char path[] = "/tmp/fuzz-session-XXXXXX";

    if (root.fd < 0 && (!mkdtemp(path) || bg_root_open(&root, path) < 0 || atexit(drop_root) != 0))
        abort();
    return bg_dir_make(&root, BG_RUN "/sessions", 0700);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char name[] = "4711.99";
    bg_close_ int dir = open_sessions();
    struct bg_session once, twice;

    if (dir < 0 || bg_file_write_volatile_at(dir, name, data, size, 0600) < 0)
        abort();
    if (bg_session_read(&root, name, &once) == 0) {
        if (bg_session_write(&root, &once) < 0 || bg_session_read(&root, name, &twice) < 0)
            abort();
        if (once.pid != twice.pid || once.starttime != twice.starttime || once.kind != twice.kind ||
            once.ends != twice.ends || strcmp(once.grant, twice.grant) != 0)
            abort();
    }
    (void)unlinkat(dir, name, 0);
    return 0;
}
