/* SPDX-License-Identifier: ISC */
/* The terminal's clipboard, written by the escape sequence OSC 52, and a sentence about it. */
#include "console/screen/text/clipboard.h"

#include "console/screen/terminal/terminal.h"

#include "console/base/print.h"

static void copy(struct frame *frame, const char *text)
{
    if (term_copy(text) < 0)
        frame_say(frame, STYLE_BAD, "no memory left");
    else
        frame_say(frame, STYLE_PLAIN,
                  "copied to the terminal's clipboard (if it has none, select it with the mouse)");
}

static void plainly(struct frame *frame, const char *text)
{
    term_aside();
    say_block(stdout, "", text);
    term_pause("Press Enter to go back to the console.");
    term_back();
    frame->dirty = true;
}

bool clipboard_command(struct frame *frame, enum command command, const char *text)
{
    if (command != CMD_COPY && command != CMD_PLAINLY)
        return false;
    if (text && command == CMD_COPY)
        copy(frame, text);
    else if (text)
        plainly(frame, text);
    return true;
}
