/* The words of `text KIND …`, from a command line or from the front door. */
#pragma once

#include "policy/base/error.h"
#include "console/action/request_terms.h"
#include "policy/base/list.h"
#include "policy/statement/statement.h"

struct text_words {
    struct bg_draft_row draft; /* the parameters of Draft; they point to the rest and to argv */
    struct bg_list plain;
    struct request_terms terms;
    const char *verdict, *note;
};

/* argv[0] is "text". Gives the kind and the words, to be freed in any case. destinations: gets -H; NULL where
 * no other host may be named (the front door). this_host: for a request without --host. -EINVAL with a
 * sentence, -ENOMEM. */
int text_words_parse(int argc, char **argv, struct bg_list *destinations, const char *this_host,
                     enum bg_kind *kind, struct text_words *w, struct bg_sentence *err);
void text_words_free(struct text_words *w);
