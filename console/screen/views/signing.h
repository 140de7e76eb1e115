/* Signing from inside: the screen steps aside for ssh-keygen on the same terminal. */
#pragma once

#include "console/screen/frame/frame.h"

#include "policy/statement/token.h"
#include "policy/statement/statement.h"

/* Signs with our key, and comes back whatever happened there. 0, and `item` owns text and signature; else as
 * sign_statement: why was said beside the screen and stands in `err`, and that nothing was signed is said. */
int signing(struct frame *frame, const struct bg_statement *st, struct bg_bundle_item *item,
            struct bg_sentence *err);
