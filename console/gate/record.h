/* /etc/breakglass/gate: what was turned on, a line a service, "SERVICE accounts=… [observe] [until=…]".
 * Written by `gate on`, `keep` and `off`; `gate status` compares with it. */
#pragma once

#include "policy/base/error.h"
#include "policy/base/file.h"
#include "policy/base/list.h"

/* Every line, in the file's order; none where there is no file. 0, or -errno with a sentence. */
int gate_record_read(const struct bg_root *root, struct bg_list *lines, struct bg_sentence *err);
/* The service's line in such a list, or NULL. */
const char *gate_record_find(const struct bg_list *lines, const char *service);
/* The service that a line is about, to be freed; NULL without memory. */
char *gate_record_service(const char *line);
/* Writes the service's line (as gate_pam_call makes it, with the service's name in the module's place), or
 * takes it out (NULL). */
int gate_record_write(const struct bg_root *root, const char *service, const char *line,
                      struct bg_sentence *err);
