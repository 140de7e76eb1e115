/* Agreeing to a request. */
#pragma once

#include "console/screen/app.h"

#include "policy/statement/token.h"

/* To one that was pasted; no host need be reachable. NULL, having said why, where it is no request. */
struct view *approve_pasted_new(struct app *app, const struct bg_bundle_item *item);
