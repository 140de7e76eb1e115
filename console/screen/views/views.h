/* The views, for the application's table; they open each other by frame_open. */
#pragma once

#include "console/screen/frame/frame.h"

#define V(id, name) extern const struct view_type name##_view;
VIEWS_BY_NAME(V)
#undef V
