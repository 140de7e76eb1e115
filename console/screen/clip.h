/* Something to be taken elsewhere: the terminal's clipboard, with a word about it. */
#pragma once

#include "app.h"

void clip(struct app *app, const char *text);
