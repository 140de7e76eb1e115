#include "clip.h"

#include "terminal.h"

#include "say.h"

void clip(struct app *app, const char *text)
{
    if (term_copy(text) < 0)
        app_say(app, STYLE_BAD, "no memory left");
    else
        app_say(app, STYLE_PLAIN,
                "given to the terminal's clipboard (if it takes none, select it with the mouse)");
}

void plainly(struct app *app, const char *text)
{
    term_aside();
    say_block(stdout, "", text);
    term_pause("Press Enter to go back to the console.");
    term_back();
    app->dirty = true;
}
