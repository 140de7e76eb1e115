/* Paints the whole screen. */
#pragma once

#include "console/screen/frame/frame.h"

void paint_all(struct frame *frame);
/* Whether too little fits for anything to be decided on it. */
bool paint_too_small(const struct canvas *c);
/* How often it is to be painted while nothing happens. */
enum pace paint_pace(struct frame *frame);
