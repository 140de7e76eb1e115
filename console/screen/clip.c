#include "clip.h"

#include "terminal.h"

void clip(struct app *app, const char *text)
{
    if (term_copy(text) < 0)
        app_say(app, STYLE_BAD, "no memory left");
    else
        app_say(app, STYLE_PLAIN,
                "given to the terminal's clipboard (if it takes none, select it with the mouse)");
}
