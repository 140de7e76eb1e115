/* What callers send as a{sv}: rows of the contract, read strictly, so that a misspelt name is not silently
 * another request. */
#pragma once

#include "policy/base/error.h"
#include "policy/base/list.h"
#include "policy/contract/contract.h"

#include <systemd/sd-bus.h>

/* Reads a row; what is not sent is NULL, 0, false or empty. Strings stay the message's, lists are in `words`
 * (to be freed in any case). -EINVAL with a sentence: a name that the row does not have, or another type;
 * what: "a draft". -E2BIG: a list is too long. -ENOMEM. */
int bus_read_row(sd_bus_message *m, const struct bg_row_type *type, void *row, struct bg_list *words,
                 const char *what, struct bg_sentence *err);
