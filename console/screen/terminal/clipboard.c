/* SPDX-License-Identifier: ISC */
#include "console/screen/terminal/clipboard.h"

#include "console/screen/terminal/terminal.h"

#include "console/base/print.h"

static void copy(struct app *app, const char *text)
{
    if (term_copy(text) < 0)
        app_say(app, STYLE_BAD, "no memory left");
    else
        app_say(app, STYLE_PLAIN,
                "given to the terminal's clipboard (if it takes none, select it with the mouse)");
}

static void plainly(struct app *app, const char *text)
{
    term_aside();
    say_block(stdout, "", text);
    term_pause("Press Enter to go back to the console.");
    term_back();
    app->dirty = true;
}

bool clipboard_command(struct app *app, enum command command, const char *text)
{
    if (command != CMD_COPY && command != CMD_PLAINLY)
        return false;
    if (text && command == CMD_COPY)
        copy(app, text);
    else if (text)
        plainly(app, text);
    return true;
}
