/* What a person reads before they approve or close: the same at the verb and on the screen. */
#pragma once

#include "console/action/answer.h"
#include "console/base/page.h"

/* The request as it was signed, what is unusual about it first; or the grant, and what a close ends. */
void answer_text(struct page *page, const struct answer *a);
