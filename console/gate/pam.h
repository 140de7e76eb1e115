/* The gate's line in a PAM service file: put in, taken out, atomically and as often as one likes. */
#pragma once

#include "policy/base/error.h"
#include "policy/base/file.h"
#include "policy/pamfile/gateline.h"

#include <stdbool.h>
#include <stddef.h>

/* The text of a service file with our line first (call: "pam_breakglass.so accounts=root"), or
 * without it (NULL). Older versions' two lines go in either case. Whatever else is in it stays byte for byte.
 * *out is to be freed. 0, -EINVAL with a sentence for a file that is not text, or -ENOMEM. */
int gate_pam_edit(char **out, size_t *out_len, const char *text, size_t len, const char *call,
                  struct bg_sentence *err);

/* "root,postgres"; to be freed, NULL without memory. */
char *gate_pam_accounts(const struct bg_list *accounts);
/* "MODULE accounts=root,postgres observe until=…". To be freed; NULL without memory. */
char *gate_pam_call(const char *module, const struct bg_gateline *line);

/* One service file: its text, as it was when read, and the mode that it keeps. */
struct gate_pam_file {
    char *text;
    size_t len;
    unsigned mode;
};
int gate_pam_read(const struct bg_root *root, const char *service, struct gate_pam_file *file,
                  struct bg_sentence *err);
int gate_pam_write(const struct bg_root *root, const char *service, const char *text, size_t len,
                   unsigned mode, struct bg_sentence *err);
void gate_pam_free(struct gate_pam_file *file);

/* Names of the service files that call our module, sorted; those that cannot be read are left out. */
int gate_pam_services(const struct bg_root *root, struct bg_list *services);
/* What our lines in that text say: the first line's arguments, parsed. -ENOENT without a line of ours,
 * -EINVAL with a sentence for one that does not parse. */
int gate_pam_line(const char *text, size_t len, struct bg_gateline *line, struct bg_sentence *err);
