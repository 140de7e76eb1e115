/* Rows of the contract as tests write them down: JSON, by the names of the fields. */
#pragma once

#include "console/client/values.h"

/* An object, or an array of them, as a host would answer it to `method`. What is not told is empty; a value
 * of another type than the field's is passed over. To be unref'd; never NULL. */
struct reply *rows_of(enum bg_method method, const char *json);
