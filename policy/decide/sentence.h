/* The sentences of an answer, for a tired person. Internal to decide. */
#pragma once

#include "policy/decide/decide.h"

/* Sets answer->sentence for every state but REFUSED, which has its own. -ENOMEM only. */
int bg_decide_sentence(struct bg_answer *answer, const struct bg_policy *policy,
                       const struct bg_signers *signers, const struct bg_grant *grant,
                       const struct bg_question *question);
