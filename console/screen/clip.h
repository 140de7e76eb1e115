/* Something to be taken elsewhere: the terminal's clipboard, with a word about it. */
#pragma once

#include "app.h"

void clip(struct app *app, const char *text);
/* On the terminal without the screen: to be selected with the mouse, whatever its length. */
void plainly(struct app *app, const char *text);
