/* What all views do that are a text to be read: where their own functions leave something, the application
 * calls these. */
#pragma once

#include "console/screen/frame/frame.h"

void text_view_paint(struct view *view, struct canvas *c, struct area area);
bool text_view_foot(struct view *view, struct canvas *c);
bool text_view_key(struct view *view, int key);
bool text_view_command(struct view *view, enum command command);
