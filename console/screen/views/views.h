/* The views, for the application's table; they open each other by frame_open. */
#pragma once

#include "console/screen/frame/frame.h"

extern const struct view_type grants_view, events_view, rules_view;
extern const struct view_type approve_view, close_view, delivery_view, details_view, help_view,
    host_list_view, paste_view, redeliver_view, request_view, review_view, sign_elsewhere_view,
    stock_commands_view, token_view, waiting_view;
