/* The terminal. The only file that touches it: opening, painting, keys, stepping aside for another program,
 * and leaving it as it was, also after a crash. */
#pragma once

#include "console/screen/terminal/canvas.h"
#include "policy/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A key: a character (its code point), a control character (below 32), or one of these. */
enum {
    KEY_NOTHING = -1,
    TERM_UP = 0x200000,
    TERM_DOWN,
    TERM_LEFT,
    TERM_RIGHT,
    TERM_PAGE_UP,
    TERM_PAGE_DOWN,
    TERM_HOME,
    TERM_END,
    TERM_DELETE,
    TERM_BACKSPACE,
    TERM_BACK_TAB,
    TERM_ENTER,
    TERM_ESCAPE,
    TERM_F1,
    TERM_PASTED, /* term_pasted() has the text */
};
#define TERM_CTRL(letter) ((letter)&0x1f)

/* Whether there is a terminal that a screen can be shown on: a terminal that is not dumb. */
bool term_fits(void);
/* Takes the terminal over. 0, or -errno with a sentence. TERM unknown here: -ENOENT. colour: false shows none
 * whatever the terminal can. */
int term_open(bool colour, struct bg_sentence *err);
void term_close(void);
bool term_is_utf8(void);
/* Asks the terminal how large it is now. */
void term_size(int *rows, int *cols);
/* Brings it to the screen; what is already there is not sent again. */
void term_paint(const struct canvas *c);
/* Everything is sent again at the next paint. */
void term_redraw(void);
/* The next key that has arrived, or KEY_NOTHING. Never waits. */
int term_key(void);
/* What was pasted last; NUL-terminated, len without it. Valid until the next key. */
const char *term_pasted(size_t *len);
void term_beep(void);

/* Steps aside: the terminal is as it was before, for what another program asks and says there. */
void term_aside(void);
/* Waits for Enter, so that what was said can be read; only between term_aside and term_back. */
void term_pause(const char *sentence);
/* Takes the terminal back, whatever state it was left in. */
void term_back(void);
/* Stops the program as Ctrl-Z does elsewhere, and comes back when it goes on. */
void term_suspend(void);
/* Puts a text into the clipboard of the terminal (OSC 52), where it allows that. */
int term_copy(const char *text);
