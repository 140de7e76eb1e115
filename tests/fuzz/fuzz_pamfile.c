/* SPDX-License-Identifier: ISC */
/* PAM service files: reading never fails but for lack of memory, the lines are the file, and editing twice is
 * editing once. */
#include "console/gate/pam.h"
#include "policy/pamfile/pamfile.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CALL "pam_breakglass.so accounts=root"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool yes)
{
    if (!yes)
        abort();
}

static void read_lines(const char *text, size_t len)
{
    struct bg_pamline line = {0};
    const char *at = text;
    size_t left = len;
    unsigned last = 0;
    bool optional;

    while (bg_pamline_next(&line, &at, &left) > 0) {
        must(line.len > 0 && line.number > last && line.start >= text && line.start + line.len == at);
        last = line.number;
        (void)bg_pamline_type(&line, &optional);
        (void)bg_pamline_ours(&line);
        bg_pamline_free(&line);
    }
    must(left == 0 && at == text + len);
}

static void edit(const char *text, size_t len, const char *call)
{
    char *once = NULL, *twice = NULL;
    size_t once_len, twice_len;

    if (gate_pam_edit(&once, &once_len, text, len, call, NULL) < 0) {
        must(memchr(text, '\0', len) != NULL);
        return;
    }
    must(gate_pam_edit(&twice, &twice_len, once, once_len, call, NULL) == 0);
    must(once_len == twice_len && memcmp(once, twice, once_len) == 0);
    free(once);
    free(twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Exactly as long as it is: one byte beyond is an error. */
    char *text = malloc(size ? size : 1);

    must(text != NULL);
    if (size)
        memcpy(text, data, size);
    read_lines(text, size);
    edit(text, size, CALL);
    edit(text, size, NULL);
    free(text);
    return 0;
}
