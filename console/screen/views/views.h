/* The makers of the views, for the application's table; views open each other by frame_open. */
#pragma once

#include "console/screen/frame/frame.h"

view_maker grants_new;
view_maker events_new;
view_maker rules_new;
view_maker approve_new;
view_maker close_new;
view_maker delivery_new;
view_maker details_new;
view_maker help_new;
view_maker host_list_new;
view_maker paste_new;
view_maker redeliver_new;
view_maker request_new;
view_maker review_new;
view_maker sign_elsewhere_new;
view_maker stock_commands_new;
view_maker token_new;
view_maker waiting_new;
