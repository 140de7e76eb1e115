/* Options of one verb: each verb has its own table, so an option of another verb is an error. */
#pragma once

#include "policy/base/error.h"
#include "policy/base/list.h"

#include <stdbool.h>

/* Exactly one of flag, value and list is set and says what the option takes. Ends with a NULL name. */
struct option_spec {
    const char *name;     /* without dashes */
    char letter;          /* 'H' for -H; 0 for none */
    bool *flag;           /* takes nothing */
    const char **value;   /* takes one value, once; points into argv */
    struct bg_list *list; /* takes a value, any number of times */
};

/* Parses argv[1..argc): options in any place until "--", and the other words into `words`. 0; -EINVAL with a
 * sentence; -ENOMEM. */
int options_parse(const struct option_spec *specs, int argc, char **argv, struct bg_list *words,
                  struct bg_sentence *err);
/* A number from 1 to max, in decimal digits only. */
bool option_number(const char *text, unsigned max, unsigned *number);
