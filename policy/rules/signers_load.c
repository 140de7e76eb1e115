/* SPDX-License-Identifier: ISC */
/* The signers of a host. A file that cannot be used enrols nobody. */
#include "policy/rules/files.h"
#include "policy/rules/signers.h"

static int add(void *signers, const char *file, const char *text, size_t len)
{
    return bg_signers_parse(signers, file, text, len);
}

int bg_signers_load(struct bg_signers *signers, const struct bg_root *root)
{
    struct bg_rule_files files = {
        .main = "signers",
        .folder = "signers.d",
        .add = add,
        .rules = signers,
        .problems = &signers->problems,
        .changed = &signers->changed,
    };
    int r = bg_rule_files_read(&files, root);

    bg_signers_settle(signers);
    return r;
}
