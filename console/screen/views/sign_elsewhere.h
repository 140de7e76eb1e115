/* A request that no host may sign: what to type on one's own machine, where the key is. */
#pragma once

#include "console/screen/app.h"

#include "console/action/request_terms.h"

/* Keeps nothing of the wish. */
struct view *sign_elsewhere_new(struct app *app, const struct request_terms *wish);
