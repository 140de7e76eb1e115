/* The words of `text KIND …`, from a command line or from the front door. */
#pragma once

#include "policy/base/error.h"
#include "console/client/values.h"
#include "policy/base/list.h"
#include "policy/statement/statement.h"

/* argv[0] is "text". Gives the kind and the Draft parameters (to be put). destinations: gets -H; NULL where
 * no other host may be named (the front door). this_host: for a request without --host. -EINVAL with a
 * sentence, -ENOMEM. */
int text_words(int argc, char **argv, struct bg_list *destinations, const char *this_host, enum bg_kind *kind,
               json_object **params, struct bg_sentence *err);
