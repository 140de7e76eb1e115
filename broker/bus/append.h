/* Rows of the contract onto the wire. */
#pragma once

#include "policy/contract/contract.h"

#include <systemd/sd-bus.h>

/* Appends a row as a{sv}, by the table of its type. What may be missing and is empty is left out; a NULL
 * string is "". 0 or a negative errno from sd-bus. */
int bus_append_row(sd_bus_message *m, const struct bg_row_type *type, const void *row);
/* About how many bytes that takes. */
size_t bus_row_size(const struct bg_row_type *type, const void *row);
